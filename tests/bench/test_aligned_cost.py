"""The cost of learning weights is measured."""

from __future__ import annotations

import pytest

from autoreward.bench.aligned_cost import measure_cost
from autoreward.records import PPOSettings


@pytest.mark.thorough
def test_the_cost_is_a_ratio_above_nothing() -> None:
    settings = PPOSettings(num_envs=2, num_steps=8, num_minibatches=2, hidden=(4,))
    assert measure_cost("hopper", settings, rounds=1) > 0.0
