"""Training on models that differ: the same for every candidate, others in evaluation, from seeds alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import packs_directory
from autoreward.environment.simulation.c_simulation import CSimulation
from autoreward.records import TrainingJob, TrainingResult
from autoreward.trainer.population.seeding import Purpose, draw_model_numbers
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.conftest import Compiled, recorded
from tests.trainer.population.test_training import assert_same, of_candidate

MakeJob = Callable[..., TrainingJob]
MASS = dict(quantity="mass", of="pole", scale=(0.5, 1.5))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pendulum whose pole is heavier or lighter."""
    made = tmp_path_factory.mktemp("packs") / "inverted_pendulum"
    shutil.copytree(packs_directory() / "inverted_pendulum", made)
    with (made / "pack.py").open("a") as file:
        file.write(f"\nRANDOMISE = ({MASS!r},)\n")
    return made


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    """One of its own: the trainer of all tests knows one environment only."""
    return Trainer()


@pytest.fixture
def randomised(folder: Path, job: MakeJob, compiled: Compiled) -> MakeJob:
    """A job on that pendulum."""

    def make(*candidates: str) -> TrainingJob:
        rewards = {"a": compiled.alive, "b": compiled.centred}
        return job({name: rewards[name] for name in candidates}).model_copy(update={"env_path": str(folder)})

    return make


@pytest.fixture
def masses(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The pole's masses `[N]` of every simulation that was given models of its own."""
    seen: list[np.ndarray] = []
    original = CSimulation.set_parameters

    def set_parameters(self: CSimulation, parameters: Mapping[str, Any]) -> None:
        seen.append(np.array(parameters["body_mass"][:, -1]))
        original(self, parameters)

    monkeypatch.setattr(CSimulation, "set_parameters", set_parameters)
    return seen


def test_candidates_meet_the_same_models_and_evaluation_has_its_own(
    randomised: MakeJob, masses: list[np.ndarray], trainer: Trainer
) -> None:
    trainer.train(randomised("a", "b"))
    training = np.concatenate(masses[:-1]).reshape(2, 2, 4)  # candidate, seed, environment
    evaluation = masses[-1].reshape(2, 2, 2)
    for drawn in (training, evaluation):
        np.testing.assert_array_equal(drawn[0], drawn[1])
        assert len(np.unique(drawn[0])) == drawn[0].size
    assert set(training.ravel().tolist()).isdisjoint(evaluation.ravel().tolist())
    nominal = 5.01859164
    by_hand = nominal * (0.5 + draw_model_numbers(0, [0, 1], Purpose.MODELS, 4, 1)[:, 0])
    np.testing.assert_allclose(training[0].ravel(), by_hand, rtol=1e-6)


def test_random_actions_are_measured_on_the_models_of_evaluation(
    randomised: MakeJob, masses: list[np.ndarray], trainer: Trainer
) -> None:
    trainer.train(randomised("a", "b"))
    evaluation = masses[-1]
    trainer.evaluate_random(randomised("a", "b"))
    np.testing.assert_array_equal(evaluation.reshape(2, 4)[0], masses[-1])


def test_a_member_depends_neither_on_its_slot_nor_on_the_others(randomised: MakeJob, trainer: Trainer) -> None:
    _, first = trainer.train(randomised("a", "b"))
    _, last = trainer.train(randomised("b", "a"))
    assert_same(of_candidate(first, "a"), of_candidate(last, "a"))


@pytest.mark.thorough
def test_the_ranges_are_recorded_and_change_what_is_learned(
    randomised: MakeJob, job: MakeJob, compiled: Compiled, trainer: Trainer
) -> None:
    result, recordings = trainer.train(randomised("a", "b"))
    assert result.randomised[0].model_dump() == {
        "quantity": "mass", "of": ("pole",), "kind": "scale", "low": 0.5, "high": 1.5, "together": False, "every": None,
    }  # fmt: skip
    assert TrainingResult.model_validate_json(result.model_dump_json()) == result
    _, nominal = trainer.train(job({"a": compiled.alive, "b": compiled.centred}))
    assert not np.array_equal(
        recorded(recordings, "a", 0).policy["weights_0"], recorded(nominal, "a", 0).policy["weights_0"]
    )
