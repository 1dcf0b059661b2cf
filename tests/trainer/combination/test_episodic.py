"""Weights from the outcomes of episodes: wrong ones are put right, and what cannot be learned is said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autoreward.recordings import flatten
from autoreward.records import CombinationSpec, MemberResult, RewardSpec, TrainingJob
from autoreward.trainer.combination.episodic import EpisodicWeights
from autoreward.trainer.combination.learned import ENOUGH, Subject
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.combination.test_stored_episodes import experience
from tests.trainer.conftest import Compiled, recorded

SUBJECT = Subject(("speed", "effort"), (-1.0, 0.5), seeds=(0, 1), job_seed=0)


def feed(combination: EpisodicWeights, rollouts: int = 4, outcome: float | None = None, steps: int = 250) -> None:
    """Episodes whose outcome is three times the sum of the first term."""
    rng = np.random.default_rng(5)
    for _ in range(rollouts):
        terms = (rng.standard_normal((1, 32, 2)) + 0.3 * rng.standard_normal((steps, 32, 2))).astype(np.float32)
        ends = [
            (steps - 1, env, float(3.0 * terms[:, env, 0].sum()) if outcome is None else outcome) for env in range(32)
        ]
        combination.learn(experience(terms, ends))


@pytest.mark.parametrize("network", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_wrong_signs_are_put_right(network: bool) -> None:
    combination = EpisodicWeights(SUBJECT, network)
    assert combination.pay() is None  # nothing is learned yet: the program's weights
    feed(combination)
    for weights in combination.weights():
        assert weights[0] > 0.2
        assert abs(weights[1]) < 0.3 * weights[0]
    pay = combination.pay()
    assert pay is not None and (pay.model is not None) == network
    assert combination.remarks() == ()
    assert set(combination.learned(0)) >= {"scale", "weights_0", "bias_0"}


def test_the_same_episodes_give_the_same_weights_bit_by_bit() -> None:
    several = [EpisodicWeights(SUBJECT) for _ in range(2)]
    for one in several:
        feed(one)
    np.testing.assert_array_equal(several[0].weights(), several[1].weights())


def test_too_few_transitions_and_equal_outcomes_are_said_and_keep_the_weights() -> None:
    few, equal = EpisodicWeights(SUBJECT), EpisodicWeights(SUBJECT)
    feed(few, rollouts=1)
    feed(equal, outcome=1.0)
    for one, said in ((few, f"from {ENOUGH:,} on"), (equal, "came to the same")):
        assert one.pay() is None
        np.testing.assert_array_equal(one.weights(), [[-1.0, 0.5]] * 2)
        assert said in one.remarks()[0]


def test_what_is_not_finite_is_not_paid() -> None:
    combination = EpisodicWeights(SUBJECT)
    feed(combination)
    before = combination.weights().copy()
    feed(combination, rollouts=1, outcome=3e38)
    assert np.isfinite(combination.weights()).all()
    assert before.shape == combination.weights().shape


def test_in_training_it_is_the_progress_that_chooses_and_what_was_learned_is_recorded(
    job: Callable[..., TrainingJob], compiled: Compiled
) -> None:
    made = job({"a": compiled.alive, "b": compiled.alive}, n_timesteps=12_288)
    learned = RewardSpec(kind="program", compiled=compiled.alive, combination=CombinationSpec(kind="episodic"))
    made = made.model_copy(update={"rewards": {**made.rewards, "b": learned}})
    trainer = Trainer()  # compiles once
    result, recordings = trainer.train(made)
    again, same = trainer.train(made)
    assert result.members == again.members
    first, second = flatten(recordings), flatten(same)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)
    by_name: dict[tuple[str, int], MemberResult] = {(one.candidate, one.seed): one for one in result.members}
    assert by_name["a", 0].weights == {}
    assert set(by_name["b", 0].weights) == {"alive", "still"}
    own = by_name["b", 0].own_return
    assert own is not None and own <= 1.0  # progress, not pay
    for name in ("a", "b"):
        curves = recorded(recordings, name, 0).curves
        assert curves is not None
        np.testing.assert_allclose(curves.weights[0], [1.0, -0.1])
    curves = recorded(recordings, "b", 0).curves
    assert curves is not None
    np.testing.assert_allclose(list(by_name["b", 0].weights.values()), curves.weights[-1], atol=0.5)
    assert recorded(recordings, "b", 0).combination and not recorded(recordings, "a", 0).combination
