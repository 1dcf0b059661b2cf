"""What only the value network sees: no policy depends on it, neither its actions nor its numbers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.environment.mjx_env import MjxEnv
from autoreward.environment.pack import Noise, Pack, load_pack, packs_directory
from autoreward.environment.vector_env import VectorEnv
from autoreward.errors import EnvironmentFailedError
from autoreward.records import TrainingJob
from autoreward.trainer.population import policy
from autoreward.trainer.population.trainer import Trainer
from tests.trainer.conftest import Compiled

ADDED = """
PRIVILEGED_SIZE = 3


def privileged(xp, data, memory):
    return xp.concatenate([data.qpos, data.qvel[..., :1] * 2.0], axis=-1)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pendulum whose value network sees more."""
    made = tmp_path_factory.mktemp("packs") / "inverted_pendulum"
    shutil.copytree(packs_directory() / "inverted_pendulum", made)
    with (made / "pack.py").open("a") as file:
        file.write(ADDED)
    return made


def test_the_policy_takes_the_first_numbers_and_the_value_network_all() -> None:
    parameters = policy.initial_parameters(np.random.default_rng(0), 4, 2, (8,), 0.0, privileged=3)
    assert parameters.actor[0][0].shape == (4, 8) and parameters.critic[0][0].shape == (7, 8)
    seen = jnp.asarray(np.random.default_rng(1).normal(size=(5, 7)), jnp.float32)
    other = seen.at[:, 4:].add(1.0)
    np.testing.assert_array_equal(policy.action_mean(parameters, seen), policy.action_mean(parameters, other))
    assert not np.array_equal(policy.value(parameters, seen), policy.value(parameters, other))
    stats = policy.RunningStats(jnp.arange(7.0), jnp.arange(1.0, 8.0), jnp.asarray(1.0))
    np.testing.assert_array_equal(policy.normalise(stats, seen)[:, :4], policy.normalise(stats, seen[:, :4]))


def test_the_policy_that_is_kept_has_the_size_of_the_observation(
    folder: Path, job: Callable[..., TrainingJob], compiled: Compiled
) -> None:
    plain = job({"a": compiled.centred})
    result, recordings = Trainer().train(plain.model_copy(update={"env_path": str(folder)}))
    assert {member.status for member in result.members} == {"trained"}
    numbers = recordings[0].policy
    assert numbers is not None
    assert numbers["observation_mean"].shape == (4,) and numbers["weights_0"].shape[0] == 4


@pytest.mark.thorough
def test_both_simulations_give_it_before_and_after_a_step(folder: Path) -> None:
    pack = load_pack(str(folder))
    env, mjx = VectorEnv(pack, 2, num_threads=1), MjxEnv(pack)
    noise = Noise(np.full((2, env.noise_size), 0.5), np.full((2, env.noise_size), 0.5))
    env.reset(noise)
    rollout = env.new_rollout(2)
    for t in range(2):
        env.step(np.zeros((2, 1), np.float32), rollout, t, noise)
    assert rollout.privileged is not None and rollout.next_privileged is not None
    np.testing.assert_array_equal(rollout.privileged[1], rollout.next_privileged[0])
    np.testing.assert_allclose(rollout.next_privileged[1, :, :2], rollout.after["qpos"][1], rtol=1e-6)
    drawn = Noise(jnp.asarray(noise.uniform), jnp.asarray(noise.normal))
    _, row = jax.jit(lambda action: mjx.step(mjx.reset(drawn), action, drawn))(jnp.zeros((2, 1)))
    np.testing.assert_allclose(row["privileged"], rollout.privileged[0], atol=1e-5)
    np.testing.assert_allclose(row["next_privileged"], rollout.next_privileged[0], atol=1e-4)


def test_another_size_than_is_declared_is_named(folder: Path) -> None:
    pack: Pack = replace(load_pack(str(folder)), privileged_size=2)
    env = VectorEnv(pack, 2, num_threads=1)
    with pytest.raises(EnvironmentFailedError, match=r"privileged\(\) has shape \(2, 3\), expected \(2, 2\)"):
        env.reset(Noise(np.zeros((2, env.noise_size)), np.zeros((2, env.noise_size))))
