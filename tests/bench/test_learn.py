"""The learning benchmark: the stored baseline is complete, and is compared at equal steps only."""

from __future__ import annotations

import pytest

from autoreward.bench.learn import BASELINE_SEEDS, VARIANTS, baseline_row, stored_baseline
from autoreward.bench.sb3_baseline import EVALUATION_EPISODES
from autoreward.errors import EnvironmentFailedError

STEPS = 1_000_000


def test_the_stored_baseline_has_every_variant_and_seed() -> None:
    records = stored_baseline(STEPS)
    found = {(record["variant"], record["seed"]) for record in records}
    assert found == {(variant, seed) for variant in VARIANTS for seed in BASELINE_SEEDS}
    for record in records:
        assert len(record["displacement_last"]) == len(record["displacement_best_checkpoint"]) == EVALUATION_EPISODES
        assert {"stable-baselines3", "torch", "gymnasium", "mujoco"} <= set(record["versions"])


def test_a_row_shows_the_better_kind_of_policy() -> None:
    records = [
        {"variant": "defaults", "seed": seed, "n_timesteps": 10, "steps_per_second": 5.0, **measured}
        for seed, measured in enumerate(
            [
                {"displacement_last": [1.0, 3.0], "displacement_best_checkpoint": [5.0, 7.0]},
                {"displacement_last": [2.0, 2.0], "displacement_best_checkpoint": [3.0, 5.0]},
            ]
        )
    ]
    row = baseline_row(records, "defaults")
    assert row.fitness.mean == 5.0  # best checkpoints: means 6 and 4; last policies: 2 and 2
    assert row.fitness.seeds == 2
    assert row.env_steps == 10
    assert row.seconds == 4.0


def test_other_steps_are_not_compared() -> None:
    with pytest.raises(EnvironmentFailedError, match="trained for 1000000 steps, not 5"):
        stored_baseline(5)
