"""Reacher: a two-link arm and a target drawn anew each episode. Mirrors Gymnasium's Reacher-v5 step by step."""

from autoreward.environment.fields import joint_angles, never, vector

TITLE = "a planar arm of two links, fixed to a table, and a target that lies somewhere else in each episode"
DESCRIPTION = (
    "The arm turns about the origin in the horizontal x-y plane; its links are 0.1 m long and end in a fingertip. "
    "The target is drawn at each reset, uniformly from a disc of 0.2 m around the origin, and rests during the episode."
)
MODEL = "gymnasium:reacher.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "Reacher-v5"  # with Gymnasium's default arguments
FRAME_SKIP = 2  # simulation steps a control step: 2 x 0.01 s = 0.02 s
HORIZON = 50  # control steps until truncation: 1 s
GAMMA = 0.99
TERMINATION = "never"
ACTION = "torque of each joint motor, -1 to 1, times 200 N m, in the order shoulder, elbow"
DIRECTIONS = {"up": (0.0, 0.0, 1.0)}  # unit vectors in the world frame
DATA = ("qpos", "qvel", "xpos")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 10
CONTROL_PERIOD = 0.02  # [s]

JOINTS = ("shoulder", "elbow")
FIELDS = {
    "fingertip_position": vector("m", "position of the fingertip, one simulation step (0.01 s) old"),
    "target_position": vector("m", "position of the target"),
    "target_offset": vector("m", "from the fingertip to the target: the goal is to make it 0"),
    "target_distance": dict(unit="m", meaning="distance from the fingertip to the target"),
    **joint_angles(JOINTS, "angle of each joint; the policy sees its sine and cosine"),
}

FINGERTIP, TARGET = 3, 4  # body ids
TARGET_RADIUS = 0.2  # [m] of the disc the target is drawn from


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    offset = data.xpos[..., TARGET, :] - data.xpos[..., FINGERTIP, :]
    return {
        "fingertip_position": data.xpos[..., FINGERTIP, :],
        "target_position": data.xpos[..., TARGET, :],
        "target_offset": offset,
        "target_distance": xp.sqrt(xp.sum(offset * offset, axis=-1)),
        "joint_position": data.qpos[..., 0:2],
        "joint_velocity": data.qvel[..., 0:2],
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 10]`: cosines and sines of the joints, target, joint velocities, offset."""
    angles = data.qpos[..., 0:2]
    offset = data.xpos[..., FINGERTIP, 0:2] - data.xpos[..., TARGET, 0:2]
    parts = [xp.cos(angles), xp.sin(angles), data.qpos[..., 2:4], data.qvel[..., 0:2], offset]
    return xp.concatenate(parts, axis=-1)


terminated = never


def reset(xp, start, noise):
    """Initial qpos and qvel: the arm stretched along +x with noise, and a target, distributed as Gymnasium draws them.

    Gymnasium throws away targets outside the disc; here radius and angle are drawn, so that one draw is enough.
    """
    uniform = noise.uniform
    radius = TARGET_RADIUS * xp.sqrt(0.5 * (uniform[..., 2] + 1.0))
    angle = xp.pi * uniform[..., 3]
    target = xp.stack([radius * xp.cos(angle), radius * xp.sin(angle)], axis=-1)
    arm = start.qpos[..., 0:2] + 0.1 * uniform[..., 0:2]
    spin = start.qvel[..., 0:2] + 0.005 * uniform[..., 4:6]
    return xp.concatenate([arm, target], axis=-1), xp.concatenate([spin, xp.zeros_like(target)], axis=-1)
