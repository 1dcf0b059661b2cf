"""The reward terms of the trade, written over the fields of new packs, against direct computations from mjData.

Names as in Isaac Lab, mjlab, MuJoCo Playground and legged_gym.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.pack import Pack
from autoreward.environment.random_rollout import flatten_transitions
from autoreward.environment.simulation.model import load_model
from autoreward.environment.vector_env import Rollout, VectorEnv
from tests.pack_tools.conftest import played

Make = Callable[..., Pack]
PERIOD = 0.02  # [s]
STEPS = 30
UP = np.array([0.0, 0.0, 1.0])

QUADRUPED = """
    "track_lin_vel_xy_exp": jnp.exp(-jnp.sum(jnp.square(next_state.command_error[..., 0:2]), axis=-1) / 0.25),
    "track_ang_vel_z_exp": jnp.exp(-jnp.square(next_state.command_error[..., 2]) / 0.25),
    "lin_vel_z_l2": jnp.square(next_state.trunk_own_velocity[..., 2]),
    "ang_vel_xy_l2": jnp.sum(jnp.square(next_state.trunk_angular_velocity[..., 0:2]), axis=-1),
    "flat_orientation_l2": jnp.sum(jnp.square(next_state.trunk_gravity[..., 0:2]), axis=-1),
    "base_height_l2": jnp.square(next_state.trunk_height - 0.3),
    "joint_torques_l2": jnp.sum(jnp.square(next_state.joint_torque), axis=-1),
    "power": jnp.sum(jnp.abs(next_state.joint_power), axis=-1),
    "joint_acc_l2": jnp.sum(jnp.square(next_state.joint_acceleration), axis=-1),
    "joint_vel_limits": jnp.sum(jnp.maximum(jnp.abs(next_state.joint_velocity) - 2.0, 0.0), axis=-1),
    "joint_pos_limits": jnp.sum(
        jnp.maximum(0.9 * next_state.joint_lower - next_state.joint_position, 0.0)
        + jnp.maximum(next_state.joint_position - 0.9 * next_state.joint_upper, 0.0), axis=-1),
    "joint_deviation_l1": jnp.sum(jnp.abs(next_state.joint_offset), axis=-1),
    "action_rate_l2": jnp.sum(jnp.square(action - state.last_action), axis=-1),
    "action_smoothness": jnp.sum(
        jnp.square(action - 2.0 * state.last_action + state.action_before_last), axis=-1),
    "feet_air_time": jnp.sum((next_state.foot_last_air_time - 0.1) * next_state.foot_landed, axis=-1),
    "feet_slide": jnp.sum(next_state.foot_speed * next_state.foot_contact, axis=-1),
    "foot_clearance": jnp.sum(jnp.square(next_state.foot_height - 0.05) * next_state.foot_speed, axis=-1),
    "contacts": jnp.sum(next_state.foot_contact, axis=-1),
    "feet_contact_forces": jnp.sum(next_state.touch, axis=-1),
    "termination_by_tilt": jnp.where(next_state.lean_margin < 0.0, 1.0, 0.0),
    "termination_by_height": jnp.where(next_state.height_margin < 0.0, 1.0, 0.0),
    "centre_of_mass_velocity": next_state.centre_of_mass_velocity[..., 0],
    "heading": jnp.square(next_state.heading_error),
"""
LED = """
    "reach": jnp.sqrt(jnp.sum(jnp.square(next_state.grip_position - next_state.cube_position), axis=-1)),
    "object_goal_distance": jnp.sqrt(jnp.sum(jnp.square(next_state.target_offset), axis=-1)),
    "lift_height": next_state.cube_position[..., 2] - 0.03,
    "object_velocity": jnp.sqrt(jnp.sum(jnp.square(next_state.cube_velocity), axis=-1)),
    "object_spin": next_state.cube_angular_velocity[..., 2],
    "object_upright": next_state.cube_z_axis[..., 2],
    "pose_error": 1.0 - jnp.abs(jnp.sum(next_state.grip_rotation * state.grip_rotation, axis=-1)),
    "door": next_state.door_hinge_angle,
    "slide_pos_limits": jnp.sum(next_state.slide_upper - next_state.slide_position, axis=-1),
