"""Fields are computed when they are read, and once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.lazy_fields import LazyFields, changed, computed, joined
from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import random_rollout
from autoreward.errors import EnvironmentFailedError


def test_each_is_made_once_and_only_when_read() -> None:
    made: list[str] = []
    fields = LazyFields({name: lambda name=name: made.append(name) or np.ones(2) for name in "ab"})  # type: ignore[misc]
    doubled = joined(changed(fields, lambda array: 2.0 * array), {"action": np.zeros(2)})
    assert list(doubled) == ["a", "b", "action"] and "a" in doubled and made == []
    assert doubled["a"].tolist() == [2.0, 2.0]
    assert doubled["a"] is doubled["a"] and made == ["a"]


def test_a_pack_may_give_functions_and_their_shapes_are_checked_when_they_are_read() -> None:
    pack = load_pack("inverted_pendulum")
    asked: list[str] = []

    def fields(xp: Any, data: Any, memory: Any) -> dict[str, Any]:
        values = pack.fields(xp, data, memory)
        first = next(iter(values))
        late = {name: lambda name=name: asked.append(name) or values[name] for name in values}  # type: ignore[misc]
        return {**late, first: lambda: xp.zeros(3)}

    env, rollout = random_rollout(replace(pack, fields=fields), num_envs=2, num_steps=3)
    seen = env.fields(rollout, after=True)
    wrong, right = list(seen)[:2]
    assert asked == []
    assert seen[right].shape[:2] == (3, 2) and asked == [right]
    with pytest.raises(EnvironmentFailedError, match="FIELDS declares"):
        seen[wrong]


def test_functions_among_values_are_called() -> None:
    assert computed({"a": lambda: 1.0, "b": 2.0}) == {"a": 1.0, "b": 2.0}
