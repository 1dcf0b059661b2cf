"""`envs describe --describe`: asked of a model, confirmed by a person, read by `--fields`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autoreward import api
from autoreward.config import load_settings
from autoreward.errors import InterruptedRunError, ModelError, UsageError
from autoreward.views import MeaningsView
from tests.loopback import LoopbackServer, says

SAID = {
    "angular_velocity": {"unit": "rad/s", "frame": "joint", "meaning": "of the pole"},
    "cos_theta": {"unit": "1", "meaning": "what the reward is made of"},
}


def describe(tmp_path: Path, reply: str, **more: object) -> tuple[MeaningsView, str]:
    with LoopbackServer(default=says(reply)) as server:
        settings = load_settings({"model": "openai/scripted", "base_url": server.url}).settings
        view = api.describe_environment("Pendulum-v1", tmp_path / "pole.yaml", settings, **more)  # type: ignore[arg-type]
        return view, json.dumps([request.body for request in server.requests])


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")


def test_a_model_says_what_fields_mean_and_designers_are_told(tmp_path: Path) -> None:
    shown: list[MeaningsView] = []

    def yes(view: MeaningsView) -> bool:
        assert not (tmp_path / "pole.yaml").exists()  # only once the person agrees
        shown.append(view)
        return True

    view, asked = describe(tmp_path, json.dumps({"fields": SAID}), confirm=yes)
    assert shown == [view]
    assert [line.field for line in view.fields] == ["angular_velocity"]
    assert "sin_theta" in view.unsaid and view.left_out == ("cos_theta: it tells how the environment pays",)
    assert "angular_velocity" in asked and "theta_dt" not in asked  # of the formula of its reward
    env = api.gymnasium_environment("Pendulum-v1", fields=str(tmp_path / "pole.yaml"))
    fields = {field.name: field for field in api.environment(env).fields}
    assert (fields["angular_velocity"].unit, fields["angular_velocity"].meaning) == ("rad/s", "of the pole")


def test_a_person_who_says_no_gets_no_file(tmp_path: Path) -> None:
    with pytest.raises(InterruptedRunError):
        describe(tmp_path, json.dumps({"fields": SAID}), confirm=lambda view: False)
    assert not list(tmp_path.iterdir())


def test_a_reply_without_a_meaning_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no fields in JSON"):
        describe(tmp_path, "I cannot say.")


def test_packs_and_designers_that_are_no_model_are_refused(tmp_path: Path) -> None:
    settings = load_settings({"model": "compose"}).settings
    with pytest.raises(UsageError, match="declared in its pack"):
        api.describe_environment("inverted_pendulum", tmp_path / "a.yaml", settings)
    with pytest.raises(UsageError, match="compose reads no documentation"):
        api.describe_environment("Pendulum-v1", tmp_path / "a.yaml", settings)
