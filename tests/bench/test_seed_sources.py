"""Arms in which one source of chance is frozen: the streams they draw from, and what is told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from autoreward.bench import seed_sources
from autoreward.bench.seed_sources import ARMS, NUDGE, main, spread, streams_of
from autoreward.environment.declarations import ActionRange
from autoreward.errors import UnknownNameError
from autoreward.records import PPOSettings
from autoreward.trainer.population import seeding
from autoreward.trainer.population.programs import PopulationPrograms, seed_array
from autoreward.trainer.population.seeding import Purpose

SMALL = PPOSettings(num_envs=2, num_steps=3, num_minibatches=1, hidden=(4,))
SEEDS = (0, 5)


def drawn(arm: str) -> dict[str, Any]:
    """What two seeds draw, by source: initial policies, action noise, orders of minibatches, resets."""
    with streams_of(ARMS[arm]):
        programs = PopulationPrograms(2, ActionRange(low=np.float32([-1.0]), high=np.float32([1.0])), SMALL, 0.99)
        member = programs.initialise(7, SEEDS)
        noise = programs.action_noise(np.int32(7), seed_array(SEEDS), np.int32(3))
        resets = seeding.ResetNoise(7, SEEDS, Purpose.RESETS, 1, (1, 2, 2)).at(0).normal.reshape(2, -1)
        order = seeding.draw_shuffles(7, SEEDS, 0, 1, 50)
    policy = np.concatenate([np.ravel(leaf).reshape(2, -1) for leaf in jax.tree.leaves(member.parameters)], axis=1)
    return {"policy": policy, "actions": np.moveaxis(np.asarray(noise), 1, 0), "resets": resets, "shuffle": order}


@pytest.mark.parametrize("arm", ["base", "policy", "actions", "resets", "shuffle"])
def test_one_source_is_frozen_and_the_others_are_not(arm: str) -> None:
    equal = {source: np.array_equal(first, second) for source, (first, second) in drawn(arm).items()}
    assert equal == {source: source == arm for source in equal}


def test_rounding_alone_is_left() -> None:
    arrays, usual = drawn("rounding"), drawn("base")
    for source in ("actions", "resets", "shuffle"):
        np.testing.assert_array_equal(*arrays[source])
    first, second = arrays["policy"]
    np.testing.assert_array_equal(first, usual["policy"][0])
    np.testing.assert_allclose(second, first * (1.0 + 5 * NUDGE), rtol=1e-6)
    assert (first != second).any()


def test_spread_by_hand() -> None:
    # variances between seeds 2 and 8, pooled 5; the mean of 2 and 12
    assert spread({"a": (1.0, 3.0), "b": (10.0, 14.0)}) == (7.0, pytest.approx(5.0**0.5))


def test_what_is_there_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(seed_sources, "make_job", lambda *given: None)
    monkeypatch.setattr(seed_sources, "configure_jax", lambda: None)
    trained: list[str] = []

    def train(name: str, job: None) -> dict[str, Any]:
        trained.append(name)
        return {"arm": name, "success": {"human": [1.0, 5.0] if name == "base" else [2.0, 4.0]}}

    monkeypatch.setattr(seed_sources, "train_arm", train)
    for arms in ("base", "base,policy"):
        main([str(tmp_path / "out"), "--rewards", ".", "--arms", arms])
    assert trained == ["base", "policy"]
    assert json.loads((tmp_path / "out" / "base.json").read_text())["arm"] == "base"
    # variances 8 and 2
    assert "0.25 of the variance of base" in capsys.readouterr().out.splitlines()[-1]
    with pytest.raises(UnknownNameError, match="polcy"):
        main([str(tmp_path / "out"), "--rewards", ".", "--arms", "polcy"])
