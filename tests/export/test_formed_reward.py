"""An exported reward with a FORM pays what training paid, over rollouts with ends of episodes in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autoreward.export.reward_file import export_reward
from autoreward.records import CompiledReward, EnvSpec, RewardSpec, Transitions
from autoreward.reward.form_reading import read_form
from autoreward.trainer.population.reward_functions import Paying, ProgramReward

Cheetah = tuple[EnvSpec, Transitions]
Compile = Callable[[str], CompiledReward]
Load = Callable[[Path], ModuleType]

PROGRAM = """
WEIGHTS = {"forward": 1.0, "level": 0.5, "effort": -0.005}
FORM = %s


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_velocity[..., 0],
        "level": jnp.exp(-jnp.square(1.0 - next_state.torso_up[..., 2])),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }


def potential(state, params):
    return state.torso_up[..., 2]
"""
FORMS = (
    '{"kind": "gate", "gates": ["level"], "clip": [-1.0, 1.5]}',
    '{"kind": "product", "penalties": ["level"], "terminal": ["effort"]}',
    '"root"',
    '"min"',
    '{"kind": "centred", "reference": 0.25}',
    '{"kind": "accumulated", "outcome": ["forward"], "threshold": 0.5}',
    '{"kind": "sign", "sparse": ["forward"]}',
    '{"kind": "sum", "delta": ["forward", "level"]}',
    '"sum"',
)
STEPS, ENVS = 8, 4


def _sequences(cheetah: Cheetah) -> tuple[dict[str, Any], np.ndarray, dict[str, Any], np.ndarray, np.ndarray]:
    """Recorded transitions as if they came one after the other, with ends of episodes by chance."""
    _, transitions = cheetah
    rng = np.random.default_rng(0)
    terminated = (rng.random((STEPS, ENVS)) < 0.2).astype(np.float32)
    over = np.maximum(terminated, rng.random((STEPS, ENVS)) < 0.2).astype(np.float32)

    def cut(array: np.ndarray) -> np.ndarray:
        return array[: STEPS * ENVS].reshape(STEPS, ENVS, *array.shape[1:])

    state, after = (
        {name: cut(array) for name, array in side.items()} for side in (transitions.state, transitions.next_state)
    )
    return state, cut(transitions.action), {**after, "terminated": terminated}, terminated, over


@pytest.mark.parametrize("form", FORMS)
def test_it_pays_what_training_paid(
    form: str, tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load
) -> None:
    source = PROGRAM % form
    compiled: CompiledReward = compile_reward(source)
    assert compiled.form == read_form(source, dict(compiled.weights))
    env = half_cheetah[0]
    state, action, after, terminated, over = _sequences(half_cheetah)
    reward = ProgramReward(RewardSpec(kind="program", compiled=compiled), env.gamma)
    first = reward.compute_step_rewards(
        *(
            {n: a[:5] for n, a in side.items()} if isinstance(side, dict) else side[:5]
            for side in (state, action, after)
        ),
        Paying(over[:5] > 0),
    )
    second = reward.compute_step_rewards(
        *(
            {n: a[5:] for n, a in side.items()} if isinstance(side, dict) else side[5:]
            for side in (state, action, after)
        ),
        Paying(over[5:] > 0, memory=first.memory),
    )
    trained = np.concatenate([first.reward, second.reward])
    exported = load(export_reward(tmp_path, source, compiled, env, {})[0])
    memory: dict[str, Any] = {}
    for t in range(STEPS):
        before, now = ({name: array[t] for name, array in side.items()} for side in (state, after))
        paid = exported.reward(before, action[t], now, terminated[t], truncated=over[t], memory=memory)
        np.testing.assert_allclose(paid, trained[t], rtol=2e-6, atol=2e-6)
    if compiled.form.remembers:
        with pytest.raises(ValueError, match="give `memory`"):
            exported.reward(before, action[0], now, terminated[0])
