"""Weights from the task's own progress, in a training: deterministic, paid beside the progress, and recorded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autoreward.records import CombinationSpec, RewardSpec, TrainingJob
from autoreward.trainer.combination.aligned import AlignedWeights
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.conftest import Compiled, recorded


def test_before_anything_is_known_the_progress_alone_is_paid() -> None:
    combination = AlignedWeights(Subject(("speed",), (3.0,), seeds=(0, 1), job_seed=0))
    pay = combination.pay()
    assert pay.weights.tolist() == [[0.0], [0.0]]
    assert pay.primary is not None and pay.primary.tolist() == [[1.0, 0.0]] * 2
    assert "never made progress" in combination.remarks()[0]


@pytest.mark.thorough
def test_in_training(job: Callable[..., TrainingJob], compiled: Compiled) -> None:
    spec = RewardSpec(kind="program", compiled=compiled.alive, combination=CombinationSpec(kind="aligned"))
    made = job({"a": compiled.alive, "b": compiled.alive}, n_timesteps=2048)
    made = made.model_copy(update={"rewards": {**made.rewards, "b": spec}})
    result, recordings = Trainer().train(made)
    again, same = Trainer().train(made)
    assert result.members == again.members
    curves, other = recorded(recordings, "b", 0).curves, recorded(same, "b", 0).curves
    assert curves is not None and other is not None
    np.testing.assert_array_equal(curves.weights, other.weights)
    assert curves.weights[0].tolist() == [0.0, 0.0]  # the first rollout is paid by progress alone
    assert np.isfinite(curves.weights).all()
    assert len(np.unique(curves.weights[:, 0])) > 3
    deviations = recorded(recordings, "b", 0).combination
    assert {"weights"} < set(deviations) <= {"weights", "progress", "success"}
