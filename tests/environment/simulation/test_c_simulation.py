"""The batched simulation beside MuJoCo's own, one model at a time."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.c_simulation import CSimulation
from autoreward.environment.simulation.model import load_model, refusal


@pytest.fixture(scope="module")
def model() -> Any:
    return load_model(load_pack("inverted_pendulum"))


def started(model: Any, sims: int = 3) -> CSimulation:
    simulation = CSimulation(model, sims, ("qpos", "qvel", "xpos"), 1)
    qpos = np.linspace(-0.1, 0.1, sims * model.nq).reshape(sims, -1)
    simulation.reset(np.ones(sims, bool), qpos, np.zeros((sims, model.nv)))
    return simulation


def test_steps_are_those_of_mujoco_to_the_last_bit(model: Any) -> None:
    simulation, ctrl = started(model), np.array([[0.5], [-0.5], [0.0]])
    expected = []
    for row in range(3):
        data = mujoco.MjData(model)
        data.qpos[:], data.ctrl[:] = simulation.arrays()["qpos"][row], ctrl[row]
        for _ in range(4):
            mujoco.mj_step(model, data)
        expected.append(data.qpos.copy())
    assert not simulation.step(ctrl, 4).any()
    np.testing.assert_array_equal(simulation.arrays()["qpos"], expected)


def test_only_those_that_are_reset_change(model: Any) -> None:
    simulation = started(model)
    before = simulation.arrays()["qpos"].copy()
    simulation.reset(np.array([False, True, False]), np.full((1, model.nq), 0.3), np.zeros((1, model.nv)))
    np.testing.assert_array_equal(simulation.arrays()["qpos"][[0, 2]], before[[0, 2]])
    np.testing.assert_array_equal(simulation.arrays()["qpos"][1], 0.3)


def test_a_reset_computes_where_bodies_are(model: Any) -> None:
    simulation = started(model)
    data = mujoco.MjData(model)
    data.qpos[:] = simulation.arrays()["qpos"][2]
    mujoco.mj_forward(model, data)
    np.testing.assert_allclose(simulation.arrays()["xpos"][2], data.xpos, atol=1e-12)


def test_no_frames_move_nothing(model: Any) -> None:
    simulation = started(model)
    before = simulation.arrays()["qpos"].copy()
    assert not simulation.step(np.ones((3, 1)), 0).any()
    np.testing.assert_array_equal(simulation.arrays()["qpos"], before)


def test_the_one_that_diverges_is_named(model: Any) -> None:
    simulation = started(model)
    qvel = np.zeros((1, model.nv))
    qvel[0, 0] = 1e12
    simulation.reset(np.array([False, True, False]), np.zeros((1, model.nq)), qvel)
    assert simulation.step(np.zeros((3, 1)), 5).tolist() == [False, True, False]


def test_each_simulation_can_have_a_model_of_its_own(model: Any) -> None:
    simulation = CSimulation(model, 2, ("qpos",), 1)
    mass = np.stack([model.body_mass, 10.0 * model.body_mass])
    simulation.set_parameters({"body_mass": mass})
    simulation.reset(np.ones(2, bool), np.zeros((2, model.nq)), np.zeros((2, model.nv)))
    simulation.step(np.ones((2, 1)), 5)
    light, heavy = simulation.arrays()["qpos"][:, 0]
    assert 0.0 < heavy < light


def test_a_simulation_that_mujoco_refuses_is_cut_and_its_words_are_kept() -> None:
    floor = "<geom type='plane' size='1 1 1'/><body pos='0 0 .09'><freejoint/><geom size='.1'/></body>"
    model = mujoco.MjModel.from_xml_string(f"<mujoco><size memory='2K'/><worldbody>{floor}</worldbody></mujoco>")
    simulation = CSimulation(model, 2, ["qpos"])
    simulation.reset(np.ones(2, bool), np.tile(model.qpos0, (2, 1)), np.zeros((2, 6)))
    assert simulation.step(np.zeros((2, 0)), 3).all()
    words = next(iter(simulation.refused.values()))  # Both are refused; MuJoCo's threads name either one.
    assert "out of memory" in words
    assert "<size memory" in refusal("mine", words).remedy


def test_a_small_nconmax_stops_nothing() -> None:
    """MuJoCo keeps contacts in the memory of the model; the old limit of their number is read and has no effect."""
    balls = "".join(f"<body pos='{x} 0 .09'><freejoint/><geom size='.1'/></body>" for x in range(4))
    floor = f"<geom type='plane' size='9 9 1'/>{balls}"
    model = mujoco.MjModel.from_xml_string(f"<mujoco><size nconmax='1'/><worldbody>{floor}</worldbody></mujoco>")
    simulation = CSimulation(model, 2, ["qpos"])
    assert not simulation.step(np.zeros((2, 0)), 20).any()
    heights = simulation.arrays()["qpos"][:, 2::7]
    assert (heights > 0.09).all() and np.ptp(heights) < 1e-9 and not simulation.refused


@pytest.mark.parametrize("broken", [np.nan, 1e200])
def test_only_the_simulation_whose_acceleration_is_no_number_is_cut(broken: float) -> None:
    joint = "<body><joint name='a' type='slide' axis='1 0 0'/><geom size='.1' mass='1'/></body>"
    model = mujoco.MjModel.from_xml_string(
        f"<mujoco><worldbody>{joint}</worldbody><actuator><motor joint='a' gear='1e200'/></actuator></mujoco>"
    )
    simulation = CSimulation(model, 3, ["qpos"])
    assert simulation.step(np.array([[0.0], [broken], [0.0]]), 4).tolist() == [False, True, False]
    assert np.isfinite(simulation.arrays()["qpos"]).all()
