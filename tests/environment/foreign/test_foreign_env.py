"""N copies stepped together: what an environment that counts shows pins when states are before a reset and after it."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from autoreward.environment.foreign.foreign_env import SEEDS, ForeignEnv
from autoreward.environment.foreign.reference import PinnedInfo, read_reference
from autoreward.environment.pack import Noise, load_pack
from autoreward.environment.vector_env import Rollout
from autoreward.errors import EnvironmentFailedError
from tests.environment.foreign import own_envs


def env_of(name: str, copies: int, **kwargs: object) -> ForeignEnv:
    reference = read_reference(name)
    assert reference is not None
    pinned = reference.model_copy(update={"kwargs": kwargs, "info": PinnedInfo(shown={}, hidden={})})
    return ForeignEnv(load_pack(pinned.text), copies)


def noise_of(seeds: list[int]) -> Noise:
    uniform = np.float64([[2.0 * (seed + 0.5) / (SEEDS - 1) - 1.0] for seed in seeds])
    return Noise(uniform, uniform)


def play(env: ForeignEnv, steps: int, action: float = 0.5) -> Rollout:
    """Episodes that begin with the seeds 100, 101, ..., and later ones with 10 * t, 10 * t + 1, ..."""
    env.reset(noise_of([100 + place for place in range(env.num_envs)]))
    rollout = env.new_rollout(steps)
    actions = np.full((env.num_envs, len(env.actions.low)), action, np.float32)
    for t in range(steps):
        env.step(actions, rollout, t, noise_of([10 * t + place for place in range(env.num_envs)]))
    env.finish(rollout)
    return rollout


def test_next_state_is_the_state_before_the_reset() -> None:
    rollout = play(env_of("own_envs:Counting", 2, length=3), 7)
    np.testing.assert_array_equal(
        rollout.observation[:, 0], [[100, 0], [100, 1], [100, 2], [20, 0], [20, 1], [20, 2], [50, 0]]
    )
    np.testing.assert_array_equal(
        rollout.next_observation[:, 0], [[100, 1], [100, 2], [100, 3], [20, 1], [20, 2], [20, 3], [50, 1]]
    )
    np.testing.assert_array_equal(rollout.observation[:, 1, 0], [101, 101, 101, 21, 21, 21, 51])
    np.testing.assert_array_equal(rollout.terminated[:, 0], [False, False, True, False, False, True, False])
    np.testing.assert_array_equal(rollout.elapsed[:, 0], [0, 1, 2, 0, 1, 2, 0])
    assert not rollout.truncated.any()


def test_a_time_limit_is_a_truncation() -> None:
    cut = play(env_of("own_envs:Counting", 1, length=3, cut=True), 4)
    np.testing.assert_array_equal(cut.truncated[:, 0], [False, False, True, False])
    ours = env_of("own_envs:Counting", 1, length=9, max_episode_steps=2)
    limited = play(ours, 4)
    assert ours.horizon == 2
    np.testing.assert_array_equal(limited.truncated[:, 0], [False, True, False, True])
    assert not (cut.terminated.any() or limited.terminated.any())


def test_gymnasiums_own_vector_says_the_same_of_the_first_episodes() -> None:
    theirs = SyncVectorEnv([own_envs.Counting] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    rollout = play(env_of("own_envs:Counting", 2), 3)
    seen, _ = theirs.reset(seed=[100, 101])
    for t in range(3):
        np.testing.assert_array_equal(rollout.observation[t], seen)
        seen, _, terminated, _, info = theirs.step(np.full((2, 1), 0.5, np.float32))
        np.testing.assert_array_equal(rollout.terminated[t], terminated)
        final = np.stack(info["final_obs"]) if terminated.any() else seen
        np.testing.assert_array_equal(rollout.next_observation[t], final)
    theirs.close()


def test_fields_are_those_of_both_sides_and_the_clock() -> None:
    env = env_of("CartPole-v1", 3)
    rollout = play(env, 40)
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    inside = ~rollout.ended[:-1]
    for name in ("pole_angle", "cart_position"):
        np.testing.assert_array_equal(state[name][1:][inside], next_state[name][:-1][inside])
    np.testing.assert_array_equal(next_state["pole_angle"], rollout.next_observation[..., 2])
    np.testing.assert_allclose(next_state["time"], 0.02 * (rollout.elapsed + 1), rtol=1e-6)
    assert "env_reward" not in state
    assert env.hidden == {"env_reward"}
    np.testing.assert_array_equal(next_state["env_reward"], np.ones((40, 3)))
    assert next_state["terminated"].sum() == rollout.terminated.sum() > 0


def test_equal_seeds_and_actions_give_equal_episodes_whoever_stands_beside() -> None:
    one, several = (play(env_of("CartPole-v1", copies), 30, action=1.0) for copies in (1, 3))
    np.testing.assert_array_equal(one.next_observation[:9, 0], several.next_observation[:9, 0])


def test_muJoCos_arrays_are_those_of_the_moment() -> None:
    env = env_of("InvertedPendulum-v5", 2)
    rollout = play(env, 5, action=0.1)
    fields = env.fields(rollout, after=True)
    np.testing.assert_allclose(fields["qpos"], rollout.next_observation[..., :2], atol=1e-6)
    np.testing.assert_allclose(fields["slider_velocity"], rollout.next_observation[..., 2], atol=1e-6)
    assert fields["pole_position"].shape == (5, 2, 3)


def test_one_copy_that_raises_ends_its_episode_and_the_others_go_on() -> None:
    rollout = play(env_of("own_envs:Raises", 2, after=30), 31)  # the first copy has done some steps before
    assert rollout.diverged[30, 1] and rollout.truncated[30, 1]
    np.testing.assert_array_equal(rollout.next_observation[30, 1], rollout.observation[30, 1])  # the last sound state
    assert rollout.diverged.sum(axis=0).tolist() == [1, 1]
    assert np.isfinite(rollout.next_observation).all()


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        (
            "own_envs:Raises",
            r"own_envs:Raises: \d+ of \d+ steps failed, .*RuntimeError: the gripper is stuck \(.*own_envs.py",
        ),
        ("own_envs:ReturnsNan", r"after reset\(\) its observation is not finite"),
    ],
)
def test_one_that_never_runs_ends_the_training_with_a_sentence(name: str, seen: str) -> None:
    with pytest.raises(EnvironmentFailedError, match=seen):
        play(env_of(name, 4), 40)


def test_numbers_that_are_none_now_and_then_are_borne() -> None:
    rollout = play(env_of("own_envs:ReturnsNan", 1, every=100), 300)
    assert rollout.diverged.sum() == 2 + 1
    assert np.isfinite(rollout.next_observation).all()


def test_choices_are_one_hot_and_a_vector_of_rewards_is_summed() -> None:
    env = env_of("own_envs:Choices", 2)
    assert env.actions.choices == (2, 3)
    env.reset(noise_of([1, 2]))
    rollout = env.new_rollout(1)
    env.step(np.float32([[0, 1, 0, 0, 1], [1, 0, 1, 0, 0]]), rollout, 0, noise_of([3, 4]))
    fields = env.fields(rollout, after=True)
    np.testing.assert_array_equal(fields["choice"], [[3, 1]])  # observations 2 and 0 of a space that begins with -1
    np.testing.assert_array_equal(fields["env_reward"], [[3, 0]])


def test_what_a_clip_needs_is_seed_and_action() -> None:
    env = env_of("own_envs:Counting", 1, length=2)
    np.testing.assert_array_equal(env.movement(play(env, 3))[:, 0], [[100, 0.5], [100, 0.5], [10, 0.5]])


def test_gymnasiums_environments_are_made_without_checks() -> None:
    env = env_of("CartPole-v1", 1)
    wrapped = env.pack.copies.take(1)._envs[0]  # type: ignore[union-attr]
    assert not isinstance(wrapped.env, gymnasium.wrappers.PassiveEnvChecker)
