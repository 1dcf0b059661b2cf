"""Which designer is chosen, in which order, with which line."""

from __future__ import annotations

import pytest

from autoreward.config import ModelSettings
from autoreward.errors import ConfigError
from autoreward.llm.resolve import LIST_LIMIT, LocalServer, choose, listed_models, local_servers, open_model
from autoreward.process_environment import ModelEnvironment
from tests.loopback import LoopbackServer

NOTHING = ModelEnvironment()
KEY = ModelEnvironment(openai_api_key="sk-secret-123456")


def test_nothing_there_gives_compose_and_says_how_to_use_a_model() -> None:
    choice = choose(ModelSettings(), NOTHING, servers=[])
    assert (choice.name, choice.is_llm, choice.may_cost) == ("compose", False, False)
    assert "not a language model" in choice.line
    assert "OPENAI_API_KEY" in choice.line


def test_a_named_model_comes_first() -> None:
    choice = choose(ModelSettings(model="openai/gpt-5"), KEY, servers=[])
    assert (choice.name, choice.base_url, choice.needs_key, choice.may_cost) == ("openai/gpt-5", None, True, True)
    assert choose(ModelSettings(model="gpt-5"), KEY).name == "openai/gpt-5"
    assert choose(ModelSettings(model="compose"), KEY).name == "compose"


def test_a_key_comes_before_a_local_server() -> None:
    with LoopbackServer() as server:
        choice = choose(ModelSettings(), KEY, [LocalServer("vllm", server.url)])
    assert choice.name == "openai/gpt-5-mini"
    assert "OPENAI_API_KEY is set" in choice.line
    assert "sk-secret" not in choice.line


def test_a_local_server_is_found_and_free() -> None:
    with LoopbackServer(models=("qwen", "other")) as server:
        choice = choose(ModelSettings(), NOTHING, [LocalServer("ollama", server.url)])
        model = open_model(choice, ModelSettings(), KEY)
    assert (choice.name, choice.base_url, choice.may_cost) == ("ollama/qwen", server.url, False)
    assert model.api_key is None  # no key leaves for a server that was merely found


def test_a_local_server_without_models_or_without_life_is_passed_over() -> None:
    with LoopbackServer(models=()) as empty, LoopbackServer(models=("m",)) as full:
        pass
    assert listed_models(full.url) == []  # it is closed now
    with LoopbackServer(models=()) as empty, LoopbackServer(models=("m",)) as full:
        servers = [LocalServer("ollama", empty.url), LocalServer("lmstudio", full.url)]
        assert choose(ModelSettings(), NOTHING, servers).name == "lmstudio/m"


def _set_proxies(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, address)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_server_on_this_machine_lists_its_models_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer(models=("near",)) as server, LoopbackServer(models=("far",)) as proxy:
        _set_proxies(monkeypatch, proxy.url.removesuffix("/v1"))
        assert listed_models(server.url) == ["near"]


def test_another_machine_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback server, as a proxy, gives its own list for any address that ends in /models."""
    with LoopbackServer(models=("far",)) as proxy:
        _set_proxies(monkeypatch, proxy.url.removesuffix("/v1"))
        assert listed_models("http://models.invalid/v1") == ["far"]


def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _set_proxies(monkeypatch, "ftp://proxy.invalid")
    with pytest.raises(ConfigError, match="A proxy of the environment"):
        choose(ModelSettings(base_url="http://models.invalid/v1"), NOTHING)


def test_a_list_that_is_not_there_is_empty() -> None:
    with LoopbackServer() as server:
        assert listed_models(f"{server.url}#") == []  # asks for /v1, which is not there: status 404
    with LoopbackServer(models=("m" * LIST_LIMIT,)) as server:
        assert listed_models(server.url) == []  # cut, and so no JSON


def test_an_address_without_a_model_asks_the_server() -> None:
    with LoopbackServer(models=("first", "second")) as server:
        choice = choose(ModelSettings(), ModelEnvironment(openai_base_url=server.url))
        assert (choice.name, choice.base_url) == ("openai/first", server.url)
    with pytest.raises(ConfigError, match="does not say which models"):
        choose(ModelSettings(base_url=server.url), NOTHING)


def test_a_missing_key_is_said_with_the_way_out() -> None:
    settings = ModelSettings(model="openai/gpt-5")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set") as caught:
        open_model(choose(settings, NOTHING), settings, NOTHING)
    assert "compose" in caught.value.remedy


@pytest.mark.parametrize("model", ["openai/", "/gpt-5"])
def test_a_name_that_cannot_be_used(model: str) -> None:
    with pytest.raises(ConfigError):
        choose(ModelSettings(model=model), KEY)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (None, "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:7000", "http://127.0.0.1:7000/v1"),
        ("http://localhost", "http://localhost:11434/v1"),
    ],
)
def test_ollama_is_looked_for_where_its_variable_says(host: str | None, url: str) -> None:
    assert local_servers(ModelEnvironment(ollama_host=host))[0] == LocalServer("ollama", url)


def test_other_machines_are_asked_only_when_named() -> None:
    elsewhere = ModelEnvironment(ollama_host="http://10.1.2.3:11434")
    assert [server.provider for server in local_servers(elsewhere)] == ["lmstudio", "vllm"]
    assert choose(ModelSettings(model="ollama/m"), elsewhere).base_url == "http://10.1.2.3:11434/v1"
