"""What is decided for a new pack."""

from __future__ import annotations

import pytest

from autoreward.errors import UsageError
from autoreward.pack_tools.scaffold.plan import CONTROL_PERIOD, SECONDS, plan_pack
from tests.pack_tools.conftest import ROBOTS
from tests.pack_tools.scaffold.anatomies import robot


@pytest.mark.parametrize("name", ROBOTS)
def test_a_control_step_is_a_whole_number_of_simulation_steps(name: str) -> None:
    values = plan_pack(robot(name), None, None).values
    period = float(values["timestep"]) * values["frame_skip"]
    assert float(values["period"]) == pytest.approx(period)
    assert period == pytest.approx(CONTROL_PERIOD, rel=0.5)
    assert values["horizon"] * period == pytest.approx(SECONDS, rel=0.01)


def test_an_observation_is_as_large_as_its_parts() -> None:
    plan = plan_pack(robot("arm"), None, None)
    assert plan.observation == sum(part.size for part in plan.values["observation"]) == 9
    assert plan.fields == len(plan.values["fields"])


def test_a_target_is_seen_and_declared() -> None:
    plain, reaching = (plan_pack(robot("arm"), None, command) for command in (None, "target"))
    assert reaching.observation > plain.observation and reaching.fields > plain.fields
    assert [example.name for example in reaching.examples] == ["reach", "raise"]


def test_forward_is_what_was_said() -> None:
    directions = plan_pack(robot("quadruped"), (0.0, 1.0, 0.0), None).values["directions"]
    assert directions["forward"] == (0.0, 1.0, 0.0) and directions["up"] == (0.0, 0.0, 1.0)


def test_a_fixed_base_cannot_follow_a_velocity() -> None:
    with pytest.raises(UsageError, match="the base of this robot is fixed") as error:
        plan_pack(robot("arm"), None, "velocity")
    assert "--command target" in str(error.value.remedy)


def test_ranges_of_randomisation_are_proposed_for_what_the_robot_has() -> None:
    lines = plan_pack(robot("quadruped"), None, None).values["randomise"]
    assert 'quantity="mass", of="trunk"' in lines[0]
    assert all(line.startswith("dict(") and line.endswith("),") for line in lines)
