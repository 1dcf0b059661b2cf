"""Walker2d: a planar two-legged robot that walks. Mirrors Gymnasium's Walker2d-v5 step by step."""

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

TITLE = "a planar two-legged robot that can walk, with a torso and two legs of three joints each"
DESCRIPTION = (
    "The robot moves in the vertical x-z plane. Its torso is an upright rod of 0.4 m; a right and a left leg hang "
    "below it side by side, each with hip, knee and ankle. Standing straight, the torso is 1.25 m above the ground."
)
MODEL = "gymnasium:walker2d_v5.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "Walker2d-v5"  # with Gymnasium's default arguments
FRAME_SKIP = 4  # simulation steps a control step: 4 x 0.002 s = 0.008 s
HORIZON = 1000  # control steps until truncation: 8 s
GAMMA = 0.99
TERMINATION = "when the torso is below 0.8 m or above 2 m, or leans more than 1 rad"
BOUNDS = {"torso_position.z": (0.8, 2.0), "torso_pitch": (-1.0, 1.0)}  # that in numbers, entry by entry
ACTION = (
    "torque of each joint motor, -1 to 1, times 100 N m, in the order right hip, right knee, right ankle, left hip, "
    "left knee, left ankle"
)
DIRECTIONS = {"forward": (1.0, 0.0, 0.0), "up": (0.0, 0.0, 1.0)}  # unit vectors in the world frame
DATA = ("qpos", "qvel", "xquat", "geom_xpos")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 17

JOINTS = ("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle")
FIELDS = {
    "torso_position": vector(
        "m", "centre of the torso; z is 1.25 when it stands straight; the policy sees z but not x"
    ),
    **torso_velocities(),
    "torso_pitch": dict(
        unit="rad", frame="world", meaning="lean of the torso about +y; 0 is upright, positive leans forward"
    ),
    "torso_pitch_rate": dict(
        unit="rad/s", frame="world", meaning="angular velocity of the torso about +y; positive turns forward"
    ),
    "torso_up": vector("1", "unit vector along the torso; (0, 0, 1) when upright"),
    **joint_angles(JOINTS, "angle of each joint; 0 is straight"),
    "right_foot_position": vector(
        "m",
        "middle of the right foot, one simulation step (0.002 s) old; z is 0.06 on the ground; "
        "the policy can tell z but not x",
    ),
    "left_foot_position": vector(
        "m",
        "middle of the left foot, one simulation step (0.002 s) old; z is 0.06 on the ground; "
        "the policy can tell z but not x",
    ),
    **foot_states(("right", "left")),
}

CONTROL_PERIOD = 0.008  # [s]
RIGHT_FOOT, LEFT_FOOT = 4, 7  # body and geom ids: the two agree in this model
FEET = [RIGHT_FOOT, LEFT_FOOT]
FOOT_AXES, FOOT_HALF_LENGTH, FOOT_RADIUS = ((-1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)), 0.1, 0.06  # of their capsules [m]
MARGIN = 0.0  # [m] at which a foot touches the ground
MIN_HEIGHT, MAX_HEIGHT, MAX_ANGLE = 0.8, 2.0, 1.0  # [m], [m], [rad]


def memory(xp, previous, data, action):
    """What fields need beyond the present: the torso's x and z [m], and its mean velocity [m/s]."""
    return track_position(xp, previous, data.qpos[..., 0:2], CONTROL_PERIOD)


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    middles, turned = data.geom_xpos[..., FEET, :], data.xquat[..., FEET, :]
    heights = capsule_bottom(xp, middles, turned, FOOT_AXES, FOOT_HALF_LENGTH, FOOT_RADIUS)
    return {
        **planar_torso(xp, data, memory),
        "joint_position": data.qpos[..., 3:9],
        "joint_velocity": data.qvel[..., 3:9],
        "right_foot_position": data.geom_xpos[..., RIGHT_FOOT, :],
        "left_foot_position": data.geom_xpos[..., LEFT_FOOT, :],
        "foot_height": heights,
        "foot_contact": touches(xp, heights, MARGIN),
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 17]`: all positions but x, then all velocities, limited to +-10."""
    return xp.concatenate([data.qpos[..., 1:], xp.clip(data.qvel, -10.0, 10.0)], axis=-1)


def terminated(xp, data, memory):
    """Whether the robot has fallen `[...]`."""
    height, pitch = data.qpos[..., 1], data.qpos[..., 2]
    return ~((height > MIN_HEIGHT) & (height < MAX_HEIGHT) & (xp.abs(pitch) < MAX_ANGLE))


def reset(xp, start, noise):
    """Initial qpos and qvel: standing straight with a little noise, as Gymnasium draws it."""
    return uniform_start(start, noise, scale=0.005)
