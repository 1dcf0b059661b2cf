"""Inverted pendulum: a cart that balances a pole. Mirrors Gymnasium's InvertedPendulum-v5 step by step."""

from autoreward.environment.fields import uniform_start, vector

TITLE = "a cart on a rail with a pole hinged on top of it"
DESCRIPTION = "The cart is pushed along a rail of 2 m; the pole turns freely about the y axis on top of the cart."
MODEL = "gymnasium:inverted_pendulum.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "InvertedPendulum-v5"
FRAME_SKIP = 2  # simulation steps a control step: 2 x 0.02 s = 0.04 s
HORIZON = 1000  # control steps until truncation: 40 s
GAMMA = 0.99
TERMINATION = "when the pole leans more than 0.2 rad to either side"
BOUNDS = {"pole_angle": (-0.2, 0.2)}  # that in numbers, entry by entry
ACTION = "force on the cart along x, -3 to 3, times 100 N"
DIRECTIONS = {"up": (0.0, 0.0, 1.0)}  # unit vectors in the world frame
DATA = ("qpos", "qvel")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 4
CONTROL_PERIOD = 0.04  # [s]

FIELDS = {
    "cart_position": dict(unit="m", frame="world", meaning="position of the cart along the rail; 0 in the middle"),
    "cart_velocity": dict(unit="m/s", frame="world", meaning="velocity of the cart along the rail"),
    "pole_angle": dict(unit="rad", frame="world", meaning="lean of the pole about +y; 0 is upright"),
    "pole_angular_velocity": dict(unit="rad/s", frame="world", meaning="angular velocity of the pole about +y"),
    "pole_up": vector("1", "unit vector along the pole; (0, 0, 1) when upright"),
}

MAX_ANGLE = 0.2  # [rad]


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    angle = data.qpos[..., 1]
    return {
        "cart_position": data.qpos[..., 0],
        "cart_velocity": data.qvel[..., 0],
        "pole_angle": angle,
        "pole_angular_velocity": data.qvel[..., 1],
        "pole_up": xp.stack([xp.sin(angle), xp.zeros_like(angle), xp.cos(angle)], axis=-1),
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 4]`: positions, then velocities."""
    return xp.concatenate([data.qpos, data.qvel], axis=-1)


def terminated(xp, data, memory):
    """Whether the pole leans too far, or the state is not finite `[...]`."""
    seen = observation(xp, data, memory)
    return (xp.abs(data.qpos[..., 1]) > MAX_ANGLE) | ~xp.all(xp.isfinite(seen), axis=-1)


def reset(xp, start, noise):
    """Initial qpos and qvel: at rest with a little noise, as Gymnasium draws it."""
    return uniform_start(start, noise, scale=0.01)
