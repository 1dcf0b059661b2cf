"""Environments declared for these tests: legged runners in two sets of axes, a balancer, an arm, a bare one."""

from __future__ import annotations

from collections.abc import Mapping

from autoreward.records import EnvSpec, FieldSpec

Vector = tuple[float, float, float]
XYZ = ("x", "y", "z")
FRAMEWORK = (
    FieldSpec(name="observation", shape=(5,), meaning="what the policy sees", low=-3.0, high=3.0),
    FieldSpec(name="time", unit="s", meaning="time since reset", observable=False, inferable=False, low=0.0, high=40.0),
    FieldSpec(name="last_action", shape=(2,), meaning="the action before", observable=False, low=-1.0, high=1.0),
    FieldSpec(name="terminated", meaning="1 where the episode ended", next_state_only=True, low=0.0, high=1.0),
)


def env_spec(
    fields: tuple[FieldSpec, ...], directions: Mapping[str, Vector], termination: str = "never", limit: float = 1.0
) -> EnvSpec:
    """A declaration with two actions in [-limit, limit]."""
    return EnvSpec(
        name="made_up",
        title="a machine",
        description="A machine made up for a test.",
        fields=fields + FRAMEWORK,
        directions=directions,
        action_size=2,
        action_low=(-limit, -limit),
        action_high=(limit, limit),
        action_meaning="torques",
        observation_size=5,
        horizon=1000,
        control_period=0.05,
        gamma=0.99,
        termination=termination,
    )


RUNNER = env_spec(
    (
        FieldSpec(
            name="foot_velocity", shape=(3,), unit="m/s", frame="world", components=XYZ, meaning="of the foot", high=9
        ),
        FieldSpec(
            name="torso_velocity", shape=(3,), unit="m/s", frame="world", components=XYZ, meaning="x", low=-3, high=2
        ),
        FieldSpec(name="torso_pitch", unit="rad", frame="world", meaning="pitch of the torso", low=-2.0, high=2.0),
        FieldSpec(name="torso_pitch_rate", unit="rad/s", frame="world", meaning="turning", low=-8.0, high=8.0),
        FieldSpec(name="joints", shape=(6,), unit="rad/s", frame="joint", meaning="joint velocities", low=-20, high=20),
        FieldSpec(
            name="torso_position", shape=(3,), unit="m", frame="world", components=XYZ, meaning="", low=-2, high=2
        ),
    ),
    {"forward": (1.0, 0.0, 0.0), "up": (0.0, 0.0, 1.0)},
)
ROTATED = env_spec(
    (
        FieldSpec(
            name="hull_drift",
            shape=(2,),
            unit="m/s",
            frame="world",
            components=("y", "z"),
            meaning="velocity of the body",
        ),
        FieldSpec(name="nod", unit="rad", frame="world", meaning="lean of the body"),
    ),
    {"forward": (0.0, -1.0, 0.0)},
)
BALANCER = env_spec(
    (
        FieldSpec(name="cart_position", unit="m", frame="world", meaning="along the rail", low=-1, high=1),
        FieldSpec(name="cart_velocity", unit="m/s", frame="world", meaning="along the rail", low=-2, high=2),
        FieldSpec(name="pole_angle", unit="rad", frame="world", meaning="lean of the pole", low=-0.2, high=0.2),
        FieldSpec(name="pole_rate", unit="rad/s", frame="world", meaning="of the pole", low=-3, high=3),
    ),
    {"up": (0.0, 0.0, 1.0)},
    termination="when the pole leans more than 0.2 rad",
    limit=3.0,
)
ARM = env_spec(
    (
        FieldSpec(name="hand_position", shape=(3,), unit="m", frame="world", components=XYZ, meaning="of the hand"),
        FieldSpec(name="goal_position", shape=(3,), unit="m", frame="world", components=XYZ, meaning="to be reached"),
        FieldSpec(name="elbow_velocity", unit="rad/s", frame="joint", meaning="of the elbow", low=-5, high=5),
    ),
    {},
)
BARE = env_spec((), {})
ENV_SPECS = {"runner": RUNNER, "rotated": ROTATED, "balancer": BALANCER, "arm": ARM, "bare": BARE}
TEXTS = (
    "Run forward as fast and as steadily as possible.",
    "Run backward without wasting energy.",
    "Keep the pole upright.",
    "Reach the goal with the hand.",
    "Jump as high as you can.",
    "Spin around.",
    "Stand still.",
    "Walk at 1.5 m/s.",
    "Qwertz!",
    "",
)
