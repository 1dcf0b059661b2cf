"""mjlab's own velocity tasks run with exported terms, where mjlab is installed."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import open_environment
from autoreward.export.environment_file import export_environment
from autoreward.export.targets.target_files import export_target
from autoreward.pack_tools.scaffold import new_pack
from autoreward.records.form import SUM

pytestmark = pytest.mark.mjlab
STEPS = 20
SOURCE = """WEIGHTS = {{"track": 1.5, "level": -2.0, "torque": -2e-4, "change": -0.02, "swing": -0.1, "limits": -1.0}}


def reward_terms(state, action, next_state, params):
    error = next_state.command_error
    outside = jnp.maximum(next_state.joint_lower - next_state.joint_position, 0.0)
    return {{
        "track": jnp.exp(-jnp.sum(jnp.square(error[..., :2]), axis=-1) / 0.25),
        "level": jnp.sum(jnp.square(next_state.{base}_gravity[..., :2]), axis=-1),
        "torque": jnp.sum(jnp.square(next_state.joint_torque), axis=-1),
        "change": jnp.sum(jnp.square(action - state.last_action), axis=-1),
        "swing": jnp.sum(jnp.square(next_state.foot_height - 0.08) * next_state.foot_speed, axis=-1),
        "limits": jnp.sum(outside, axis=-1),
    }}
"""


@pytest.mark.parametrize(
    ("task", "model", "base"),
    [
        ("Mjlab-Velocity-Flat-Unitree-Go1", "unitree_go1/xmls/go1.xml", "trunk"),
        ("Mjlab-Velocity-Flat-Unitree-G1", "unitree_g1/xmls/g1.xml", "pelvis"),
    ],
)
def test_velocity_tasks_run_with_exported_terms(
    task: str, model: str, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mjlab = pytest.importorskip("mjlab", reason="mjlab is no dependency: pip install mjlab==1.6.0 rich==14.3.4")
    torch = pytest.importorskip("torch")
    file = Path(mjlab.__file__).parent / "asset_zoo" / "robots" / model
    new_pack(str(tmp_path / "robot"), file, control="position", commands=("velocity",))
    pack, spec = load_pack(str(tmp_path / "robot")), open_environment(str(tmp_path / "robot")).spec
    source = SOURCE.format(base=base)
    weights = {"track": 1.5, "level": -2.0, "torque": -2e-4, "change": -0.02, "swing": -0.1, "limits": -1.0}
    compiled: Any = SimpleNamespace(weights=weights, params={}, has_potential=False, inputs=(), form=SUM)
    export_environment(tmp_path / "out", pack, spec)
    export_target(tmp_path / "out", "mjlab", pack, spec, source, compiled, 0.99, "Walk.")
    monkeypatch.syspath_prepend(str(tmp_path))
    rewards: Any = import_module("out.mjlab_rewards")
    import_module("mjlab.tasks")
    registry, envs = import_module("mjlab.tasks.registry"), import_module("mjlab.envs")
    cfg = registry.load_env_cfg(task)
    cfg.scene.num_envs, cfg.curriculum = 4, {}
    cfg.rewards = rewards.reward_terms_cfg(cfg.sim.mujoco.timestep * cfg.decimation)
    env = envs.ManagerBasedRlEnv(cfg, device="cpu")
    env.reset()
    for _ in range(STEPS):
        _, reward, *_ = env.step(torch.zeros(4, env.action_manager.total_action_dim))
        assert torch.isfinite(reward).all()
        rates = env.reward_manager._step_reward * env.step_dt
        torch.testing.assert_close(rates.sum(dim=1), reward, rtol=1e-4, atol=1e-5)
        assert (rates[:, 0] > 0.0).all() and (rates[:, 2] < 0.0).all()
    sys.modules.pop("out.mjlab_rewards")
