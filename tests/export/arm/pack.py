"""An arm with one joint that mirrors nothing. Its observation reads the memory, and it ends after three turns."""

TITLE = "an arm with one joint"
DESCRIPTION = "A bar turns about the y axis."
MODEL = "robot/scene.xml"
FRAME_SKIP = 4
HORIZON = 40
GAMMA = 0.9
TERMINATION = "after half a turn; truncated after 40 steps"
ACTION = "torque, -2 to 2"
DATA = ("qpos", "qvel", "site_xpos")
OBSERVATION_SIZE = 4
CONTROL_PERIOD = 0.02
MEMORY_IN_STEP = True
FIELDS = {
    "tip": dict(shape=(3,), unit="m", frame="world", meaning="end of the bar"),
    "turned": dict(unit="rad", frame="joint", meaning="sum of all angles passed since reset"),
}


def memory(xp, previous, data, action):
    """The angle [rad], and the sum of all angles passed [rad]."""
    angle = data.qpos[..., 0]
    if previous is None:
        return {"angle": angle, "turned": xp.zeros_like(angle)}
    return {"angle": angle, "turned": previous["turned"] + xp.abs(angle - previous["angle"])}


def fields(xp, data, memory):
    """Every field of FIELDS."""
    return {"tip": data.site_xpos[..., 0, :], "turned": memory["turned"]}


def observation(xp, data, memory):
    """Angle as sine and cosine, velocity, turned angle."""
    angle = data.qpos[..., 0]
    return xp.stack([xp.sin(angle), xp.cos(angle), data.qvel[..., 0], memory["turned"]], axis=-1)


def terminated(xp, data, memory):
    """After half a turn."""
    return memory["turned"] > 3.14


def reset(xp, start, noise):
    """Anywhere, at rest."""
    return start.qpos + noise.uniform[..., :1], start.qvel + 0.0 * noise.normal[..., 1:2]
