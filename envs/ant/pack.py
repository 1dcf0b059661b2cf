"""Ant: a four-legged robot in space. Mirrors Gymnasium's Ant-v5 without contact forces, step by step."""

from autoreward.environment.fields import (
    body_axes,
    foot_contact,
    joint_angles,
    normal_start,
    torso_velocities,
    touches,
    track_position,
    vector,
)

TITLE = "a four-legged robot with a ball as torso and legs of two joints each"
DESCRIPTION = (
    "The robot moves freely in space. Its torso is a ball of 0.25 m radius; from it four legs go out diagonally, front "
    "left to (+x, +y), front right to (-x, +y), back left to (-x, -y), back right to (+x, -y). Each leg has a hip that "
    "swings it sideways by 30 degrees and an ankle that bends its last 0.57 m down by 30 to 70 degrees. It starts in "
    "the air with its torso at 0.75 m, falls, and stands at up to 0.63 m; with slack motors it sags to 0.38 m. It can "
    "roll onto its back, where its torso lies at 0.26 m."
)
MODEL = "gymnasium:ant.xml"  # the MJCF file that ships with Gymnasium
MIRRORS = "Ant-v5"
# Contact forces cannot be had from the batched simulation; the cost dropped averages 0.001 a step.
MIRROR_ARGUMENTS = {"include_cfrc_ext_in_observation": False, "contact_cost_weight": 0.0}
MJX = dict(
    reason="where a shin stands steeper than 60 degrees, MJX turns the friction pyramid of its contact about the "
    "normal; under random actions a third of the control steps differ by that, by up to 2 rad/s",
)
FRAME_SKIP = 5  # simulation steps a control step: 5 x 0.01 s = 0.05 s
HORIZON = 1000  # control steps until truncation: 50 s
GAMMA = 0.99
TERMINATION = "when the torso is below 0.2 m or above 1 m"
BOUNDS = {"torso_position.z": (0.2, 1.0)}  # that in numbers, entry by entry
ACTION = (
    "torque of each joint motor, -1 to 1, times 150 N m, in the order back right hip, ankle, front left hip, ankle, "
    "front right hip, ankle, back left hip, ankle"
)
DIRECTIONS = {"forward": (1.0, 0.0, 0.0), "left": (0.0, 1.0, 0.0), "up": (0.0, 0.0, 1.0)}  # in the world frame
DATA = ("qpos", "qvel", "xpos", "geom_xpos")  # the MuJoCo arrays that the functions below read
OBSERVATION_SIZE = 27

LEGS = ("front_left", "front_right", "back_left", "back_right")
JOINTS = tuple(f"{leg}_{joint}" for leg in LEGS for joint in ("hip", "ankle"))
AXES = ("x", "y", "z")
FIELDS = {
    "torso_position": vector(
        "m", "torso centre; z is 0.38 or more on its feet, 0.26 on its back; the policy sees z but not x and y"
    ),
    **torso_velocities(),
    "torso_angular_velocity": vector("rad/s", "angular velocity of the torso", frame="body"),
    "torso_up": vector("1", "unit vector out of the robot's back; (0, 0, 1) when level, z < 0 upside down"),
    "torso_forward": vector("1", "the torso's own x axis; (1, 0, 0) when it has not turned"),
    "torso_drift": dict(
        shape=(2,),
        unit="m",
        frame="world",
        components=("x", "y"),
        observable=False,
        meaning="horizontal displacement of the torso since reset",
    ),
    **joint_angles(
        JOINTS,
        "angle of each joint; ankles bend by 0.52 to 1.22, downwards for front left and back right, and by "
        "-1.22 to -0.52 for front right and back left",
    ),
    "foot_position": dict(
        shape=(4, 3),
        unit="m",
        frame="world",
        components=AXES,
        meaning="tip of each leg, in the order front left, front right, back left, back right, "
        "one simulation step (0.01 s) old; the policy can tell z but not x and y",
    ),
    "foot_height": dict(
        shape=(4,),
        unit="m",
        frame="world",
        components=LEGS,
        meaning="z of each foot_position; 0.1 when the foot stands on the ground",
    ),
    "foot_contact": foot_contact(LEGS),
    "foot_turns": dict(
        shape=(4,),
        unit="1",
        components=LEGS,
        observable=False,
        inferable=False,
        meaning="how often each foot has changed between going up and going down since reset; "
        "it must have travelled 0.05 m each way",
    ),
    "foot_turn_height": dict(
        shape=(4,),
        unit="m",
        frame="world",
        components=LEGS,
        observable=False,
        inferable=False,
        meaning="height at which each foot last changed between going up and going down; 0 before",
    ),
}

