"""The columns that tables of episodes begin with, in robots of several kinds."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.analyzer.entries import Entry
from autoreward.analyzer.trajectories import core_columns
from autoreward.environment.fields import torso_velocities, vector
from autoreward.records import FieldSpec


def entries(**declared: dict[str, object]) -> list[Entry]:
    fields = [FieldSpec.model_validate({"name": name, **one}) for name, one in declared.items()]
    rows = np.zeros(3)
    return [
        Entry(field, f"{field.name}.{part}" if field.components else field.name, rows)
        for field in fields
        for part in field.components or ("",)
    ]


RUNNER = entries(
    joint_velocity=dict(shape=(2,), unit="rad/s", frame="joint", components=("hip", "knee"), meaning=""),
    left_foot_position=vector("m", "foot"),
    torso_position=vector("m", "torso"),
    torso_up=vector("1", "up"),
    **torso_velocities(),
    foot_contact=dict(shape=(2,), unit="N", components=("left", "right"), meaning="force"),
)
FORWARD = ["torso_position.z [m]", "torso_up.z [1]", "torso_velocity.x [m/s]", "left_foot_position.z [m]",
           "foot_contact.left [N]", "foot_contact.right [N]"]  # fmt: skip


def test_height_posture_speed_feet_and_contacts() -> None:
    assert core_columns(RUNNER, {"up": (0.0, 0.0, 1.0), "forward": (1.0, 0.0, 0.0)}) == FORWARD


@pytest.mark.parametrize(
    "directions", [{"forward": (0.0, -1.0, 0.0)}, {"up": (0.0, 0.0, 1.0), "left": (0.1, 1.0, 0.0)}]
)
def test_the_speed_is_that_along_the_direction(directions: dict[str, tuple[float, float, float]]) -> None:
    assert core_columns(RUNNER, directions)[2] == "torso_velocity.y [m/s]"


def test_a_pitch_says_what_an_up_vector_says() -> None:
    planar = [*entries(torso_pitch=dict(unit="rad", frame="world", meaning="pitch")), *RUNNER]
    columns = core_columns(planar, {})
    assert columns[1] == "torso_pitch [rad]" and "torso_up.z [1]" not in columns


def test_what_is_not_declared_is_not_shown() -> None:
    assert core_columns(entries(tilt=dict(unit="rad", meaning="lean")), {}) == []
