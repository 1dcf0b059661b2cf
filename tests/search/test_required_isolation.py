"""Every way to run a reward program asks for the isolation that is required, before anything is made or paid for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoreward import api
from autoreward.cli.main import main
from autoreward.config import Settings, load_settings
from autoreward.errors import ConfigError, IsolationError
from autoreward.reward.sandbox import server
from tests.reward.sandbox.unprotected import boot

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are those of Linux")

ENV, TASK = "inverted_pendulum", "balance"
PROGRAM = """WEIGHTS = {"small": -1.0}


def reward_terms(state, action, next_state, params):
    return {"small": jnp.sum(jnp.square(action), axis=-1)}
"""


@pytest.fixture
def medium(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without Landlock."""
    monkeypatch.setattr(server, "_BOOT", boot("landlock"))
    yield


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "reward.py"
    path.write_text(PROGRAM)
    return str(path)


def settings(folder: Path) -> Settings:
    return load_settings({"runs": str(folder / "runs"), "require_isolation": "strong", "model": "compose"}).settings


@pytest.mark.usefixtures("medium")
def test_nothing_runs_with_less(tmp_path: Path, file: str) -> None:
    strong = settings(tmp_path)
    with pytest.raises(IsolationError):
        api.check([file], ENV, settings=strong)
    with pytest.raises(IsolationError):
        api.train([file], ENV, TASK, settings=strong)
    with pytest.raises(IsolationError):
        api.compare([file, "human"], ENV, TASK, settings=strong)
    with pytest.raises(IsolationError):
        api.design(env=ENV, task=TASK, settings=strong)
    assert not (tmp_path / "runs").exists()


@pytest.mark.usefixtures("medium")
@pytest.mark.parametrize(("tier", "code"), [("strong", 9), ("medium", 0)])
def test_the_command_line_ends_with_nine(file: str, tier: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", file, "--env", ENV, "--require-isolation", tier]) == code
    said = capsys.readouterr()
    assert ("landlock does not hold" in said.err) == (code == 9)
    assert ("isolation medium" in said.out) == (code == 0)


def test_a_tier_that_does_not_exist_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError, match="--require-isolation total cannot be used"):
        load_settings({"require_isolation": "total"})
