"""Other providers through litellm, against a real server on this machine, and what is refused before its import."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from autoreward.config import ModelSettings
from autoreward.environment.stills import png
from autoreward.errors import ConfigError, ModelAccessError, ModelOutageError
from autoreward.llm.litellm_model import LiteLLMModel, check_release
from autoreward.llm.price import cost_of
from autoreward.llm.resolve import choose, open_model
from autoreward.llm.retry import RetryPolicy
from autoreward.process_environment import ModelEnvironment, worker_environment
from autoreward.records import Message, Usage
from tests.loopback import Answer, LoopbackServer, broken_json, empty_choices, fails, images_of, packed, says

NOTHING = ModelEnvironment()
QUESTION = [Message(role="system", content="be brief"), Message(role="user", content="hello?")]
pytestmark = pytest.mark.filterwarnings("ignore")  # litellm's and its own dependencies' deprecations


@pytest.fixture
def litellm() -> None:
    pytest.importorskip("litellm", reason="the extra litellm is not installed")


def model(server: LoopbackServer, waits: list[float], name: str = "litellm/openai/gpt-5") -> LiteLLMModel:
    return LiteLLMModel(name, RetryPolicy(100.0, sleep=waits.append), server.url)


@pytest.mark.parametrize(
    ("name", "through"),
    [("anthropic/claude-x", True), ("gemini/pro", True), ("litellm/openai/m", True), ("openai/m", False)],
)
def test_providers_without_an_openai_address_go_through_litellm(name: str, through: bool) -> None:
    choice = choose(ModelSettings(model=name), NOTHING)
    assert (choice.name, choice.litellm, choice.is_llm, choice.may_cost) == (name, through, True, True)
    assert not choose(ModelSettings(model="mine/m", base_url="http://127.0.0.1:1/v1"), NOTHING).litellm


@pytest.mark.parametrize("release", ["1.82.7", "1.82.8"])
def test_compromised_releases_are_refused(release: str) -> None:
    with pytest.raises(ConfigError, match=f"{release} is a compromised release"):
        check_release(release)


def test_it_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match="not installed") as caught:
        check_release(None)
    assert caught.value.remedy == "pip install 'autoreward[litellm]'"
    check_release("1.106.2")


@pytest.mark.usefixtures("litellm")
def test_a_reply_with_usage_and_price() -> None:
    waits: list[float] = []
    with LoopbackServer([says("hi", input_tokens=1000, output_tokens=200)]) as server:
        reply = model(server, waits).ask(QUESTION)
    assert reply.text == "hi"
    # 1.25 $ a million tokens in, 10 $ out
    assert reply.usage == Usage(calls=1, input_tokens=1000, output_tokens=200, cost=0.00325)
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.body["model"] == "gpt-5"
    assert request.body["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hello?"},
    ]


@pytest.mark.usefixtures("litellm")
@pytest.mark.parametrize("failure", [fails(429, retry_after=0), fails(500), fails(503), broken_json(), empty_choices()])
def test_a_passing_failure_is_tried_again_by_us_alone(failure: object) -> None:
    waits: list[float] = []
    with LoopbackServer([failure, says("hi")]) as server:  # type: ignore[list-item]
        assert model(server, waits).ask(QUESTION).text == "hi"
    assert len(server.requests) == 2
    assert len(waits) == 1


@pytest.mark.usefixtures("litellm")
def test_a_refused_key_names_the_providers_variable() -> None:
    refused = fails(401, message="no such key sk-abc123456789")
    with LoopbackServer([refused]) as server, pytest.raises(ModelAccessError) as caught:
        model(server, []).ask(QUESTION)
    assert "sk-abc" not in str(caught.value)
    assert "OPENAI_API_KEY" in caught.value.remedy
    assert len(server.requests) == 1


@pytest.mark.usefixtures("litellm")
def test_an_outage_ends_within_its_budget() -> None:
    with LoopbackServer(default=fails(503)) as server:
        asked = LiteLLMModel("litellm/openai/m", RetryPolicy(0.0), server.url)
        with pytest.raises(ModelOutageError):
            asked.ask(QUESTION)


@pytest.mark.usefixtures("litellm")
def test_a_missing_key_is_said_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    settings = ModelSettings(model="anthropic/claude-sonnet-4-5")
    with pytest.raises(ConfigError, match="needs ANTHROPIC_API_KEY"):
        open_model(choose(settings, NOTHING), settings, NOTHING)


@pytest.mark.usefixtures("litellm")
def test_its_import_asks_nothing_of_the_network() -> None:
    """In a process in which no socket can be connected."""
    code = (
        "import socket\n"
        "def refuse(*given): raise SystemExit(f'connects to {given}')\n"
        "socket.socket.connect = refuse\n"
        "socket.getaddrinfo = refuse\n"
        "from autoreward.llm.litellm_model import load_litellm\n"
        "load_litellm()\n"
    )
    environment = worker_environment(PYTHONPATH=os.pathsep.join(sys.path))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_prices_of_other_providers_are_known() -> None:
    assert cost_of("anthropic/claude-sonnet-4-5", 1000, 0) == pytest.approx(0.003)  # 3 $ a million
    assert cost_of("gemini/gemini-2.5-pro", 1000, 1000) is not None
    assert cost_of("litellm/openai/gpt-5", 1000, 200) == pytest.approx(0.00325)
    assert cost_of("unheard/of", 1, 1) is None


@pytest.mark.usefixtures("litellm")
@pytest.mark.parametrize("name", ["litellm/openai/gpt-5", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"])
@pytest.mark.parametrize("how", ["plain", "packed"])
def test_a_reply_without_an_end_is_not_read_to_it(name: str, how: str) -> None:
    answer = packed(b" " * (64 * 2**20)) if how == "packed" else Answer(body=b"x" * (5 * 2**20))
    with LoopbackServer([answer]) as server:
        reply = model(server, [], name).ask(QUESTION)
    assert (reply.status, len(server.requests)) == ("failed", 1)
    assert "longer than 4 MB" in reply.text


@pytest.mark.usefixtures("litellm")
def test_a_packed_reply_is_read() -> None:
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": "small"}}]}).encode()
    with LoopbackServer([packed(body)]) as server:
        assert model(server, []).ask(QUESTION).text == "small"


@pytest.mark.usefixtures("litellm")
def test_pictures_are_sent_as_parts_behind_the_words() -> None:
    picture = png(np.zeros((2, 2, 3), np.uint8))
    with LoopbackServer([says("black")]) as server:
        reply = model(server, []).ask([Message(role="user", content="What is it?", images=(picture,))])
    assert reply.text == "black"
    assert images_of(server.requests[0].body) == [picture]