CONTROL_PERIOD = 0.05  # [s]
TORSO = 1  # body id
SHINS = [4, 7, 10, 13]  # body and geom ids of the last link of each leg: the two agree in this model
MIN_HEIGHT, MAX_HEIGHT = 0.2, 1.0  # [m]
FOOT_RADIUS, MARGIN = 0.08, 0.02  # [m] of a leg's tip, at which it touches the ground
TRAVEL = 0.05  # [m] a foot moves up or down before it counts


def memory(xp, previous, data, action):
    """What fields need beyond the present.

    Positions are one substep old. `extreme` is the highest (lowest) point of each foot since it goes up (down), and
    `way` is +1 (-1) for that, 0 before its first 0.05 m.
    """
    position = data.xpos[..., TORSO, :]
    tracked = track_position(xp, previous, position, CONTROL_PERIOD)
    height = _feet(data)[..., 2]
    if previous is None:
        return {
            **tracked,
            "start": position[..., 0:2],
            "extreme": height,
            "way": xp.zeros_like(height),
            "turns": xp.zeros_like(height),
            "turn_height": xp.zeros_like(height),
        }
    way, travel = previous["way"], height - previous["extreme"]
    changed = (xp.abs(travel) >= TRAVEL) & (travel * way <= 0.0)
    turned = changed & (way != 0.0)
    return {
        **tracked,
        "start": previous["start"],
        "extreme": xp.where(changed | (travel * way > 0.0), height, previous["extreme"]),
        "way": xp.where(changed, xp.sign(travel), way),
        "turns": xp.where(turned, previous["turns"] + 1.0, previous["turns"]),
        "turn_height": xp.where(turned, previous["extreme"], previous["turn_height"]),
    }


def fields(xp, data, memory):
    """Every field of FIELDS from MuJoCo's arrays `[..., n]`."""
    forward, up = body_axes(xp, data.qpos[..., 3:7])
    feet = _feet(data)
    return {
        "torso_position": data.qpos[..., 0:3],
        "torso_velocity": data.qvel[..., 0:3],
        "torso_mean_velocity": memory["mean_velocity"],
        "torso_angular_velocity": data.qvel[..., 3:6],
        "torso_up": up,
        "torso_forward": forward,
        "torso_drift": memory["position"][..., 0:2] - memory["start"],
        "joint_position": data.qpos[..., 7:],
        "joint_velocity": data.qvel[..., 6:],
        "foot_position": feet,
        "foot_height": feet[..., 2],
        "foot_contact": touches(xp, feet[..., 2] - FOOT_RADIUS, MARGIN),
        "foot_turns": memory["turns"],
        "foot_turn_height": memory["turn_height"],
    }


def observation(xp, data, memory):
    """What the policy sees `[..., 27]`: all positions but x and y, then all velocities."""
    return xp.concatenate([data.qpos[..., 2:], data.qvel], axis=-1)


def terminated(xp, data, memory):
    """Whether the torso is too low or too high `[...]`."""
    return ~((data.qpos[..., 2] >= MIN_HEIGHT) & (data.qpos[..., 2] <= MAX_HEIGHT))


def reset(xp, start, noise):
    """Initial qpos and qvel: legs stretched, in the air, with noise, as Gymnasium draws it."""
    return normal_start(start, noise, scale=0.1)


def _feet(data):
    """The tips of the legs `[..., 4, 3]`: a capsule's middle lies halfway between its joint and its tip."""
    return 2.0 * data.geom_xpos[..., SHINS, :] - data.xpos[..., SHINS, :]
