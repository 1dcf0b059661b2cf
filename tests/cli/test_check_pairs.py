"""`check --properties`: which pairs rewards are held against, beside the verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from autoreward.views import schemas
from tests.cli.conftest import autoreward
from tests.cli.test_commands import objects

pytestmark = pytest.mark.usefixtures("warm")

PAIRS = """
env: inverted_pendulum
pairs:
- better: {words: the pole stands}
  worse: {words: the pole leans, pose: {hinge: 0.15}}
- better: {words: the pole stands}
  worse: {words: the pole waves, pose: {elbow: 0.15}}
"""
REWARD = """WEIGHTS = {"upright": 1.0}


def reward_terms(state, action, next_state, params):
    return {"upright": SIGN * jnp.square(next_state.pole_angle)}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pairs")
    (made / "pairs.yaml").write_text(PAIRS)
    for name, sign in (("good", "-1.0"), ("bad", "1.0")):
        (made / f"{name}.py").write_text("import jax.numpy as jnp\n\n" + REWARD.replace("SIGN", sign))
    return made


CHECK = ["check", "good.py", "bad.py", "--env", "inverted_pendulum/balance", "--properties", "pairs.yaml"]


def test_the_pairs_are_told_once_and_before_the_verdicts(folder: Path) -> None:
    done = autoreward(folder, *CHECK, "--json")
    assert done.code == 3
    lines = [json.loads(line) for line in done.out.splitlines()]
    jsonschema.validate(lines[0], schemas()["check.properties"])
    assert [pair["status"] for pair in lines[0]["pairs"]] == ["kept", "dropped"]
    assert "elbow" in lines[0]["pairs"][1]["reason"]
    good, bad = objects("\n".join(done.out.splitlines()[1:]), "check")
    assert (good["status"], bad["status"]) == ("accepted", "refused")


def test_people_read_it_too(folder: Path) -> None:
    done = autoreward(folder, *CHECK)
    assert "1 test of meaning" in done.err and "left out: the pole stands > the pole waves" in done.err
    assert "good.py: accepted" in done.out and "critic.property" in done.out
