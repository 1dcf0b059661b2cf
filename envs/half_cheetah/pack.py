"""Half cheetah: a planar two-legged robot that runs. Mirrors Gymnasium's HalfCheetah-v5 step by step."""

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
DATA = ("qpos", "qvel", "xpos")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 17

JOINTS = ("back_thigh", "back_shin", "back_foot", "front_thigh", "front_shin", "front_foot")
AXES = ("x", "y", "z")
FIELDS = {
    "torso_position": dict(
        shape=(3,), unit="m", frame="world", components=AXES,
        meaning="centre of the torso; z is about 0.6 when it stands; the policy sees z but not x",
    ),
    "torso_velocity": dict(
        shape=(3,), unit="m/s", frame="world", components=AXES, meaning="velocity of the torso at this moment"
    ),
    "torso_mean_velocity": dict(
        shape=(3,), unit="m/s", frame="world", components=AXES,
        meaning="displacement of the torso over the last control step, divided by its duration; 0 after reset",
    ),
    "torso_pitch": dict(unit="rad", frame="world", meaning="pitch of the torso about +y; positive is nose down"),
    "torso_pitch_rate": dict(unit="rad/s", frame="world", meaning="angular velocity of the torso about +y"),
    "torso_up": dict(
        shape=(3,), unit="1", frame="world", components=AXES,
        meaning="unit vector out of the robot's back; (0, 0, 1) when level, z < 0 upside down",
    ),
    "joint_position": dict(
        shape=(6,), unit="rad", frame="joint", components=JOINTS, meaning="angle of each joint; 0 in the rest pose"
    ),
    "joint_velocity": dict(
        shape=(6,), unit="rad/s", frame="joint", components=JOINTS, meaning="angular velocity of each joint"
    ),
    "back_foot_position": dict(
        shape=(3,), unit="m", frame="world", components=AXES,
        meaning="ankle of the back leg, one simulation step (0.01 s) old", observable=False,
    ),
    "front_foot_position": dict(
        shape=(3,), unit="m", frame="world", components=AXES,
        meaning="ankle of the front leg, one simulation step (0.01 s) old", observable=False,
    ),
}  # fmt: skip

CONTROL_PERIOD = 0.05  # [s]
TORSO_HEIGHT = 0.7  # [m] of the torso body in the model at qpos = 0
BACK_FOOT, FRONT_FOOT = 4, 7  # body ids


def memory(xp, previous, data, action):
    """What fields need beyond the present: the torso's x and z [m], and its mean velocity [m/s]."""
    position = data.qpos[..., 0:2]
    if previous is None:
        return {"position": position, "mean_velocity": xp.zeros_like(position)}
    return {"position": position, "mean_velocity": (position - previous["position"]) / CONTROL_PERIOD}


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    x, z, pitch = data.qpos[..., 0], data.qpos[..., 1], data.qpos[..., 2]
    zero = xp.zeros_like(x)
    mean = memory["mean_velocity"]
    return {
        "torso_position": xp.stack([x, zero, z + TORSO_HEIGHT], axis=-1),
        "torso_velocity": xp.stack([data.qvel[..., 0], zero, data.qvel[..., 1]], axis=-1),
        "torso_mean_velocity": xp.stack([mean[..., 0], zero, mean[..., 1]], axis=-1),
        "torso_pitch": pitch,
        "torso_pitch_rate": data.qvel[..., 2],
        "torso_up": xp.stack([xp.sin(pitch), zero, xp.cos(pitch)], axis=-1),
        "joint_position": data.qpos[..., 3:9],
        "joint_velocity": data.qvel[..., 3:9],
        "back_foot_position": data.xpos[..., BACK_FOOT, :],
        "front_foot_position": data.xpos[..., FRONT_FOOT, :],
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 17]`: all positions but x, then all velocities."""
    return xp.concatenate([data.qpos[..., 1:], data.qvel], axis=-1)


def terminated(xp, data, memory):
    """Never `[...]`."""
    return xp.zeros(data.qpos.shape[:-1], dtype=bool)


def reset(xp, start, noise):
    """Initial qpos and qvel: the rest pose with noise, as Gymnasium draws it."""
    size = start.qpos.shape[-1]
    return start.qpos + 0.1 * noise.uniform[..., :size], start.qvel + 0.1 * noise.normal[..., :size]