"""


def terms_of(source: str, env: VectorEnv, rollout: Rollout) -> dict[str, np.ndarray]:
    """The terms of a reward over a whole rollout, [T, N] each."""
    reward_terms = eval(f"lambda state, action, next_state, params: {{{source}}}", {"jnp": np})
    flat = flatten_transitions(env, rollout)

    class Record:
        def __init__(self, fields: dict[str, Any]) -> None:
            self.__dict__.update(fields)

    terms = reward_terms(Record(flat.state), flat.action, Record(flat.next_state), {})
    return {name: np.asarray(value).reshape(rollout.elapsed.shape) for name, value in terms.items()}


def replayed(pack: Pack, rollout: Rollout) -> list[Any]:
    """mjData after each step of the first episode of the first environment, in MuJoCo itself; the reset first."""
    model = load_model(pack)
    data = mujoco.MjData(model)
    data.qpos[:], data.qvel[:] = rollout.before["qpos"][0, 0], rollout.before["qvel"][0, 0]
    mujoco.mj_forward(model, data)
    states = [copied(model, data)]
    for t in range(STEPS):
        action = rollout.action[t, 0].astype(float)
        data.ctrl[:] = action[: model.nu]
        if model.nmocap:
            data.mocap_pos[0] = data.mocap_pos[0] + action[model.nu :]
        mujoco.mj_step(model, data, pack.frame_skip)
        states.append(copied(model, data))
        if rollout.ended[t, 0]:
            break
    return states


def copied(model: Any, data: Any) -> Any:
    return mujoco.MjData.__copy__(data)


def compared(source: str, pack: Pack, direct: dict[str, Callable[..., float]]) -> None:
    env, rollout, _ = played(pack, steps=STEPS)
    terms, states, model = terms_of(source, env, rollout), replayed(pack, rollout), load_model(pack)
    assert set(terms) == set(direct)
    assert len(states) > 10
    memory = {name: value[:, 0] for name, value in rollout.memory_after.items()}
    for name, compute in direct.items():
        for t in range(len(states) - 1):
            expected = compute(model, states[t + 1], states[: t + 2], rollout.action[:, 0].astype(float), t, memory)
            assert terms[name][t, 0] == pytest.approx(expected, rel=2e-3, abs=2e-5), (name, t)


def own(data: Any, vector: np.ndarray) -> np.ndarray:
    """A world vector in the frame of the trunk, body 1, as qpos has it."""
    turned = np.zeros(9)
    mujoco.mju_quat2Mat(turned, data.qpos[3:7] / np.linalg.norm(data.qpos[3:7]))
    return np.asarray(turned.reshape(3, 3).T @ vector)


def feet(model: Any, data: Any) -> np.ndarray:
    """The feet's positions [4, 3]: their sites."""
    names = [f"{end}_{side}_foot" for end in ("front", "rear") for side in ("left", "right")]
    return np.stack([data.site_xpos[model.site(name).id] for name in names])


def soles(model: Any, data: Any) -> np.ndarray:
    return feet(model, data)[:, 2] - 0.025


def feet_speeds(model: Any, states: list[Any]) -> np.ndarray:
    moved = feet(model, states[-1]) - feet(model, states[-2])
    return np.linalg.norm(moved[:, :2], axis=-1) / PERIOD


