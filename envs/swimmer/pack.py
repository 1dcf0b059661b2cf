"""Swimmer: three links in a viscous fluid. Mirrors Gymnasium's Swimmer-v5 step by step."""

from autoreward.environment.fields import joint_angles, never, torso_velocities, track_position, uniform_start, vector

TITLE = "a planar snake of three links that swims in a viscous fluid"
DESCRIPTION = (
    "The robot lies in the horizontal x-y plane. Three rods of 1 m, front, middle and back, are joined by two motors; "
    "nothing but the drag of the fluid moves it on. In the rest pose it is straight, its front pointing along +x."
)
MODEL = "gymnasium:swimmer.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "Swimmer-v5"  # with Gymnasium's default arguments
FRAME_SKIP = 4  # simulation steps a control step: 4 x 0.01 s = 0.04 s
HORIZON = 1000  # control steps until truncation: 40 s
GAMMA = 0.99
TERMINATION = "never"
ACTION = "torque of each joint motor, -1 to 1, times 150 N m, in the order front joint, back joint"
DIRECTIONS = {"forward": (1.0, 0.0, 0.0)}  # unit vectors in the world frame
DATA = ("qpos", "qvel")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 8

JOINTS = ("front_joint", "back_joint")
FIELDS = {
    "torso_position": vector("m", "position of the front link's frame, 0.5 m behind its rod; z is 0", observable=False),
    **torso_velocities("front link"),
    "torso_heading": dict(
        unit="rad", frame="world", meaning="angle of the front link about +z, not wrapped; 0 points along +x"
    ),
    "torso_heading_rate": dict(unit="rad/s", frame="world", meaning="angular velocity of the front link about +z"),
    "torso_forward": vector("1", "unit vector out of the front of the robot"),
    **joint_angles(JOINTS, "angle of each joint; 0 is straight"),
}

CONTROL_PERIOD = 0.04  # [s]


def memory(xp, previous, data, action):
    """What fields need beyond the present: the front link's x and y [m], and its mean velocity [m/s]."""
    return track_position(xp, previous, data.qpos[..., 0:2], CONTROL_PERIOD)


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    heading = data.qpos[..., 2]
    zero = xp.zeros_like(heading)
    mean = memory["mean_velocity"]
    return {
        "torso_position": xp.stack([data.qpos[..., 0], data.qpos[..., 1], zero], axis=-1),
        "torso_velocity": xp.stack([data.qvel[..., 0], data.qvel[..., 1], zero], axis=-1),
        "torso_mean_velocity": xp.stack([mean[..., 0], mean[..., 1], zero], axis=-1),
        "torso_heading": heading,
        "torso_heading_rate": data.qvel[..., 2],
        "torso_forward": xp.stack([xp.cos(heading), xp.sin(heading), zero], axis=-1),
        "joint_position": data.qpos[..., 3:5],
        "joint_velocity": data.qvel[..., 3:5],
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 8]`: all positions but x and y, then all velocities."""
    return xp.concatenate([data.qpos[..., 2:], data.qvel], axis=-1)


terminated = never


def reset(xp, start, noise):
    """Initial qpos and qvel: the rest pose with noise, as Gymnasium draws it."""
    return uniform_start(start, noise, scale=0.1)
