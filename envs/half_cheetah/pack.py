"""Half cheetah: a planar two-legged robot that runs. Mirrors Gymnasium's HalfCheetah-v5 step by step."""

from autoreward.environment.fields import (
    capsule_bottom,
    foot_states,
    joint_angles,
    never,
    normal_start,
    planar_torso,
    torso_velocities,
    touches,
    track_position,
    vector,
)

TITLE = "a planar two-legged robot that can run, with a torso and two legs of three joints each"
DESCRIPTION = (
    "The robot moves in the vertical x-z plane. Its torso is a 1 m rod with a head at the front end. "
    "The back and the front leg each have a thigh, a shin and a foot joint. It may fall on its back."
)
MODEL = "gymnasium:half_cheetah.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "HalfCheetah-v5"  # with Gymnasium's default arguments
FRAME_SKIP = 5  # simulation steps a control step: 5 x 0.01 s = 0.05 s
HORIZON = 1000  # control steps until truncation: 50 s
GAMMA = 0.99
TERMINATION = "never"
ACTION = "torque of each joint motor, -1 to 1, in the order back thigh, back shin, back foot, front thigh, shin, foot"
DIRECTIONS = {"forward": (1.0, 0.0, 0.0), "up": (0.0, 0.0, 1.0)}  # unit vectors in the world frame
DATA = ("qpos", "qvel", "xpos", "xquat", "geom_xpos")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 17

JOINTS = ("back_thigh", "back_shin", "back_foot", "front_thigh", "front_shin", "front_foot")
FIELDS = {
    "torso_position": vector("m", "centre of the torso; z is about 0.6 when it stands; the policy sees z but not x"),
    **torso_velocities(),
    "torso_pitch": dict(unit="rad", frame="world", meaning="pitch of the torso about +y; positive is nose down"),
    "torso_pitch_rate": dict(unit="rad/s", frame="world", meaning="angular velocity of the torso about +y"),
    "torso_up": vector("1", "unit vector out of the robot's back; (0, 0, 1) when level, z < 0 upside down"),
    **joint_angles(JOINTS, "angle of each joint; 0 in the rest pose"),
    "back_foot_position": vector("m", "ankle of the back leg, one simulation step (0.01 s) old", observable=False),
    "front_foot_position": vector("m", "ankle of the front leg, one simulation step (0.01 s) old", observable=False),
    **foot_states(("back", "front")),
}

CONTROL_PERIOD = 0.05  # [s]
TORSO_HEIGHT = 0.7  # [m] of the torso body in the model at qpos = 0
BACK_FOOT, FRONT_FOOT = 4, 7  # body ids
FEET, FOOT_GEOMS = [BACK_FOOT, FRONT_FOOT], [5, 8]
# Of their capsules, in the model [m].
FOOT_AXES, FOOT_HALF_LENGTHS, FOOT_RADIUS = ((-0.2667, 0.0, 0.9638), (-0.5646, 0.0, 0.8253)), (0.094, 0.07), 0.046
MARGIN = 0.0  # [m] at which a foot touches the ground


def memory(xp, previous, data, action):
    """What fields need beyond the present: the torso's x and z [m], and its mean velocity [m/s]."""
    return track_position(xp, previous, data.qpos[..., 0:2], CONTROL_PERIOD)


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    middles, turned = data.geom_xpos[..., FOOT_GEOMS, :], data.xquat[..., FEET, :]
    heights = capsule_bottom(xp, middles, turned, FOOT_AXES, FOOT_HALF_LENGTHS, FOOT_RADIUS)
    return {
        **planar_torso(xp, data, memory, TORSO_HEIGHT),
        "joint_position": data.qpos[..., 3:9],
        "joint_velocity": data.qvel[..., 3:9],
        "back_foot_position": data.xpos[..., BACK_FOOT, :],
        "front_foot_position": data.xpos[..., FRONT_FOOT, :],
        "foot_height": heights,
        "foot_contact": touches(xp, heights, MARGIN),
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 17]`: all positions but x, then all velocities."""
    return xp.concatenate([data.qpos[..., 1:], data.qvel], axis=-1)


terminated = never


def reset(xp, start, noise):
    """Initial qpos and qvel: the rest pose with noise, as Gymnasium draws it."""
    return normal_start(start, noise, scale=0.1)
