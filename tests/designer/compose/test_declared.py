"""A flip is a turn about the axis up x forward, and backward is the other way round."""

from __future__ import annotations

import pytest

from autoreward.designer.compose.declared import along, flip_axis, gaps
from autoreward.designer.compose.goals import goals_for
from autoreward.designer.compose.words import read_aims
from autoreward.records import EnvSpec, FieldSpec

FIELDS = (
    FieldSpec(name="body_rate", unit="rad/s", frame="world", meaning="angular velocity of the body about +y"),
    FieldSpec(name="turning", shape=(3,), unit="rad/s", frame="world", components=("x", "y", "z"), meaning="turning"),
    FieldSpec(name="other_way", unit="rad/s", frame="world", meaning="angular velocity about -y"),
)
ENV = EnvSpec(
    name="tumbler", title="a tumbler", description="", fields=FIELDS,
    directions={"forward": (1.0, 0.0, 0.0), "up": (0.0, 0.0, 1.0)}, action_size=1, action_low=(-1.0,),
    action_high=(1.0,), action_meaning="torque", observation_size=3, horizon=10, control_period=0.1, gamma=0.99,
    termination="never",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "axis", "readings"),
    [
        (
            "Do a front flip.",
            (0, 1, 0),
            ("next_state.body_rate", "next_state.turning[..., 1]", "-next_state.other_way"),
        ),
        (
            "Do a back flip.",
            (0, -1, 0),
            ("-next_state.body_rate", "-next_state.turning[..., 1]", "next_state.other_way"),
        ),
    ],
)  # fmt: skip
def test_signs(text: str, axis: tuple[int, int, int], readings: tuple[str, ...]) -> None:
    aims = read_aims(text, ENV.directions)
    assert aims.main == "flip"
    assert flip_axis(ENV, aims) == axis
    assert tuple(along(field, flip_axis(ENV, aims), ENV) for field in FIELDS) == readings
    assert any("flip_" in one.term.name for one in goals_for("flip", ENV, aims))


def test_a_goal_of_unknown_unit_is_paired_by_its_shape_and_name() -> None:
    """As GoalEnv calls them; in metres wherever that is told."""
    parts = {"achieved_goal": (3,), "desired_goal": (3,), "velocity": (2,)}
    unknown = [FieldSpec(name=name, shape=shape, unit="unknown", meaning="part") for name, shape in parts.items()]
    env = ENV.model_copy(update={"fields": (*FIELDS, *unknown)})
    aims = read_aims("Bring the gripper to the goal.", ENV.directions)
    ((name, reading),) = gaps(env, aims)
    assert name == "achieved_goal"
    assert "next_state.achieved_goal - next_state.desired_goal" in reading
    metres = FieldSpec(name="goal_offset", shape=(3,), unit="m", meaning="offset to the goal")
    told = env.model_copy(update={"fields": (*env.fields, metres)})
    assert [name for name, _ in gaps(told, aims)] == ["goal_offset"]
