"""Humanoid: a person-like robot in space. Mirrors Gymnasium's Humanoid-v5 without contact forces, step by step."""

from autoreward.environment.fields import (
    body_axes,
    foot_states,
    joint_angles,
    touches,
    track_position,
    uniform_start,
    vector,
)

TITLE = "a three-dimensional robot with the shape of a person: torso, abdomen, two legs and two arms"
DESCRIPTION = (
    "The robot moves freely in space. Its abdomen has three joints, each leg a hip of three joints and a knee, each "
    "arm a shoulder of two joints and an elbow. Standing straight, its torso is 1.4 m above the ground and it faces +x."
)
MODEL = "gymnasium:humanoid.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "Humanoid-v5"
# Contact forces cannot be had from the batched simulation; the cost dropped averages 0.001 a step.
MIRROR_ARGUMENTS = {"include_cfrc_ext_in_observation": False, "contact_cost_weight": 0.0}
MJX = dict(
    solver="newton",
    reason="contacts and joint limits are solved by Newton's method; the model asks for 50 sweeps of "
    "projected Gauss-Seidel, which MJX does not have. Contact forces differ, so falls and steps do.",
)
FRAME_SKIP = 5  # simulation steps a control step: 5 x 0.003 s = 0.015 s
HORIZON = 1000  # control steps until truncation: 15 s
GAMMA = 0.99
TERMINATION = "when the torso is below 1 m or above 2 m"
BOUNDS = {"torso_position.z": (1.0, 2.0)}  # that in numbers, entry by entry
ACTION = (
    "torque of each joint motor, -0.4 to 0.4, times 25 (arms) to 300 N m (hips), in the order abdomen y, z, x, "
    "right hip x, z, y, right knee, left hip x, z, y, left knee, right shoulder 1, 2, right elbow, left shoulder 1, 2, "
    "left elbow"
)
DIRECTIONS = {"forward": (1.0, 0.0, 0.0), "left": (0.0, 1.0, 0.0), "up": (0.0, 0.0, 1.0)}  # in the world frame
# The MuJoCo arrays that the functions below read.
DATA = ("qpos", "qvel", "xpos", "geom_xpos", "subtree_com", "cinert", "cvel", "qfrc_actuator")
OBSERVATION_SIZE = 270

JOINTS = (
    "abdomen_z", "abdomen_y", "abdomen_x", "right_hip_x", "right_hip_z", "right_hip_y", "right_knee",
    "left_hip_x", "left_hip_z", "left_hip_y", "left_knee", "right_shoulder1", "right_shoulder2", "right_elbow",
    "left_shoulder1", "left_shoulder2", "left_elbow",
)  # fmt: skip
FIELDS = {
    "torso_position": vector(
        "m", "centre of the torso; z is 1.4 when it stands straight; the policy sees z but not x and y"
    ),
    "torso_velocity": vector("m/s", "velocity of the torso at this moment"),
    "torso_angular_velocity": vector("rad/s", "angular velocity of the torso", frame="body"),
    "com_mean_velocity": vector(
        "m/s",
        "displacement of the whole robot's centre of mass over the last control step, divided by its "
        "duration; 0 after reset",
    ),
    "torso_up": vector("1", "unit vector from the torso to the head; (0, 0, 1) when upright"),
    "torso_forward": vector("1", "unit vector out of the chest; (1, 0, 0) when it faces forward"),
    **joint_angles(JOINTS, "angle of each joint; 0 is the rest pose"),
    "right_foot_position": vector(
        "m",
        "middle of the right foot, one simulation step (0.003 s) old; z is 0.075 on the ground; "
        "the policy can tell z but not x and y",
    ),
    "left_foot_position": vector(
        "m",
        "middle of the left foot, one simulation step (0.003 s) old; z is 0.075 on the ground; "
        "the policy can tell z but not x and y",
    ),
    **foot_states(("right", "left")),
    "right_hand_position": vector(
        "m", "middle of the right hand, one simulation step (0.003 s) old; the policy can tell z but not x and y"
    ),
    "left_hand_position": vector(
        "m", "middle of the left hand, one simulation step (0.003 s) old; the policy can tell z but not x and y"
    ),
}

CONTROL_PERIOD = 0.015  # [s]
TORSO = 1  # body id: the root of the robot, so its subtree is the whole robot
RIGHT_FOOT, LEFT_FOOT, RIGHT_HAND, LEFT_HAND = 8, 11, 14, 17  # geom ids
FOOT_RADIUS, MARGIN = 0.075, 0.002  # [m] of a foot, which is a ball; at which it touches the ground
MIN_HEIGHT, MAX_HEIGHT = 1.0, 2.0  # [m]


def memory(xp, previous, data, action):
    """What fields need beyond the present: the centre of mass [m], one substep old, and its mean velocity [m/s]."""
    return track_position(xp, previous, data.subtree_com[..., TORSO, :], CONTROL_PERIOD)


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    forward, up = body_axes(xp, data.qpos[..., 3:7])
    heights = data.geom_xpos[..., [RIGHT_FOOT, LEFT_FOOT], 2] - FOOT_RADIUS
    return {
        "torso_position": data.qpos[..., 0:3],
        "torso_velocity": data.qvel[..., 0:3],
        "torso_angular_velocity": data.qvel[..., 3:6],
        "com_mean_velocity": memory["mean_velocity"],
        "torso_up": up,
        "torso_forward": forward,
        "joint_position": data.qpos[..., 7:],
        "joint_velocity": data.qvel[..., 6:],
        "right_foot_position": data.geom_xpos[..., RIGHT_FOOT, :],
        "left_foot_position": data.geom_xpos[..., LEFT_FOOT, :],
        "foot_height": heights,
        "foot_contact": touches(xp, heights, MARGIN),
        "right_hand_position": data.geom_xpos[..., RIGHT_HAND, :],
        "left_hand_position": data.geom_xpos[..., LEFT_HAND, :],
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 270]`: positions but x and y, velocities, inertias, body velocities, motor forces."""
    batch = data.qpos.shape[:-1]
    parts = [
        data.qpos[..., 2:],
        data.qvel,
        xp.reshape(data.cinert[..., TORSO:, :], (*batch, -1)),
        xp.reshape(data.cvel[..., TORSO:, :], (*batch, -1)),
        data.qfrc_actuator[..., 6:],
    ]
    return xp.concatenate(parts, axis=-1)


def terminated(xp, data, memory):
    """Whether the robot has fallen `[...]`."""
    return ~((data.qpos[..., 2] > MIN_HEIGHT) & (data.qpos[..., 2] < MAX_HEIGHT))


def reset(xp, start, noise):
    """Initial qpos and qvel: standing straight with a little noise, as Gymnasium draws it."""
    return uniform_start(start, noise, scale=0.01)
