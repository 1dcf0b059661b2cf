"""Strider: Gymnasium's half cheetah with other names everywhere, turned by -90 degrees about z. It runs along -y."""

TITLE = "a planar two-legged robot that can run, with a hull and two legs of three joints each"
DESCRIPTION = (
    "The robot moves in the vertical y-z plane and faces -y. Its hull is a 1 m rod with a mast at the front end. "
    "The hind and the fore leg each have an upper, a lower and a paw joint. It may fall on its back."
)
MODEL = "strider.xml"
FRAME_SKIP = 5  # simulation steps a control step: 5 x 0.01 s
HORIZON = 1000
GAMMA = 0.99
TERMINATION = "never; an episode is truncated after 1000 steps (50 s)"
ACTION = "torque of each joint motor, -1 to 1, in the order hind upper, lower, paw, fore upper, lower, paw"
DIRECTIONS = {"forward": (0.0, -1.0, 0.0), "up": (0.0, 0.0, 1.0)}
DATA = ("qpos", "qvel")
OBSERVATION_SIZE = 17
CONTROL_PERIOD = 0.05  # [s]
HULL_HEIGHT = 0.7  # [m] of the hull in the model at qpos = 0

JOINTS = ("hind_upper", "hind_lower", "hind_paw", "fore_upper", "fore_lower", "fore_paw")
FIELDS = {
    "hull_place": dict(
        shape=(3,), unit="m", frame="world", components=("x", "y", "z"),
        meaning="centre of the hull, the robot's body; the policy sees z but not y",
    ),
    "hull_pace": dict(
        shape=(3,), unit="m/s", frame="world", components=("x", "y", "z"),
        meaning="mean velocity of the hull over the last control step; 0 after reset",
    ),
    "hull_lean": dict(unit="rad", frame="world", meaning="lean of the hull about +x; positive is nose down"),
    "hull_lean_rate": dict(unit="rad/s", frame="world", meaning="angular velocity of the hull about +x"),
    "limbs": dict(shape=(6,), unit="rad", frame="joint", components=JOINTS, meaning="angle of each joint"),
    "limb_rates": dict(
        shape=(6,), unit="rad/s", frame="joint", components=JOINTS, meaning="angular velocity of each joint"
    ),
}  # fmt: skip


def memory(xp, previous, data, action):
    """The hull's displacement along the rails and its mean velocity [m/s]; qpos[0] points along -y."""
    place = data.qpos[..., 0:2]
    pace = xp.zeros_like(place) if previous is None else (place - previous["place"]) / CONTROL_PERIOD
    return {"place": place, "pace": pace}


def fields(xp, data, memory):
    """Every field of FIELDS."""
    ahead, risen = data.qpos[..., 0], data.qpos[..., 1]
    zero = xp.zeros_like(ahead)
    return {
        "hull_place": xp.stack([zero, -ahead, risen + HULL_HEIGHT], axis=-1),
        "hull_pace": xp.stack([zero, -memory["pace"][..., 0], memory["pace"][..., 1]], axis=-1),
        "hull_lean": data.qpos[..., 2],
        "hull_lean_rate": data.qvel[..., 2],
        "limbs": data.qpos[..., 3:9],
        "limb_rates": data.qvel[..., 3:9],
    }


def observation(xp, data, memory):
    """All positions but the one along the rail, then all velocities."""
    return xp.concatenate([data.qpos[..., 1:], data.qvel], axis=-1)


def terminated(xp, data, memory):
    """Never."""
    return xp.zeros(data.qpos.shape[:-1], dtype=bool)


def reset(xp, start, noise):
    """The rest pose with noise."""
    size = start.qpos.shape[-1]
    return start.qpos + 0.1 * noise.uniform[..., :size], start.qvel + 0.1 * noise.normal[..., :size]
