"""What is decided for a new pack."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.errors import UsageError
from autoreward.pack_tools.scaffold.anatomy import read_anatomy
from autoreward.pack_tools.scaffold.plan import CONTROL_PERIOD, SECONDS, plan_pack
from tests.pack_tools.conftest import ROBOTS
from tests.pack_tools.scaffold.anatomies import compiled, robot, written


@pytest.mark.parametrize("name", ROBOTS)
def test_a_control_step_is_a_whole_number_of_simulation_steps(name: str) -> None:
    values = plan_pack(robot(name), None).values
    period = float(values["timestep"]) * values["frame_skip"]
    assert float(values["period"]) == pytest.approx(period)
    assert period == pytest.approx(CONTROL_PERIOD, rel=0.5)
    assert values["horizon"] * period == pytest.approx(SECONDS, rel=0.01)


def test_an_observation_is_as_large_as_its_parts() -> None:
    plan = plan_pack(robot("arm"), None)
    assert plan.observation == sum(part.size for part in plan.values["observation"]) == 9
    assert plan.fields == len(plan.values["fields"])


def test_a_target_is_seen_and_declared() -> None:
    plain, reaching = (plan_pack(robot("arm"), None, commands) for commands in ((), ("target",)))
    assert reaching.observation > plain.observation and reaching.fields > plain.fields
    assert [example.name for example in reaching.examples] == ["reach", "raise"]


def test_forward_is_what_was_said() -> None:
    directions = plan_pack(robot("quadruped"), (0.0, 1.0, 0.0)).values["directions"]
    assert directions["forward"] == (0.0, 1.0, 0.0) and directions["up"] == (0.0, 0.0, 1.0)


def test_a_fixed_base_cannot_follow_a_velocity() -> None:
    with pytest.raises(UsageError, match="the base of this robot is fixed") as error:
        plan_pack(robot("arm"), None, ["velocity"])
    assert "--command target" in str(error.value.remedy)


def test_ranges_of_randomisation_are_proposed_for_what_the_robot_has() -> None:
    lines = plan_pack(robot("quadruped"), None).values["randomise"]
    assert 'quantity="mass", of="trunk"' in lines[0]
    assert all(line.startswith("dict(") and line.endswith("),") for line in lines)


def test_up_is_the_body_s_own_and_getting_up_is_no_fall() -> None:
    legs = '<body><joint name="hip"/><geom size="0.02" fromto="0 0 0 0 0 -0.2" type="capsule"/></body>'
    body = f'<body name="trunk" pos="0 0 0.3"><freejoint/><geom type="box" size="0.2 0.1 0.05"/>{legs}</body>'
    model = compiled(body, '<motor joint="hip"/>')
    lying = read_anatomy(model, [0, 0, 0.06, np.sqrt(0.5), np.sqrt(0.5), 0, 0, 0], None)
    values = plan_pack(lying, None).values
    assert values["up"] == (0.0, 0.0, 1.0) and values["front"] == (1.0, 0.0, 0.0)
    assert not values["falls"]
    assert plan_pack(read_anatomy(model, model.qpos0, None), None).values["falls"]


def test_a_base_that_can_sink_falls_and_one_on_level_rails_does_not() -> None:
    body = '<body name="hull" pos="0 0 1">{}<geom size="0.1"/><body><joint name="j"/><geom size="0.1"/></body></body>'
    level, upright = '<joint type="slide" axis="1 0 0"/>', '<joint type="slide" axis="0 0 1"/>'
    motor = '<motor joint="j"/>'
    assert not plan_pack(written(body.format(level), motor), None).values["falls"]
    assert plan_pack(written(body.format(level + upright), motor), None).values["min_height"] == 0.4


def test_a_moving_base_does_not_see_sensors_of_its_place() -> None:
    sensors = '<sensor><framepos objtype="body" objname="hull"/><gyro site="imu"/></sensor>'
    leg = '<body><joint name="j"/><geom size="0.1"/></body>'
    hull = f'<body name="hull"><freejoint/><site name="imu"/><geom size="0.1"/>{leg}</body>'
    anatomy = written(hull, f'<motor joint="j"/></actuator>{sensors}<actuator>')
    parts = plan_pack(anatomy, None).values["observation"]
    (seen,) = [part for part in parts if "sensordata" in part.code]
    assert (seen.code, seen.size) == ("data.sensordata[..., 3:6]", 3)
