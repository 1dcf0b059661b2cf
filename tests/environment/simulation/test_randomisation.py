"""Models that differ from simulation to simulation: what is drawn, and that each one moves as if it were alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.randomised_ranges import read_ranges
from autoreward.environment.simulation.c_simulation import CSimulation
from autoreward.environment.simulation.model import load_model
from autoreward.environment.simulation.randomisation import build_model_of_row, count_random_numbers, draw_parameters
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.errors import EnvironmentFailedError

ROBOT = """<mujoco>
  <option timestep="0.005"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 1" friction="{floor}"/>
    <body name="base" pos="0 0 0.14">
      <freejoint name="root"/>
      <geom name="box" type="box" size="0.2 0.1 0.05" mass="{base}" friction="{box}"/>
      <body name="arm" pos="0.2 0 0.05">
        <joint name="shoulder" axis="0 1 0" damping="{damping}" armature="{armature}" range="-90 90" limited="true"/>
        <geom name="rod" type="capsule" fromto="0 0 0 0.3 0 0" size="0.02" mass="{arm}"/>
        <body name="hand" pos="0.3 0 0">
          <joint name="wrist" axis="0 1 0" damping="0.05"/>
          <geom name="tip" type="sphere" size="0.04" mass="0.2"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <position name="hold" joint="shoulder" kp="{kp}" kv="{kv}"/>
    <motor name="twist" joint="wrist" gear="0.5"/>
  </actuator>
