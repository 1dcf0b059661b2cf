"""The models of stable-baselines3 behind one face: the policy as arrays acts as the model does; a state comes back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autoreward.environment.declarations import ActionRange
from autoreward.recordings import MemberRecording
from autoreward.records import Algo
from autoreward.trainer.off_policy.experience import Experience
from autoreward.trainer.off_policy.models import Model
from autoreward.trainer.population.policy import mean_action
from autoreward.trainer.population.replay import stack_policies
from autoreward.trainer.population.trainer import NETWORKS
from tests.trainer.off_policy.conftest import SMALL

BOX = ActionRange(np.array([-2.0, 0.0], np.float32), np.array([2.0, 1.0], np.float32))
CHOICE = ActionRange(np.zeros(3, np.float32), np.ones(3, np.float32), (3,))


def made(algo: Algo, seed: int = 0) -> tuple[Model, Experience]:
    discrete = algo == "dqn"
    experience = Experience(64, 4, 1 if discrete else 2, discrete, True, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    count = 40
    experience.extend(
        {
            "observation": rng.normal(2.0, 3.0, (count, 4)),
            "next_observation": rng.normal(2.0, 3.0, (count, 4)),
            "action": rng.integers(3, size=(count, 1)) if discrete else rng.uniform(-1.0, 1.0, (count, 2)),
            "terminated": rng.random(count) < 0.1,
            "reward": rng.normal(size=count),
        }
    )
    return Model(algo, 4, CHOICE if discrete else BOX, SMALL, 0.99, experience, seed), experience


@pytest.mark.parametrize("algo", ["sac", "td3", "dqn"])
def test_the_policy_as_arrays_acts_as_the_model_does(algo: Algo) -> None:
    model, experience = made(algo)
    model.update(3)
    assert model.finite
    observation = np.random.default_rng(3).normal(2.0, 3.0, (5, 4)).astype(np.float32)
    expected, _ = model._model.policy.predict(experience.seen(observation), deterministic=True)
    actor = stack_policies([MemberRecording("a", 0, policy=model.policy(experience))])
    one = type(actor)(
        tuple((weights[0], bias[0]) for weights, bias in actor.layers),
        actor.log_std[0],
        type(actor.observation_stats)(*(part[0] for part in actor.observation_stats)),
    )
    outputs = np.asarray(mean_action(one, observation, NETWORKS[algo]))
    if algo == "dqn":
        assert outputs.argmax(axis=1).tolist() == expected.tolist()
    else:
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


@pytest.mark.parametrize("algo", ["sac", "td3", "dqn"])
def test_a_state_comes_back_and_learning_goes_on_the_same_way(algo: Algo) -> None:
    first, seen = made(algo)
    first.update(2)
    second, other = made(algo, seed=9)
    second.restore(first.state())
    state = torch.get_rng_state()
    seen.rng = other.rng = np.random.default_rng(4)
    first.update(2)
    torch.set_rng_state(state)
    other.rng = np.random.default_rng(4)
    second.update(2)
    expected, found = first.policy(seen), second.policy(other)
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, atol=1e-6, err_msg=name)


def test_exploring_stays_in_range_and_dqn_draws_as_many_at_random_as_it_is_told() -> None:
    observation = np.zeros((400, 4), np.float32)
    td3, _ = made("td3")
    assert np.abs(td3.explore(observation, 0.0, np.random.default_rng(0))).max() <= 1.0
    dqn, _ = made("dqn")
    greedy = dqn.explore(observation, 0.0, np.random.default_rng(0))
    assert len(set(greedy.ravel().tolist())) == 1  # one state, one best choice
    mixed = dqn.explore(observation, 1.0, np.random.default_rng(0))
    counts = np.bincount(mixed.ravel().astype(int), minlength=3)
    assert (counts > 90).all()  # 400 draws of 3
