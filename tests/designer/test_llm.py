"""The LLM designer: the words that are sent, the reply that comes back, all over a real connection."""

from __future__ import annotations

from pathlib import Path

from autoreward.config import ModelSettings
from autoreward.designer.choose import make_designer
from autoreward.designer.parse import parse
from autoreward.designer.prompts import render
from autoreward.llm.resolve import choose
from autoreward.process_environment import ModelEnvironment
from tests.designer.compose.test_compose import brief
from tests.designer.env_specs import RUNNER
from tests.loopback import LoopbackServer, fails, program_for, says

NOTHING = ModelEnvironment()


def test_compose_where_nothing_is_configured() -> None:
    designer = make_designer(choose(ModelSettings(), NOTHING, servers=[]), ModelSettings(), NOTHING, Path())
    assert (designer.name, designer.is_llm) == ("compose", False)
    designer.stop()


def test_a_prompt_goes_out_and_a_program_comes_back() -> None:
    prompt = render(brief(RUNNER, "Run forward."), "g00c00")
    with LoopbackServer(default=program_for) as server:
        settings = ModelSettings(model="openai/gpt-5", base_url=server.url)
        designer = make_designer(choose(settings, NOTHING), settings, NOTHING, Path())
        completion = designer.complete(prompt)
        again = designer.complete(prompt)
    assert designer.is_llm
    assert (completion.prompt, completion.designer) == ("g00c00", "openai/gpt-5")
    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (100, 50)
    assert completion.text == again.text  # the server answers the same to the same question
    assert (completion.status, completion.finish_reason, completion.model) == ("answered", "stop", "gpt-5")
    assert completion.tries == 1 and completion.latency is not None and completion.latency > 0.0
    sent = server.requests[0].body["messages"]
    assert [(one["role"], one["content"]) for one in sent] == [(one.role, one.content) for one in prompt.messages]
    assert parse(completion, "g00c00", 0).source.startswith('"""Small actions')


def test_a_person_hears_of_waits() -> None:
    lines: list[str] = []
    with LoopbackServer([fails(503, retry_after=0), says("fine")]) as server:
        settings = ModelSettings(model="vllm/m", base_url=server.url)
        designer = make_designer(choose(settings, NOTHING), settings, NOTHING, Path(), notify=lines.append)
        assert designer.complete(render(brief(RUNNER, "Run."), "g00c00")).text == "fine"
    assert len(lines) == 1 and lines[0].startswith("The language model failed: status 503: as ordered; next try in")
