"""Random streams: paired over candidates, and never the same for training and evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import Noise
from autoreward.environment.vector_env import VectorEnv
from autoreward.records import TrainingJob
from autoreward.trainer.population.seeding import Purpose, ResetNoise, draw_model_numbers, generator
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.conftest import Compiled

MakeJob = Callable[..., TrainingJob]


def every_step(noise: ResetNoise, steps: int) -> np.ndarray:
    return np.stack([noise.at(t).uniform for t in range(steps)])


def test_no_two_streams_are_the_same() -> None:
    """Over job seeds, seed indices (selection from 0, reporting from 10 000), purposes and iterations."""
    streams = {
        (job, seed, purpose, iteration): generator(job, seed, purpose, iteration).random(4).tobytes()
        for job in (0, 1, 7)
        for seed in (0, 1, 2, 3, 10_000, 10_001)
        for purpose in Purpose
        for iteration in range(12)
    }
    assert len(set(streams.values())) == len(streams) == 3 * 6 * len(Purpose) * 12


def test_evaluation_draws_no_number_that_training_draws() -> None:
    seeds, shape = [0, 1, 10_000], (8, 4, 3)
    train = {
        float(number)
        for iteration in range(40)
        for number in every_step(ResetNoise(0, seeds, Purpose.RESETS, iteration, shape), 8).flat
    }
    evaluated = every_step(ResetNoise(0, seeds, Purpose.EVALUATION_RESETS, 0, (1, 10, 3)), 1)
    assert train.isdisjoint(evaluated.ravel().tolist())
    models = draw_model_numbers(0, seeds, Purpose.MODELS, 16, 5)
    assert set(models.ravel().tolist()).isdisjoint(
        draw_model_numbers(0, seeds, Purpose.EVALUATION_MODELS, 16, 5).ravel()
    )


def test_model_numbers_belong_to_seed_and_environment_alone() -> None:
    numbers = draw_model_numbers(3, [0, 1, 0, 5], Purpose.MODELS, 4, 2).reshape(4, 4, 2)
    np.testing.assert_array_equal(numbers[0], numbers[2])  # the same seed under another candidate
    alone = draw_model_numbers(3, [5], Purpose.MODELS, 4, 2)
    np.testing.assert_array_equal(numbers[3], alone)  # wherever it stands
    np.testing.assert_array_equal(draw_model_numbers(3, [5], Purpose.MODELS, 9, 2)[:4], alone)  # however many there are
    assert len(np.unique(numbers[[0, 1, 3]])) == 3 * 4 * 2
    assert numbers.min() >= 0.0 and numbers.max() < 1.0


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[VectorEnv, list[np.ndarray]]:
    """What every reset draws `[n, numbers]`, environment by environment; the resets themselves are the real ones."""
    drawn: dict[VectorEnv, list[np.ndarray]] = {}
    original = VectorEnv.reset

    def reset(self: VectorEnv, noise: Noise, which: Any = None) -> Any:
        chosen = np.ones(self.num_envs, bool) if which is None else which
        drawn.setdefault(self, []).append(np.array(noise.uniform[chosen]))
        return original(self, noise, which)

    monkeypatch.setattr(VectorEnv, "reset", reset)
    return drawn


def test_no_evaluation_episode_starts_where_a_training_episode_did(
    recorded: dict[VectorEnv, list[np.ndarray]], job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    *rollouts, evaluated = recorded.values()  # evaluation comes last, in environments of its own
    training, evaluation = np.concatenate([row for one in rollouts for row in one]), np.concatenate(evaluated)
    assert len(training) > 100
    assert {row.tobytes() for row in training}.isdisjoint(row.tobytes() for row in evaluation)
    first = evaluated[0].reshape(2, 2, 2, -1)  # candidate, seed, episode
    np.testing.assert_array_equal(first[0], first[1])  # paired over candidates
    assert not np.array_equal(first[0, 0], first[0, 1])
