"""`envs new`: what is read from a model, and what the pack says that is written from it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.declarations import action_range
from autoreward.environment.lazy_fields import computed
from autoreward.environment.pack import Pack, data_view, load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.environment.task import task_names
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.pack_tools.conformance import check_pack
from autoreward.pack_tools.scaffold import new_pack
from tests.pack_tools.conftest import MODELS, ROBOTS, STRIDER, played
from tests.thorough import packs

pytestmark = pytest.mark.usefixtures("warm")

Make = Callable[..., Pack]
QUARTER = np.array([np.cos(np.pi / 4), np.sin(np.pi / 4), 0.0, 0.0])  # a roll of 90 degrees to the left


@pytest.mark.parametrize("robot", packs(ROBOTS, ("quadruped",)))
def test_every_robot_passes_the_contract_suite(make: Make, robot: str) -> None:
    report = check_pack(str(make(robot).folder))
    assert report.findings == ()
    assert report.tasks


@pytest.mark.parametrize(
    ("robot", "command"),
    [
        pytest.param("arm", "target", marks=pytest.mark.thorough),
        pytest.param("led", "target:cube", marks=pytest.mark.thorough),
        pytest.param("quadruped", "heading", marks=pytest.mark.thorough),
        pytest.param("led", "orientation", marks=pytest.mark.thorough),
        pytest.param("quadruped", "target", marks=pytest.mark.thorough),
        pytest.param("quadruped", "velocity", marks=pytest.mark.thorough),
    ],
)
def test_so_does_every_command(make: Make, robot: str, command: str) -> None:
    assert check_pack(str(make(robot, commands=[command]).folder)).findings == ()


def test_a_fixed_base_has_joints_ends_and_actuators(make: Make) -> None:
    pack = make("arm")
    declared = {field.name: field for field in pack.fields_declared}
    assert list(declared) == [
        "joint_position", "joint_velocity", "gripper_position", "gripper_mean_velocity", "actuator_force",
        "joint_offset", "joint_acceleration", "joint_home", "joint_lower", "joint_upper", "joint_torque",
        "joint_power", "centre_of_mass", "centre_of_mass_velocity", "gripper_rotation", "action_before_last",
        "control_period",
    ]  # fmt: skip
    assert declared["joint_position"].components == ("pan", "lift", "elbow")
    assert declared["joint_position"].unit == "rad"
    assert pack.observation_size == 3 + 3 + 3  # positions, velocities, last action
    assert pack.termination.startswith("never")
    assert task_names(pack) == ["raise"]


def test_a_free_base_has_its_place_its_axes_and_falls(make: Make) -> None:
    pack = make("quadruped")
    names = {field.name for field in pack.fields_declared}
    assert {"trunk_position", "trunk_mean_velocity", "trunk_up", "trunk_front", "trunk_tilt", "gyro"} <= names
    touch = next(field for field in pack.fields_declared if field.name == "touch")
    assert (touch.shape, touch.unit) == ((4,), "N")
    assert touch.components == ("front_left", "front_right", "rear_left", "rear_right")
    assert pack.observation_size == 12 + 11 + 10 + 8  # orientation and joints, their rates, sensors, last action
    assert list(pack.observed) == [
        "base_position", "joint_position", "base_velocity", "joint_velocity", "sensors", "last_action",
    ]  # fmt: skip
    assert pack.privileged_size == 1 + 3 + 8  # height, velocity, what the actuators exert
    fallen = data_view({"qpos": np.array([[0, 0, 0.32, 1, 0, 0, 0], [0, 0, 0.32, *QUARTER], [0, 0, 0.1, 1, 0, 0, 0]])})
    np.testing.assert_array_equal(pack.terminated(np, fallen, {}), [False, True, True])


def test_height_and_velocity_of_the_base_are_observed_where_that_is_asked_for(make: Make) -> None:
    pack = make("quadruped", observe=("velocity", "height"))
    assert (pack.observation_size, pack.privileged_size) == (13 + 14 + 10 + 8, 8)
    with pytest.raises(UnknownNameError, match="yaw"):
        make("arm", observe=("yaw",))


def test_up_front_and_tilt_by_hand(make: Make) -> None:
    pack = make("quadruped")
    _, rollout, _ = played(pack, steps=2)
    arrays = {name: array[0, :1].copy() for name, array in rollout.after.items()}
    arrays["qpos"][0, 3:7] = QUARTER
    memory = {name: array[0, :1] for name, array in rollout.memory_after.items()}
    fields = computed(pack.fields(np, data_view(arrays), memory))
    np.testing.assert_allclose(fields["trunk_up"], [[0.0, -1.0, 0.0]], atol=1e-12)  # its top points to the right
    np.testing.assert_allclose(fields["trunk_front"], [[1.0, 0.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(fields["trunk_tilt"], [np.pi / 2], atol=1e-12)


def test_the_keyframe_is_the_initial_pose(make: Make, tmp_path: Path) -> None:
    home = np.asarray([0, 0, 0.32, 1, 0, 0, 0, *[0.5, -1.0] * 4])
    pack = make("quadruped")
    env, rollout, _ = played(pack, steps=1)
    first = rollout.before["qpos"][0]
    np.testing.assert_allclose(first, np.tile(home, (4, 1)), atol=0.05)
    np.testing.assert_array_equal(first[:, :7], np.tile(home[:7], (4, 1)))  # no noise on the free joint
    low, high = env.actions.low, env.actions.high
    np.testing.assert_allclose((low + high) / 2, home[7:], atol=1e-6)  # action 0 keeps the pose
    new_pack(str(tmp_path / "low"), MODELS / "quadruped.xml", "crouch")
    _, rollout, _ = played(load_pack(str(tmp_path / "low")), steps=1)
    np.testing.assert_allclose(rollout.before["qpos"][0, :, 2], 0.25)


def test_includes_and_meshes_come_along(make: Make) -> None:
    pack = make("scene")
    files = {str(path.relative_to(pack.folder / "model")) for path in (pack.folder / "model").rglob("*.*")}
    assert files == {"scene.xml", "parts/crane.xml", "meshes/wedge.obj", "meshes/corner.stl"}
    assert load_model(pack).nmesh == 2
    declared = {field.name: field for field in pack.fields_declared}
    assert declared["slide_position"].unit == "m"
    assert declared["block_position"].meaning == "position of block, a loose object"


def test_tendons_and_muscles(make: Make) -> None:
    pack = make("muscle")
    declared = {field.name: field for field in pack.fields_declared}
    assert declared["tendon_length"].components == ("flexor", "extensor", "coupling")
    assert declared["activation"].components == ("flexor", "extensor")
    assert declared["flexor_length_tendonpos"].unit == "m"
    assert pack.action_range == ((0.0, 1.0), (0.0, 1.0), (-1.0, 1.0))
    assert pack.observation_size == 3 + 3 + 2 + 4 + 3  # positions, velocities, activations, sensors, last action
    _, rollout, fields = played(pack)
    np.testing.assert_allclose(fields["tendon_length"][..., 0], rollout.after["sensordata"][..., 0], rtol=1e-6)


def test_unlimited_controls_get_a_range_with_its_reason(make: Make) -> None:
    pack = make("wheeler")
    text = (pack.folder / "pack.py").read_text()
    limit = np.float32(np.radians(60))
    np.testing.assert_allclose(pack.action_range, [(-1, 1), (-2, 2), (-limit, limit)], atol=1e-5)
    assert "rear, motor: not limited by the model, and nothing tells a good range: SET THIS" in text
    assert "front, motor: not limited by the model: what its force limit allows" in text
    assert "mast, position servo: target position; not limited by the model: the range of its joint" in text
    ranges = action_range(pack, load_model(pack))
    assert ranges.high[1] == 2.0


def test_a_base_in_a_plane_moves_along_its_rail(make: Make) -> None:
    pack = make("wheeler")
    names = {field.name for field in pack.fields_declared}
    assert {"chassis_mean_velocity", "nod_angle", "nod_rate"} <= names
    assert pack.observation_size == 5 + 6 + 3  # qpos without the level rail, qvel, last action
    _, rollout, fields = played(pack)
    moved = (rollout.after["xpos"][..., 1, 0] - rollout.before["xpos"][..., 1, 0]) / 0.02
    begun = rollout.elapsed > 0  # derived arrays are fresh after a reset and one simulation step old later
    np.testing.assert_allclose(fields["chassis_mean_velocity"][..., 0][begun], moved[begun], rtol=1e-5, atol=1e-6)


def test_a_turned_robot_goes_forward_along_its_own_rail(tmp_path: Path) -> None:
    new_pack(str(tmp_path / "turned"), STRIDER / "strider.xml")
    pack = load_pack(str(tmp_path / "turned"))
    assert pack.directions["forward"] == (0.0, -1.0, 0.0)
    assert pack.directions["left"] == (1.0, 0.0, 0.0)
    assert "-1 * trajectory.hull_mean_velocity[..., 1]" in (pack.folder / "tasks/forward/metric.py").read_text()


def test_forward_can_be_said(make: Make) -> None:
    assert make("quadruped", forward="-y").directions["forward"] == (0.0, -1.0, 0.0)


def test_a_command_is_drawn_anew_for_each_episode_and_kept(make: Make) -> None:
    pack = make("quadruped", commands=["velocity"])
    env, rollout, fields = played(pack, steps=40)
    command = rollout.memory_after["command"]
    assert len(np.unique(command[0], axis=0)) == 4
    assert (command >= [-0.5, -0.3, -0.5]).all()
    assert (command <= [1.0, 0.3, 0.5]).all()
    going = ~rollout.ended[:-1]
    np.testing.assert_array_equal(command[1:][going], command[:-1][going])
    np.testing.assert_allclose(rollout.next_observation[..., -3:], command, rtol=1e-6)
    np.testing.assert_array_equal(fields["command"], command.astype(np.float32))
    assert env.noise_size == 15 + 14 + 3


def test_the_speed_error_by_hand(make: Make) -> None:
    """Facing +y and moving along +y at 0.5 m/s is 0.5 m/s forward, 0 to the left."""
    pack = make("quadruped", commands=["velocity"])
    _, rollout, _ = played(pack, steps=1)
    arrays = {name: array[0, :1].copy() for name, array in rollout.after.items()}
    arrays["qpos"][0, 3:7] = [np.cos(np.pi / 4), 0.0, 0.0, np.sin(np.pi / 4)]
    arrays["qvel"][0, :6] = [0.0, 0.5, 0.0, 0.0, 0.0, 0.2]
    memory = {name: array[0, :1].copy() for name, array in rollout.memory_after.items()}
    memory["command"] = np.array([[0.2, 0.0, 0.2]])
    fields = computed(pack.fields(np, data_view(arrays), memory))
    np.testing.assert_allclose(fields["command_error"], [[0.3, 0.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(fields["velocity_error"], [0.3], atol=1e-12)


def test_a_policy_that_sees_its_last_action_may_be_paid_for_it(make: Make) -> None:
    from autoreward.environment.random_rollout import open_environment

    spec = open_environment(str(make("arm").folder)).spec
    last = spec.field("last_action")
    assert last is not None
    assert last.observable


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(mjcf="nothing.xml"), "there is no such file"),
        (dict(mjcf="arm.xml", home="folded"), "no keyframe in arm.xml named 'folded'"),
        (dict(mjcf="quadruped.xml", home="crouched"), "Did you mean 'crouch'"),
        (dict(mjcf="arm.xml", name="my-arm"), "'my-arm' is no name"),
        (dict(mjcf="arm.xml", commands=["speed"]), "no command named 'speed'"),
        (dict(mjcf="arm.xml", commands=["velocity"]), "the base of this robot is fixed"),
        (dict(mjcf="arm.xml", forward="north"), "no axis named 'north'"),
        (dict(mjcf="README.md"), "MuJoCo cannot load README.md: XML parse error"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    name = str(tmp_path / arguments.pop("name", "mine"))
    mjcf = MODELS / arguments.pop("mjcf")
    with pytest.raises((UsageError, UnknownNameError), match=re.escape(message)):
        new_pack(name, mjcf, **arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<mujoco><worldbody><body><joint/><geom size='1'/></body></worldbody></mujoco>", "has no actuators"),
        ("<mujoco><worldbody><bodi/></worldbody></mujoco>", "MuJoCo cannot load robot.xml: XML Error"),
        ("<scene/>", "Unrecognized XML model type: .scene."),
    ],
)
def test_models_that_cannot_be_used(tmp_path: Path, xml: str, message: str) -> None:
    (tmp_path / "robot.xml").write_text(xml)
    with pytest.raises(UsageError, match=message):
        new_pack(str(tmp_path / "mine"), tmp_path / "robot.xml")
    assert [path.name for path in tmp_path.iterdir()] == ["robot.xml"]


def test_a_model_that_mujoco_cannot_compute_is_refused_in_its_words(tmp_path: Path) -> None:
    floor = "<geom type='plane' size='1 1 1'/><body pos='0 0 .09'><freejoint/><geom size='.1'/>"
    leg = "<body name='leg'><joint name='hip'/><geom size='.02' pos='.2 0 0'/></body></body>"
    motor = "<actuator><motor joint='hip' ctrlrange='-1 1'/></actuator>"
    text = f"<mujoco><size memory='2K'/><worldbody>{floor}{leg}</worldbody>{motor}</mujoco>"
    (tmp_path / "robot.xml").write_text(text)
    with pytest.raises(EnvironmentFailedError, match=r"robot\.xml: MuJoCo stopped .*out of memory") as caught:
        new_pack(str(tmp_path / "mine"), tmp_path / "robot.xml")
    assert "<size memory" in caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["robot.xml"]


def test_nothing_is_overwritten(make: Make) -> None:
    folder = make("arm").folder
    with pytest.raises(UsageError, match="exists already"):
        new_pack(str(folder), MODELS / "arm.xml")


URDF = """<robot name="lamp">
  <link name="base"/>
  <link name="head">
    <inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>
  </link>
  <joint name="neck" type="revolute">
    <parent link="base"/><child link="head"/><axis xyz="0 1 0"/><limit lower="-1" upper="1" effort="1" velocity="1"/>
  </joint>
