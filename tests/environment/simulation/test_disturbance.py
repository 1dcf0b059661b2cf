"""Pushes, noise and delay of RANDOMISE: what they do, that they are paired, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import Noise, Pack, load_pack
from autoreward.environment.randomised_ranges import read_ranges
from autoreward.environment.simulation.disturbance import Disturbances
from autoreward.environment.simulation.model import load_model
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.errors import EnvironmentFailedError

STEPS, ALL_ROWS = 40, np.arange(6)
PUSH = {"quantity": "push", "of": "torso", "value": (0.5, 0.5), "every": 0.2}


def disturbed(*declared: dict[str, Any], observed: dict[str, int] | None = None) -> Pack:
    pack = replace(load_pack("ant"), observed=observed or {})
    return replace(pack, randomise=read_ranges(declared, "ant"))


def rolled(pack: Pack, rows: Any = ALL_ROWS, horizon: int | None = None, begin: bool = True) -> Rollout:
    """Random actions in some of six simulations, each with random numbers of its own."""
    env = VectorEnv(pack, len(rows), horizon=horizon, num_threads=1)
    rng = np.random.default_rng(0)
    numbers = np.random.default_rng(1).random((6, env.model_numbers))
    uniform, normal = rng.uniform(-1, 1, (STEPS, 6, env.noise_size)), rng.standard_normal((STEPS, 6, env.noise_size))
    actions = rng.uniform(-1, 1, (STEPS, 6, env.actions.low.size)).astype(np.float32)
    if begin:
        env.randomise(numbers[rows])
    env.reset(Noise(uniform[0][rows], normal[0][rows]))
    rollout = env.new_rollout(STEPS)
    for t in range(STEPS):
        env.step(actions[t][rows], rollout, t, Noise(uniform[t][rows], normal[t][rows]))
    return rollout


def test_noise_has_the_deviation_that_is_declared_and_leaves_the_physics() -> None:
    plain, noisy = rolled(disturbed()), rolled(disturbed({"quantity": "noise", "value": (0.1, 0.1)}))
    np.testing.assert_array_equal(plain.after["qpos"], noisy.after["qpos"])
    error = noisy.next_observation - plain.next_observation
    assert abs(float(error.std()) - 0.1) < 0.005 and abs(float(error.mean())) < 0.005
    assert abs(float(np.corrcoef(error[:-1].ravel(), error[1:].ravel())[0, 1])) < 0.05  # fresh at every step


def test_what_is_seen_after_a_step_is_what_the_next_action_answers() -> None:
    both = disturbed({"quantity": "noise", "value": (0.1, 0.1)}, {"quantity": "delay", "value": (0.1, 0.1)})
    rollout = rolled(both, horizon=17)
    going = ~rollout.ended[:-1]
    np.testing.assert_array_equal(rollout.next_observation[:-1][going], rollout.observation[1:][going])
    assert rollout.ended.any()


def test_a_delay_shows_what_was_and_begins_anew_with_an_episode() -> None:
    pack = disturbed({"quantity": "delay", "value": (0.1, 0.1)})  # two control steps of 0.05 s
    plain, late = rolled(disturbed(), horizon=17), rolled(pack, horizon=17)
    np.testing.assert_array_equal(late.next_observation[2:17], plain.next_observation[:15])
    np.testing.assert_array_equal(late.next_observation[:2], np.repeat(plain.observation[:1], 2, axis=0))
    np.testing.assert_array_equal(late.observation[17], plain.observation[17])


def test_parts_of_the_observation_are_told_by_their_names() -> None:
    parts = {"low": 5, "high": load_pack("ant").observation_size - 5}
    noise = {"quantity": "noise", "of": "low", "value": (0.1, 0.1)}
    plain, noisy = rolled(disturbed()), rolled(disturbed(noise, observed=parts))
    differs = (noisy.next_observation != plain.next_observation).any(axis=(0, 1))
    assert differs.tolist() == [True] * 5 + [False] * (len(differs) - 5)


def test_pushes_change_the_level_velocity_at_their_times() -> None:
    plain, pushed = rolled(disturbed()), rolled(disturbed(PUSH))
    jumps = pushed.after["qvel"][:8] - plain.after["qvel"][:8]
    first = np.argmax(np.abs(jumps).max(axis=-1) > 0, axis=0)  # each simulation in its own time
    assert len(set(first.tolist())) > 1 and first.max() < 4  # every 0.2 s is four control steps
    size = [float(np.linalg.norm(jumps[t, row, :2])) for row, t in enumerate(first)]
    assert all(0.2 < one < 0.6 for one in size)  # legs on the ground take some of it within the step


def test_no_simulation_depends_on_those_beside_it() -> None:
    every = disturbed(
        PUSH, {"quantity": "noise", "value": (0.0, 0.1)}, {"quantity": "delay", "value": (0.0, 0.2)},
        {"quantity": "gravity", "scale": (0.8, 1.2)}, {"quantity": "payload", "of": "torso", "value": (0.0, 1.0)},
        {"quantity": "centre_of_mass", "of": "torso", "value": (-0.05, 0.05)},
    )  # fmt: skip
    whole, part = rolled(every), rolled(every, rows=np.array([4, 1]))
    np.testing.assert_array_equal(whole.next_observation[:, [4, 1]], part.next_observation)
    np.testing.assert_array_equal(whole.after["qpos"][:, [4, 1]], part.after["qpos"])


def test_nothing_is_disturbed_before_numbers_are_drawn() -> None:
    every = disturbed(PUSH, {"quantity": "noise", "value": (0.1, 0.1)})
    np.testing.assert_array_equal(rolled(every, begin=False).next_observation, rolled(disturbed()).next_observation)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({**PUSH, "of": "front_left_leg"}, "no free or sliding joint of its own"),
        ({**PUSH, "of": "tail"}, "the model has no body 'tail'"),
        ({"quantity": "noise", "of": "joints", "value": (0, 1)}, "OBSERVED names no part"),
    ],
)
def test_what_cannot_be_disturbed_is_named(declared: dict[str, Any], said: str) -> None:
    pack = disturbed(declared)
    with pytest.raises(EnvironmentFailedError, match=said):
        Disturbances(pack, load_model(pack), 1)
