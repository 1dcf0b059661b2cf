"""Hopper: a planar one-legged robot that hops. Mirrors Gymnasium's Hopper-v5 step by step."""

from autoreward.environment.fields import (
    capsule_bottom,
    foot_states,
    joint_angles,
    planar_torso,
    torso_velocities,
    touches,
    track_position,
    uniform_start,
    vector,
)

TITLE = "a planar one-legged robot that can hop, with a torso, a thigh, a leg and a foot"
DESCRIPTION = (
    "The robot moves in the vertical x-z plane. Its torso is an upright rod of 0.4 m; thigh, leg and foot hang below "
    "it in a chain of three joints. Standing straight, its torso is 1.25 m above the ground."
)
MODEL = "gymnasium:hopper.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "Hopper-v5"  # with Gymnasium's default arguments
FRAME_SKIP = 4  # simulation steps a control step: 4 x 0.002 s = 0.008 s
HORIZON = 1000  # control steps until truncation: 8 s
GAMMA = 0.99
TERMINATION = "when the torso is below 0.7 m or leans more than 0.2 rad, or a velocity exceeds 100"
BOUNDS = {"torso_position.z": (0.7, None), "torso_pitch": (-0.2, 0.2)}  # that in numbers, entry by entry
ACTION = "torque of each joint motor, -1 to 1, times 200 N m, in the order thigh (hip), leg (knee), foot (ankle)"
DIRECTIONS = {"forward": (1.0, 0.0, 0.0), "up": (0.0, 0.0, 1.0)}  # unit vectors in the world frame
DATA = ("qpos", "qvel", "xquat", "geom_xpos")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 11

JOINTS = ("thigh", "leg", "foot")
FIELDS = {
    "torso_position": vector(
        "m", "centre of the torso; z is 1.25 when it stands straight; the policy sees z but not x"
    ),
    **torso_velocities(),
    "torso_pitch": dict(
        unit="rad",
        frame="world",
        meaning="net angle the torso has turned about +y since reset, not wrapped: 0 is upright, positive leans "
        "forward; 2 pi after a whole front flip, -2 pi after a whole back flip",
    ),
    "torso_pitch_rate": dict(
        unit="rad/s", frame="world", meaning="angular velocity of the torso about +y; positive turns forward"
    ),
    "torso_up": vector("1", "unit vector along the torso; (0, 0, 1) when upright, z < 0 upside down"),
    **joint_angles(JOINTS, "angle of each joint; 0 is straight"),
    "foot_position": vector(
        "m",
        "middle of the foot, one simulation step (0.002 s) old; z is 0.06 when it stands on the ground; "
        "the policy can tell z but not x",
    ),
    **foot_states(("foot",)),
    "upright_time": dict(
        unit="s",
        observable=False,
        inferable=False,
        meaning="how long the torso has been upright without a pause: above 0.8 m (it kneels at 0.7 m) and at "
        "most 0.3 rad from the vertical, after however many turns",
    ),
}

CONTROL_PERIOD = 0.008  # [s]
FOOT = 4  # body and geom id: the two agree in this model
FOOT_AXIS, FOOT_HALF_LENGTH, FOOT_RADIUS = (-1.0, 0.0, 0.0), 0.195, 0.06  # of its capsule, in the model [m]
MARGIN = 0.002  # [m] at which the foot touches the ground
MIN_HEIGHT, MAX_ANGLE, MAX_STATE = 0.7, 0.2, 100.0  # [m], [rad], each its own unit
MIN_UP = 0.9553  # cosine of the 0.3 rad that count as upright in `upright_time`
KNEELING = 0.8  # [m] of the torso: on its knee it is at 0.70 m, on its foot it can be at 1.25 m


def memory(xp, previous, data, action):
    """What fields need beyond the present: the torso's x and z [m], its mean velocity [m/s], time upright [s]."""
    tracked = track_position(xp, previous, data.qpos[..., 0:2], CONTROL_PERIOD)
    if previous is None:
        return {**tracked, "upright_time": xp.zeros_like(data.qpos[..., 0])}
    upright = (data.qpos[..., 1] > KNEELING) & (xp.cos(data.qpos[..., 2]) >= MIN_UP)
    return {**tracked, "upright_time": xp.where(upright, previous["upright_time"] + CONTROL_PERIOD, 0.0)}


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    middle, turned = data.geom_xpos[..., FOOT, :], data.xquat[..., FOOT, :]
    height = capsule_bottom(xp, middle, turned, FOOT_AXIS, FOOT_HALF_LENGTH, FOOT_RADIUS)
    return {
        **planar_torso(xp, data, memory),
        "joint_position": data.qpos[..., 3:6],
        "joint_velocity": data.qvel[..., 3:6],
        "foot_position": middle,
        "foot_height": height,
        "foot_contact": touches(xp, height, MARGIN),
        "upright_time": memory["upright_time"],
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 11]`: all positions but x, then all velocities, limited to +-10."""
    return xp.concatenate([data.qpos[..., 1:], xp.clip(data.qvel, -10.0, 10.0)], axis=-1)


def terminated(xp, data, memory):
    """Whether the robot has fallen, or its state is out of bounds `[...]`."""
    upright = (data.qpos[..., 1] > MIN_HEIGHT) & (xp.abs(data.qpos[..., 2]) < MAX_ANGLE)
    state = xp.concatenate([data.qpos[..., 2:], data.qvel], axis=-1)
    return ~(upright & xp.all(xp.abs(state) < MAX_STATE, axis=-1))


def reset(xp, start, noise):
    """Initial qpos and qvel: standing straight with a little noise, as Gymnasium draws it."""
    return uniform_start(start, noise, scale=0.005)