</robot>"""


def test_a_urdf_is_refused_with_a_way_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lamp.urdf").write_text(URDF)
    with pytest.raises(UsageError, match="has no actuators") as caught:
        new_pack("lamp", Path("lamp.urdf"))
    said = re.search(r'python -c "([^"]+)"', caught.value.remedy)
    assert said is not None
    subprocess.run([sys.executable, "-c", said.group(1)], check=True)
    converted = Path("robot.xml").read_text()
    motor = '<actuator><motor joint="neck"/></actuator></mujoco>'
    Path("robot.xml").write_text(converted.replace("</mujoco>", motor))
    new_pack("lamp", Path("robot.xml"))
    pack = load_pack("./lamp")
    assert pack.action_range == ((-1.0, 1.0),)  # the effort limit of the joint
    assert isinstance(load_model(pack), mujoco.MjModel)


@pytest.mark.parametrize("robot", packs(ROBOTS, ("wheeler",)))
def test_the_example_of_randomisation_holds_when_it_is_uncommented(make: Make, robot: str) -> None:
    folder = make(robot).folder
    text = (folder / "pack.py").read_text()
    start = text.index("# RANDOMISE = (")
    end = text.index("# )\n", start) + len("# )\n")
    (folder / "pack.py").write_text(text[:start] + re.sub("(?m)^# ", "", text[start:end]) + text[end:])
    assert load_pack(str(folder)).randomise[0].quantity == "mass"
    report = check_pack(str(folder))
    assert report.passed, report.findings
    assert {finding.rule for finding in report.findings} <= {"pack.randomise"}  # some robots touch nothing