</mujoco>"""
NOMINAL = {
    "base": 2.0, "arm": 0.5, "floor": 0.4, "box": 0.5, "damping": 0.2, "armature": 0.01, "kp": 20.0, "kv": 1.0,
}  # fmt: skip
RANGES = read_ranges(
    (
        dict(quantity="mass", of="base", scale=(0.5, 1.5)),
        dict(quantity="mass", of="arm", value=(0.2, 1.0)),
        dict(quantity="friction", of=("floor", "box"), value=(0.1, 0.9), together=True),
        dict(quantity="gain", of="hold", scale=(0.5, 1.5)),
        dict(quantity="damping", of="shoulder", scale=(0.5, 1.5)),
        dict(quantity="armature", of="shoulder", value=(0.0, 0.05)),
    ),
    "robot",
)
HALF_CHEETAH = (
    dict(quantity="mass", of="all", scale=(0.7, 1.4)),
    dict(quantity="friction", of="all", scale=(0.5, 1.5), together=True),
    dict(quantity="gain", of=("bthigh", "fthigh"), scale=(0.8, 1.2)),
)


def robot(**changes: float) -> Any:
    return mujoco.MjModel.from_xml_string(ROBOT.format(**(NOMINAL | changes)))


def compiled(numbers: np.ndarray) -> Any:
    """The robot as MuJoCo compiles it from a text with the numbers that RANGES make of `numbers [6]`."""
    base, arm, friction, gain, damping, armature = numbers
    factor = 0.5 + gain
    return robot(
        base=2.0 * (0.5 + base), arm=0.2 + 0.8 * arm, floor=0.1 + 0.8 * friction, box=0.1 + 0.8 * friction,
        kp=20.0 * factor, kv=factor, damping=0.2 * (0.5 + damping), armature=0.05 * armature,
    )  # fmt: skip


def numbers(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, columns))


def test_parameters_by_hand() -> None:
    made = draw_parameters("robot", robot(), RANGES, np.array([[0.0, 0.5, 0.25, 1.0, 0.5, 1.0]]))
    model = robot()
    assert sorted(made) == [
        "actuator_biasprm", "actuator_gainprm", "body_inertia", "body_mass", "dof_armature", "dof_damping",
        "geom_friction",
    ]  # fmt: skip
    np.testing.assert_allclose(made["body_mass"], [[0.0, 1.0, 0.6, 0.2]])  # 2 * 0.5; 0.2 + 0.5 * 0.8
    np.testing.assert_allclose(made["body_inertia"][0, 1], 0.5 * model.body_inertia[1])
    np.testing.assert_allclose(made["body_inertia"][0, 2], 1.2 * model.body_inertia[2])  # 0.6 kg for 0.5 kg
    np.testing.assert_allclose(made["geom_friction"][0, :2, 0], 0.3)  # 0.1 + 0.25 * 0.8, one number for both
    np.testing.assert_array_equal(made["geom_friction"][0, :, 1:], model.geom_friction[:, 1:])
    np.testing.assert_array_equal(made["geom_friction"][0, 2:], model.geom_friction[2:])
    np.testing.assert_allclose(made["actuator_gainprm"][0, :, 0], [30.0, 1.0])  # 20 * 1.5; the motor stays
    np.testing.assert_allclose(made["actuator_biasprm"][0, 0, :3], [0.0, -30.0, -1.5])  # -kp and -kv with it
    np.testing.assert_allclose(made["dof_damping"], [[0, 0, 0, 0, 0, 0, 0.2, 0.05]])
    np.testing.assert_allclose(made["dof_armature"], [[0, 0, 0, 0, 0, 0, 0.05, 0]])


def test_all_means_those_whose_number_is_not_zero() -> None:
    ranges = read_ranges((dict(quantity="mass", of="all", scale=(1, 2)),), "robot")
    assert count_random_numbers("robot", robot(), ranges) == 3  # the world has no mass
    made = draw_parameters("robot", robot(), ranges, np.array([[0.0, 0.5, 1.0]]))
    np.testing.assert_allclose(made["body_mass"], [[0.0, 2.0, 0.75, 0.4]])
    alike = read_ranges((dict(quantity="damping", of="all", scale=(1, 2), together=True),), "robot")
    assert count_random_numbers("robot", robot(), alike) == 1
    made = draw_parameters("robot", robot(), alike, np.array([[0.5]]))
    np.testing.assert_allclose(made["dof_damping"], [[0, 0, 0, 0, 0, 0, 0.3, 0.075]])  # the free joint has none


def test_every_simulation_moves_as_its_own_compiled_model() -> None:
    """Six models in one batch against six that MuJoCo compiled from texts with the same numbers."""
    rows, drawn = 6, numbers(6, count_random_numbers("robot", robot(), RANGES))
    batch = CSimulation(robot(), rows, ("qpos", "qvel"), 1)
    batch.set_parameters(draw_parameters("robot", robot(), RANGES, drawn))
    start = np.tile(robot().qpos0, (rows, 1))
    batch.reset(np.ones(rows, bool), start, np.zeros((rows, 8)))
    models = [compiled(one) for one in drawn]
    alone = [mujoco.MjData(model) for model in models]
    actions = np.random.default_rng(1).uniform(-1, 1, (200, rows, 2))
    for action in actions:  # 200 x 2 x 0.005 s: the box falls, slides and lies
        batch.step(action, 2)
        for model, data, own in zip(models, alone, action, strict=True):
            data.ctrl[:] = own
            mujoco.mj_step(model, data, 2)
    ends = np.stack([data.qpos for data in alone])
    np.testing.assert_allclose(batch.arrays()["qpos"], ends, atol=1e-8)
    np.testing.assert_allclose(batch.arrays()["qvel"], np.stack([data.qvel for data in alone]), atol=1e-7)
    assert np.ptp(ends, axis=0).max() > 0.05  # and no two of them moved alike


def test_derived_constants_are_those_of_the_compiled_model() -> None:
    drawn = numbers(3, 6)
    parameters = draw_parameters("robot", robot(), RANGES, drawn)
    for row, one in enumerate(drawn):
        ours, theirs = build_model_of_row(robot(), parameters, row), compiled(one)
        for name in ("body_subtreemass", "body_invweight0", "dof_invweight0", "dof_M0", "actuator_acc0"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, err_msg=name)
        if mujoco.mj_version() < 4_000_000:  # whose mj_setConst derives it too; from 4.0 on only a compiler does
            assert ours.stat.meaninertia == pytest.approx(theirs.stat.meaninertia, rel=1e-9)


def test_without_derived_constants_the_motion_would_be_another() -> None:
    """Why they follow: contacts and joint limits are as stiff as the inverse weights say."""
    light, parameters = compiled(np.zeros(6)), draw_parameters("robot", robot(), RANGES, np.zeros((1, 6)))
    stale = robot()
    for name, array in parameters.items():
        getattr(stale, name)[:] = array[0]
    ends = []
    for model in (light, stale):
        data = mujoco.MjData(model)
        mujoco.mj_step(model, data, 200)
        ends.append(data.qpos.copy())
    assert np.abs(ends[0] - ends[1]).max() > 1e-6


def pack_with(declared: tuple[dict[str, Any], ...], name: str = "half_cheetah") -> Pack:
    return replace(load_pack(name), randomise=read_ranges(declared, name))


def rolled(env: VectorEnv, steps: int = 30) -> Rollout:
    rng = np.random.default_rng(0)
    env.reset(draw_noise(rng, env.num_envs, env.noise_size))
    rollout = env.new_rollout(steps)
    for t in range(steps):
        env.step(
            draw_actions(rng, env.actions, env.num_envs), rollout, t, draw_noise(rng, env.num_envs, env.noise_size)
        )
    env.finish(rollout)
    return rollout


@pytest.mark.parametrize("name", ["hopper", "half_cheetah", "ant", "humanoid"])
def test_a_robot_of_gymnasium_moves_as_its_own_model(name: str) -> None:
    declared = (HALF_CHEETAH[0], HALF_CHEETAH[1], dict(quantity="gain", of="all", scale=(0.8, 1.2)))
    pack = pack_with(declared, name)
    env = VectorEnv(pack, 3, horizon=1000, num_threads=2)
    drawn = numbers(3, env.model_numbers)
    env.randomise(drawn)
    rollout = rolled(replace_termination(env), 20)
    parameters = draw_parameters(name, load_model(pack), pack.randomise, drawn)
    for row in range(3):
        model = build_model_of_row(load_model(pack), parameters, row)
        data = mujoco.MjData(model)
        data.qpos[:], data.qvel[:] = rollout.before["qpos"][0, row], rollout.before["qvel"][0, row]
        mujoco.mj_forward(model, data)
        for t in range(20):
            data.ctrl[:] = rollout.action[t, row]
            mujoco.mj_step(model, data, pack.frame_skip)
        np.testing.assert_allclose(rollout.after["qpos"][-1, row], data.qpos, rtol=1e-9, atol=1e-9)


def replace_termination(env: VectorEnv) -> VectorEnv:
    """Episodes that go on whatever happens, so that one sequence of actions belongs to one trajectory."""
    never = replace(env.pack, terminated=lambda xp, data, memory: xp.zeros(data.qpos.shape[:-1], bool))
    env.pack = never
    return env


def test_without_numbers_or_ranges_nothing_changes_bit_for_bit() -> None:
    nominal = rolled(VectorEnv(load_pack("half_cheetah"), 4, num_threads=1))
    declared = rolled(VectorEnv(pack_with(HALF_CHEETAH), 4, num_threads=1))  # declared, but never drawn
    empty = VectorEnv(load_pack("half_cheetah"), 4, num_threads=1)
    assert empty.model_numbers == 0
    empty.randomise(np.zeros((4, 0)))
    for rollout in (declared, rolled(empty)):
        np.testing.assert_array_equal(rollout.after["qpos"], nominal.after["qpos"])


def test_a_simulation_does_not_depend_on_those_beside_it() -> None:
    env = VectorEnv(pack_with(HALF_CHEETAH), 4, num_threads=2)
    drawn = numbers(4, env.model_numbers)
    env.randomise(drawn)
    first = rolled(env)
    other = VectorEnv(pack_with(HALF_CHEETAH), 4, num_threads=2)
    changed = drawn.copy()
    changed[1:] = numbers(3, env.model_numbers, seed=9)
    other.randomise(changed)
    second = rolled(other)
    np.testing.assert_array_equal(first.after["qpos"][:, 0], second.after["qpos"][:, 0])
    assert not np.array_equal(first.after["qpos"][:, 1], second.after["qpos"][:, 1])


def test_drawing_again_replaces_what_was_drawn() -> None:
    env, fresh = (VectorEnv(pack_with(HALF_CHEETAH), 2, num_threads=1) for _ in range(2))
    env.randomise(numbers(2, env.model_numbers, seed=1))
    rolled(env)
    for one in (env, fresh):
        one.randomise(numbers(2, env.model_numbers, seed=2))
    np.testing.assert_array_equal(rolled(env).after["qpos"], rolled(fresh).after["qpos"])


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (
            dict(quantity="mass", of="torsoo", scale=(1, 2)),
            "no body 'torsoo', which is to be randomised. It has: .*tors",
        ),
        (dict(quantity="friction", of="torso", scale=(1, 2)), None),
        (
            dict(quantity="mass", of="world", value=(1, 2)),
            "mass of body 'world' is to be randomised, but the model states none",
        ),
        (dict(quantity="damping", of="rootx", scale=(1, 2)), "damping of joint 'rootx' .* but the model states none"),
        (dict(quantity="gain", of="rootx", scale=(1, 2)), "no actuator 'rootx'.* It has: bthigh, bshin"),
    ],
)
def test_what_the_model_has_not_is_named(declared: dict[str, Any], said: str | None) -> None:
    if said is None:
        VectorEnv(pack_with((declared,)), 1)
        return
    with pytest.raises(EnvironmentFailedError, match=f"half_cheetah: .*{said}"):
        VectorEnv(pack_with((declared,)), 1)


def test_a_muscle_has_no_single_gain() -> None:
    text = ROBOT.format(**NOMINAL)
    start, end = text.index("<position"), text.index("</actuator>")
    model = mujoco.MjModel.from_xml_string(text[:start] + '<muscle name="pull" joint="shoulder"/>' + text[end:])
    for of, said in (("all", "gain of all"), ("pull", "gain of actuator 'pull'")):
        ranges = read_ranges((dict(quantity="gain", of=of, scale=(1, 2)),), "muscle")
        with pytest.raises(EnvironmentFailedError, match=f"{said} is to be randomised, but the model states none"):
            count_random_numbers("muscle", model, ranges)


SURROUNDINGS = read_ranges(
    (
        dict(quantity="payload", of="base", value=(0.0, 1.0)),
        dict(quantity="centre_of_mass", of="base", value=(-0.1, 0.1)),
        dict(quantity="gravity", scale=(0.5, 1.5)),
    ),
    "robot",
)
LOADED = """<mujoco><option gravity="0 0 {gravity}"/><worldbody>
  <body name="base" pos="0 0 1"><freejoint/><inertial pos="{at}" mass="{mass}" diaginertia=".01 .02 .03"/>
    <body pos=".3 0 0"><joint axis="0 1 0"/><geom size=".05" mass="1"/></body>
  </body></worldbody></mujoco>"""


def test_load_centre_of_mass_and_gravity_are_as_if_they_stood_in_the_model() -> None:
    nominal = mujoco.MjModel.from_xml_string(LOADED.format(gravity=-9.81, at="0 0 0", mass=2))
    assert count_random_numbers("robot", nominal, SURROUNDINGS) == 5
    drawn = np.array([[1.0, 0.5, 0.25, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.5]])
    parameters = draw_parameters("robot", nominal, SURROUNDINGS, drawn)
    batch = CSimulation(nominal, 2, ("qpos", "qvel"), 1)
    batch.set_parameters(parameters)
    batch.reset(np.ones(2, bool), np.tile(nominal.qpos0, (2, 1)), np.zeros((2, nominal.nv)))
    batch.step(np.zeros((2, 0)), 200)
    for row, (gravity, at, mass) in enumerate(((-9.81 * 1.5, "0 -0.05 0.1", 3), (-9.81, "-0.1 -0.1 -0.1", 2))):
        stated = mujoco.MjModel.from_xml_string(LOADED.format(gravity=gravity, at=at, mass=mass))
        for model in (stated, build_model_of_row(nominal, parameters, row)):
            alone = mujoco.MjData(model)
            for _ in range(200):
                mujoco.mj_step(model, alone)
            np.testing.assert_allclose(batch.arrays()["qpos"][row], alone.qpos, atol=1e-9)


def test_a_payload_is_added_to_whatever_mass_was_drawn() -> None:
    ranges = read_ranges(
        (dict(quantity="payload", of="base", value=(1, 1)), dict(quantity="mass", of="base", value=(3, 3))), "robot"
    )
    made = draw_parameters("robot", robot(), ranges, np.zeros((1, 2)))
    assert made["body_mass"][0, robot().body("base").id] == 4.0
