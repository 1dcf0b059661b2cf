"""From a choice to the designer that answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import ModelSettings
from autoreward.designer.choose import make_designer
from autoreward.designer.compose.compose import Compose
from autoreward.designer.llm import LLMDesigner
from autoreward.designer.manual import Manual, answer_file
from autoreward.designer.prompts import render
from autoreward.errors import ConfigError
from autoreward.llm.resolve import Choice, choose
from autoreward.process_environment import ModelEnvironment
from tests.designer.compose.test_compose import brief
from tests.designer.env_specs import RUNNER

NOTHING = ModelEnvironment()


def chosen(model: str | None, base_url: str | None = None) -> tuple[Choice, ModelSettings]:
    settings = ModelSettings(model=model, base_url=base_url)
    return choose(settings, NOTHING, servers=[]), settings


@pytest.mark.parametrize("model", [None, "compose"])
def test_without_a_model_the_embedded_designer_answers(model: str | None, tmp_path: Path) -> None:
    assert isinstance(make_designer(*chosen(model), NOTHING, tmp_path), Compose)


def test_manual_finds_the_answers_in_the_folder_of_the_run(tmp_path: Path) -> None:
    designer = make_designer(*chosen("manual"), NOTHING, tmp_path)
    assert isinstance(designer, Manual)
    prompt = render(brief(RUNNER, "Run forward."), "g00c00")
    answer = answer_file(tmp_path, [prompt])
    answer.parent.mkdir()
    answer.write_text("## g00c00\n```python\nx = 1\n```\n")
    designer.prepare([prompt])
    assert "x = 1" in designer.complete(prompt).text


def test_a_model_on_this_machine_needs_no_key(tmp_path: Path) -> None:
    designer = make_designer(*chosen("vllm/m", "http://127.0.0.1:9/v1"), NOTHING, tmp_path)
    assert isinstance(designer, LLMDesigner)
    assert (designer.name, designer.is_llm) == ("vllm/m", True)
    designer.stop()


def test_a_paid_model_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        make_designer(*chosen("openai/gpt-5"), NOTHING, tmp_path)
