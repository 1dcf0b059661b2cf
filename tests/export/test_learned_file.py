"""Learned weights in an export: ordinary WEIGHTS, or a network that pays what training paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import jax
import numpy as np

from autoreward.export.learned_file import LEARNED_NAME, export_learned, learned_note, with_learned_weights
from autoreward.export.reward_file import export_reward
from autoreward.records import CompiledReward, EnvSpec, MemberResult, RewardSpec, Transitions
from autoreward.trainer.combination.combination import Pay
from autoreward.trainer.combination.reward_model import initial_model, model_arrays, stack_models
from autoreward.trainer.population.reward_functions import Paying, ProgramReward

SOURCE = """
WEIGHTS = {"forward": 1.0, "effort": -0.1}


def reward_terms(state, action, next_state, params):
    return {"forward": next_state.torso_velocity[..., 0], "effort": jnp.sum(jnp.square(action), axis=-1)}


def potential(state, params):
    return state.torso_up[..., 2]
"""


def member(**weights: float) -> MemberResult:
    return MemberResult(candidate="a", seed=3, status="trained", weights=weights)


def paid_in_training(
    compiled: CompiledReward, cheetah: tuple[EnvSpec, Transitions], pay: Pay, terminated: np.ndarray
) -> np.ndarray:
    """Of one member whose environments are the transitions, in one step."""
    env, rows = cheetah
    state, after = ({name: array[None] for name, array in side.items()} for side in (rows.state, rows.next_state))
    reward = ProgramReward(RewardSpec(kind="program", compiled=compiled), env.gamma)
    over = np.zeros((1, len(rows.action)), bool)
    arrays = (state, rows.action[None], {**after, "terminated": terminated[None]})
    return np.asarray(reward.compute_step_rewards(*arrays, Paying(over, pay)).reward[0])


def test_learned_weights_are_ordinary_weights(
    tmp_path: Path, compile_reward: Callable[[str], CompiledReward], half_cheetah: tuple[EnvSpec, Transitions],
    load: Callable[[Path], ModuleType],
) -> None:  # fmt: skip
    compiled = compile_reward(SOURCE)
    learned = member(forward=0.25, effort=0.0625)
    exported = load(export_reward(tmp_path, SOURCE, with_learned_weights(compiled, learned), half_cheetah[0], {})[0])
    assert exported.WEIGHTS == {"forward": 0.25, "effort": 0.0625}
    rows = half_cheetah[1]
    terminated = np.float32(np.arange(len(rows.action)) % 3 == 0)
    expected = paid_in_training(compiled, half_cheetah, Pay(np.float32([[0.25, 0.0625]])), terminated)
    found = exported.reward(rows.state, rows.action, rows.next_state, terminated)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    assert export_learned(tmp_path, compiled, {"scale": np.ones(2), "weights_0": np.ones((2, 1))}) == []
    assert "seed 3" in learned_note(learned, {})[0]
    assert with_learned_weights(compiled, member()) == compiled
    assert learned_note(member(), {}) == []


def test_a_network_pays_from_the_files_what_it_paid_in_training(
    tmp_path: Path, compile_reward: Callable[[str], CompiledReward], half_cheetah: tuple[EnvSpec, Transitions],
    load: Callable[[Path], ModuleType],
) -> None:  # fmt: skip
    compiled, rows = compile_reward(SOURCE), half_cheetah[1]
    model = initial_model(np.random.default_rng(0), 2, (16, 16))._replace(scale=np.float32([2.0, 0.5]))
    model = jax.tree.map(lambda leaf: np.asarray(leaf) + np.float32(0.1), model)
    export_reward(tmp_path, SOURCE, compiled, half_cheetah[0], {})
    files = export_learned(tmp_path, compiled, model_arrays(model))
    exported = load(tmp_path / LEARNED_NAME)
    assert [file.name for file in files] == [LEARNED_NAME, "learned_reward.npz"]
    terminated = np.float32(np.arange(len(rows.action)) % 3 == 0)
    pay = Pay(np.zeros((1, 2), np.float32), stack_models([model]))
    expected = paid_in_training(compiled, half_cheetah, pay, terminated)
    found = exported.reward(rows.state, rows.action, rows.next_state, terminated)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)
    one = [{name: array[0] for name, array in side.items()} for side in (rows.state, rows.next_state)]
    assert abs(exported.reward(one[0], rows.action[0], one[1], bool(terminated[0])) - expected[0]) < 1e-4
    assert "network" in learned_note(member(forward=1.0), model_arrays(model))[1]
