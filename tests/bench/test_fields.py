"""What fields cost is measured beside the same pack without them: it moves alike, and sees the same."""

from __future__ import annotations

import jsonschema
import numpy as np
import pytest

from autoreward import views
from autoreward.bench.fields import bench_fields, without_fields
from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import random_rollout
from autoreward.errors import UsageError


@pytest.mark.parametrize("name", ["ant", "reacher"])
def test_without_fields_the_same_episodes_are_played(name: str) -> None:
    pack = load_pack(name)
    bare = without_fields(pack)
    assert bare.fields_declared == () and set(bare.data) <= set(pack.data)
    _, whole = random_rollout(pack, num_envs=3, num_steps=20)
    _, less = random_rollout(bare, num_envs=3, num_steps=20)
    np.testing.assert_array_equal(whole.next_observation, less.next_observation)
    np.testing.assert_array_equal(whole.terminated, less.terminated)
    assert set(less.memory_after) <= set(whole.memory_after)


def test_both_costs_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoreward.bench.fields.NUM_STEPS", 5)
    heard: list[str] = []
    view = bench_fields("hopper", 2, lambda event: heard.append(event.stage))
    jsonschema.validate(view.model_dump(mode="json"), views.schemas()["bench.fields"])
    assert heard == ["fields: round 1 of 2", "fields: round 2 of 2"]
    assert [row.kind for row in view.rows] == ["unread", "read"]
    assert view.passed == all(row.cost.median <= row.target for row in view.rows)


def test_somebody_elses_environment_has_no_pack() -> None:
    with pytest.raises(UsageError, match="is no pack"):
        bench_fields("gymnasium:CartPole-v1", 1, lambda event: None)
