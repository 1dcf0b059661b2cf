"""A small robot for tests of the reward language: declared fields, and transitions that fit them."""

from __future__ import annotations

import numpy as np

from autoreward.records import EnvSpec, FieldSpec, Transitions

ROBOT = EnvSpec(
    name="robot",
    title="a planar robot with a goal",
    description="It moves in a plane.",
    fields=(
        FieldSpec(name="torso_up", shape=(3,), frame="world", meaning="up vector", low=-1.0, high=1.0),
        FieldSpec(name="torso_velocity", shape=(3,), unit="m/s", meaning="velocity", low=-2.0, high=2.0),
        FieldSpec(name="torso_height", unit="m", meaning="height", low=0.2, high=0.8),
        FieldSpec(name="goal_offset", shape=(2,), unit="m", meaning="to the goal", low=-1.0, high=1.0),
        FieldSpec(name="time", unit="s", meaning="since reset", low=0.0, high=5.0, observable=False, inferable=False),
        FieldSpec(name="terminated", meaning="the episode ended", next_state_only=True),
    ),
    action_size=6,
    action_low=(-1.0,) * 6,
    action_high=(1.0,) * 6,
    action_meaning="torques",
    observation_size=9,
    horizon=40,
    control_period=0.05,
    gamma=0.99,
    termination="never",
)

FORWARD = """
WEIGHTS = {"forward": 1.0, "effort": -0.1}
PARAMS = {"scale": 2.0}


def reward_terms(state, action, next_state, params):
    return {
        "forward": next_state.torso_velocity[..., 0] / params["scale"],
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }


def potential(state, params):
    return -jnp.linalg.norm(state.goal_offset, axis=-1)
"""


def transitions(rows: int = 64, seed: int = 0) -> Transitions:
    """Random transitions of the robot, each field within its declared range."""
    generator = np.random.default_rng(seed)

    def fields(after: bool) -> dict[str, np.ndarray]:
        drawn = {}
        for field in ROBOT.fields:
            if field.next_state_only and not after:
                continue
            low, high = field.low or 0.0, field.high if field.high is not None else 1.0
            drawn[field.name] = generator.uniform(low, high, (rows, *field.shape)).astype(np.float32)
        if after:
            drawn["terminated"] = (drawn["terminated"] < 0.1).astype(np.float32)
        return drawn

    action = generator.uniform(-1.0, 1.0, (rows, ROBOT.action_size)).astype(np.float32)
    return Transitions(state=fields(after=False), action=action, next_state=fields(after=True))