def air_times(model: Any, states: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """How long the last flight of each foot was, and whether it touched down in the last step."""
    air, last, landed = np.zeros(4), np.zeros(4), np.zeros(4)
    for data in states[1:]:
        touching = soles(model, data) < 0.01
        landed = touching & (air > 0.0)
        last = np.where(landed, air, last)
        air = np.where(touching, 0.0, air + PERIOD)
    return last, landed.astype(float)


def shifted(action: np.ndarray, t: int, back: int) -> np.ndarray:
    return action[t - back] if t >= back else np.zeros_like(action[0])


def velocity_error(data: Any, command: np.ndarray) -> np.ndarray:
    front = own(data, np.eye(3)[0])  # row: the world's x in the trunk's frame; columns give the trunk's axes
    turned = np.zeros(9)
    mujoco.mju_quat2Mat(turned, data.qpos[3:7] / np.linalg.norm(data.qpos[3:7]))
    front = turned.reshape(3, 3)[:, 0] * [1, 1, 0]
    front = front / np.linalg.norm(front)
    left = np.cross(UP, front)
    turn = float((turned.reshape(3, 3) @ data.qvel[3:6])[2])
    return np.array([data.qvel[:3] @ front, data.qvel[:3] @ left, turn]) - command


def heading_error(data: Any, heading: float) -> float:
    turned = np.zeros(9)
    mujoco.mju_quat2Mat(turned, data.qpos[3:7] / np.linalg.norm(data.qpos[3:7]))
    off = np.arctan2(turned[3], turned[0]) - heading
    return float((off + np.pi) % (2.0 * np.pi) - np.pi)


def test_the_terms_of_legged_robots(make: Make) -> None:
    pack = make("quadruped", commands=["velocity", "heading"])
    home = load_model(pack).key_qpos[0][7:]
    compared(
        QUADRUPED,
        pack,
        {
            "track_lin_vel_xy_exp": lambda m, d, s, a, t, k: np.exp(
                -np.square(velocity_error(d, k["command"][t])[:2]).sum() / 0.25
            ),
            "track_ang_vel_z_exp": lambda m, d, s, a, t, k: np.exp(
                -(velocity_error(d, k["command"][t])[2] ** 2) / 0.25
            ),
            "lin_vel_z_l2": lambda m, d, s, a, t, k: own(d, d.qvel[:3])[2] ** 2,
            "ang_vel_xy_l2": lambda m, d, s, a, t, k: np.square(d.qvel[3:5]).sum(),
            "flat_orientation_l2": lambda m, d, s, a, t, k: np.square(own(d, -UP)[:2]).sum(),
            "base_height_l2": lambda m, d, s, a, t, k: (d.qpos[2] - 0.3) ** 2,
            "joint_torques_l2": lambda m, d, s, a, t, k: np.square(d.actuator_force).sum(),
            "power": lambda m, d, s, a, t, k: np.abs(d.actuator_force * d.qvel[6:]).sum(),
            "joint_acc_l2": lambda m, d, s, a, t, k: np.square(d.qacc[6:]).sum(),
            "joint_vel_limits": lambda m, d, s, a, t, k: np.maximum(np.abs(d.qvel[6:]) - 2.0, 0.0).sum(),
            "joint_pos_limits": lambda m, d, s, a, t, k: (
                np.maximum(0.9 * m.jnt_range[1:, 0] - d.qpos[7:], 0.0)
                + np.maximum(d.qpos[7:] - 0.9 * m.jnt_range[1:, 1], 0.0)
            ).sum(),
            "joint_deviation_l1": lambda m, d, s, a, t, k: np.abs(d.qpos[7:] - home).sum(),
            "action_rate_l2": lambda m, d, s, a, t, k: np.square(a[t] - shifted(a, t, 1)).sum(),
            "action_smoothness": lambda m, d, s, a, t, k: np.square(
                a[t] - 2.0 * shifted(a, t, 1) + shifted(a, t, 2)
            ).sum(),
            "feet_air_time": lambda m, d, s, a, t, k: ((air_times(m, s)[0] - 0.1) * air_times(m, s)[1]).sum(),
            "feet_slide": lambda m, d, s, a, t, k: (feet_speeds(m, s) * (soles(m, d) < 0.01)).sum(),
            "foot_clearance": lambda m, d, s, a, t, k: (np.square(soles(m, d) - 0.05) * feet_speeds(m, s)).sum(),
            "contacts": lambda m, d, s, a, t, k: (soles(m, d) < 0.01).sum(),
            "feet_contact_forces": lambda m, d, s, a, t, k: d.sensordata[6:10].sum(),
            "termination_by_tilt": lambda m, d, s, a, t, k: float(-own(d, -UP)[2] < np.cos(1.2)),
            "termination_by_height": lambda m, d, s, a, t, k: float(d.qpos[2] < 0.4 * 0.32),
            "centre_of_mass_velocity": lambda m, d, s, a, t, k: (
                s[-1].subtree_com[1] - s[-2].subtree_com[1]
            )[0] / PERIOD,
            "heading": lambda m, d, s, a, t, k: heading_error(d, k["heading"][t][0]) ** 2,
        },
    )  # fmt: skip


def cube_axes(data: Any) -> np.ndarray:
    turned = np.zeros(9)
    mujoco.mju_quat2Mat(turned, data.qpos[8:12])
    return turned.reshape(3, 3)


def test_the_terms_of_arms_with_objects(make: Make) -> None:
    pack = make("led", commands=["target:cube"])
    compared(
        LED,
        pack,
        {
            "reach": lambda m, d, s, a, t, k: np.linalg.norm(d.site_xpos[0] - d.qpos[5:8]),
            "object_goal_distance": lambda m, d, s, a, t, k: np.linalg.norm(k["target"][t] - d.qpos[5:8]),
            "lift_height": lambda m, d, s, a, t, k: d.qpos[7] - 0.03,
            "object_velocity": lambda m, d, s, a, t, k: np.linalg.norm(d.qvel[5:8]),
            "object_spin": lambda m, d, s, a, t, k: (cube_axes(d) @ d.qvel[8:11])[2],
            "object_upright": lambda m, d, s, a, t, k: cube_axes(d)[2, 2],
            "pose_error": lambda m, d, s, a, t, k: 1.0 - abs(
                float(s[-1].xquat[m.body("wrist").id] @ s[-2].xquat[m.body("wrist").id])
            ),
            "door": lambda m, d, s, a, t, k: d.qpos[12],
            "slide_pos_limits": lambda m, d, s, a, t, k: (0.02 - d.qpos[3:5]).sum(),
        },
    )  # fmt: skip


def test_a_robot_that_rolls_has_the_same_fields_without_feet_in_the_air(make: Make) -> None:
    names = {field.name for field in make("wheeler").fields_declared}
    assert {"joint_offset", "joint_lower", "centre_of_mass", "action_before_last", "chassis_gravity"} <= names
