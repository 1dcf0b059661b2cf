"""Models and servers as the doctor sees them: keys are never shown."""

from __future__ import annotations

import socket

import pytest

from autoreward.config import ModelSettings
from autoreward.doctor import models


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    lines = list(models.check_model(ModelSettings()))
    assert [line.status for line in lines] == ["ok"]
    assert "secret" not in "".join(line.model_dump_json() for line in lines)


def test_no_key_is_a_warning_with_the_way_to_an_llm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (line,) = models.check_model(ModelSettings())
    assert line.status == "warning"
    assert "OPENAI_API_KEY" in line.fix


@pytest.mark.parametrize(("model", "status"), [("openai/gpt-4o", "ok"), ("openai/no-such-model", "warning")])
def test_the_price_is_known_or_a_token_limit_is_named(model: str, status: str) -> None:
    line = list(models.check_model(ModelSettings(model=model)))[-1]
    assert (line.check, line.status) == ("price", status)


def test_a_local_server_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(models, "LOCAL_SERVERS", {"Ollama": server.getsockname()[1]})
        (line,) = models.check_local_servers()
    assert line.detail.startswith("Ollama at port")
