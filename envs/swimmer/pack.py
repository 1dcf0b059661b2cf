"""Swimmer: three links in a viscous fluid. Mirrors Gymnasium's Swimmer-v5 step by step."""

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
AXES = ("x", "y", "z")
FIELDS = {
    "torso_position": dict(
        shape=(3,), unit="m", frame="world", components=AXES,
        meaning="position of the front link's frame, 0.5 m behind its rod; z is 0", observable=False,
    ),
    "torso_velocity": dict(
        shape=(3,), unit="m/s", frame="world", components=AXES, meaning="velocity of the front link at this moment"
    ),
    "torso_mean_velocity": dict(
        shape=(3,), unit="m/s", frame="world", components=AXES,
        meaning="displacement of the front link over the last control step, divided by its duration; 0 after reset",
    ),
    "torso_heading": dict(
        unit="rad", frame="world", meaning="angle of the front link about +z, not wrapped; 0 points along +x"
    ),
    "torso_heading_rate": dict(unit="rad/s", frame="world", meaning="angular velocity of the front link about +z"),
    "torso_forward": dict(
        shape=(3,), unit="1", frame="world", components=AXES, meaning="unit vector out of the front of the robot"
    ),
    "joint_position": dict(
        shape=(2,), unit="rad", frame="joint", components=JOINTS, meaning="angle of each joint; 0 is straight"
    ),
    "joint_velocity": dict(
        shape=(2,), unit="rad/s", frame="joint", components=JOINTS, meaning="angular velocity of each joint"
    ),
}  # fmt: skip

CONTROL_PERIOD = 0.04  # [s]


def memory(xp, previous, data, action):
    """What fields need beyond the present: the front link's x and y [m], and its mean velocity [m/s]."""
    position = data.qpos[..., 0:2]
    if previous is None:
        return {"position": position, "mean_velocity": xp.zeros_like(position)}
    return {"position": position, "mean_velocity": (position - previous["position"]) / CONTROL_PERIOD}


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


def terminated(xp, data, memory):
    """Never `[...]`."""
    return xp.zeros(data.qpos.shape[:-1], dtype=bool)


def reset(xp, start, noise):
    """Initial qpos and qvel: the rest pose with noise, as Gymnasium draws it."""
    size = start.qpos.shape[-1]
    uniform = 0.1 * noise.uniform
    return start.qpos + uniform[..., :size], start.qvel + uniform[..., size : 2 * size]
