"""Field makers that several packs share: declarations for FIELDS, and the arithmetic behind them.

A pack imports what it needs by name::

    from autoreward.environment.fields import torso_velocities, vector

Like a pack's own functions they take the array namespace first, numpy or jax.numpy, and arrays `[..., n]`. They stand
on nothing but the language, because an export writes those that its pack uses into the exported `pack.py`.
"""

from __future__ import annotations

from typing import Any


def vector(unit: str, meaning: str, frame: str = "world", observable: bool = True) -> dict[str, Any]:
    """The declaration of a vector (x, y, z)."""
    return dict(shape=(3,), unit=unit, frame=frame, components=("x", "y", "z"), meaning=meaning, observable=observable)


def torso_velocities(torso: str = "torso") -> dict[str, Any]:
    """The declarations of `torso_velocity` and `torso_mean_velocity`, for a torso that is called `torso`."""
    return {
        "torso_velocity": vector("m/s", f"velocity of the {torso} at this moment"),
        "torso_mean_velocity": vector(
            "m/s",
            f"displacement of the {torso} over the last control step, divided by its duration; 0 after reset",
        ),
    }


def joint_angles(joints: tuple[str, ...], meaning: str) -> dict[str, Any]:
    """The declarations of `joint_position`, which means `meaning`, and `joint_velocity`: an entry a hinge."""
    return {
        "joint_position": dict(
            shape=(len(joints),), unit="rad", frame="joint", components=joints, meaning=meaning
        ),
        "joint_velocity": dict(
            shape=(len(joints),), unit="rad/s", frame="joint", components=joints,
            meaning="angular velocity of each joint",
        ),
    }  # fmt: skip


def foot_states(feet: tuple[str, ...]) -> dict[str, Any]:
    """The declarations of `foot_height` and `foot_contact`: an entry a foot, a scalar where there is one."""
    shape: dict[str, Any] = dict(shape=(len(feet),), components=feet) if len(feet) > 1 else {}
    which = "each foot" if len(feet) > 1 else "the foot"
    return {
        "foot_height": dict(
            **shape, unit="m", frame="world", meaning=f"how far the lowest point of {which} is above the ground"
        ),
        "foot_contact": foot_contact(feet),
    }


def foot_contact(feet: tuple[str, ...]) -> dict[str, Any]:
    """The declaration of `foot_contact`: an entry a foot, a scalar where there is one."""
    shape: dict[str, Any] = dict(shape=(len(feet),), components=feet) if len(feet) > 1 else {}
    which = "each foot" if len(feet) > 1 else "the foot"
    return dict(
        **shape, unit="1", observable=False, meaning=f"1 where {which} touches the ground, 0 where it is in the air"
    )


def touches(xp: Any, height: Any, margin: float) -> Any:
    """1.0 where a foot whose lowest point has this `height` [m] is in contact with the ground, else 0.0.

    Args:
        margin: [m] at which MuJoCo makes contacts: that of the foot and that of the ground together.
    """
    return xp.where(height < margin, 1.0, 0.0)


def capsule_bottom(xp: Any, centre: Any, quaternion: Any, axis: Any, half_length: Any, radius: float) -> Any:
    """Height of the lowest point of capsules `[..., k]` [m].

    Args:
        centre: of each capsule `[..., k, 3]`.
        quaternion: of its body (w, x, y, z) `[..., k, 4]`.
        axis: of the capsule in the frame of its body, unit vectors `[k, 3]`.
        half_length: between its middle and the middle of a cap [m], `[k]` or one number.
    """
    w, x, y, z = (quaternion[..., index] for index in range(4))
    axis = xp.asarray(axis)
    rise = 2.0 * (x * z - w * y) * axis[..., 0] + 2.0 * (y * z + w * x) * axis[..., 1]
    rise = rise + (1.0 - 2.0 * (x * x + y * y)) * axis[..., 2]
    return centre[..., 2] - xp.abs(rise) * xp.asarray(half_length) - radius


def track_position(xp: Any, previous: Any, position: Any, control_period: float) -> dict[str, Any]:
    """Memory of a point: its `position` `[..., n]` [m] and its `mean_velocity` over the last control step [m/s].

    Args:
        previous: the memory one step ago; None just after a reset, when the velocity is 0.
        control_period: [s].
    """
    if previous is None:
        return {"position": position, "mean_velocity": xp.zeros_like(position)}
    return {"position": position, "mean_velocity": (position - previous["position"]) / control_period}


def planar_torso(xp: Any, data: Any, memory: Any, height: float = 0.0) -> dict[str, Any]:
    """The fields of a torso in the x-z plane, whose x, z and pitch begin `qpos` and `qvel`, with `track_position`.

    Args:
        height: of the torso where qpos says z = 0 [m].

    Returns:
        `torso_` position, velocity, mean_velocity and up `[..., 3]`, pitch and pitch_rate `[...]`.
    """
    x, z, pitch = data.qpos[..., 0], data.qpos[..., 1], data.qpos[..., 2]
    zero = xp.zeros_like(x)
    mean = memory["mean_velocity"]
    return {
        "torso_position": xp.stack([x, zero, z + height], axis=-1),
        "torso_velocity": xp.stack([data.qvel[..., 0], zero, data.qvel[..., 1]], axis=-1),
        "torso_mean_velocity": xp.stack([mean[..., 0], zero, mean[..., 1]], axis=-1),
        "torso_pitch": pitch,
        "torso_pitch_rate": data.qvel[..., 2],
        "torso_up": xp.stack([xp.sin(pitch), zero, xp.cos(pitch)], axis=-1),
    }


def body_axes(xp: Any, quaternion: Any) -> tuple[Any, Any]:
    """A body's x and z axes in the world frame, each `[..., 3]`, for its orientation (w, x, y, z) `[..., 4]`.

    It need not be normalised: the noise of a reset leaves it so.
    """
    quaternion = quaternion / xp.sqrt(xp.sum(quaternion * quaternion, axis=-1, keepdims=True))
    w, x, y, z = (quaternion[..., index] for index in range(4))
    forward = [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)]
    up = [2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)]
    return xp.stack(forward, axis=-1), xp.stack(up, axis=-1)


def never(xp: Any, data: Any, memory: Any) -> Any:
    """No state ends an episode, bool `[...]`; a simulation that diverges ends one all the same."""
    return xp.zeros(data.qpos.shape[:-1], dtype=bool)


def uniform_start(start: Any, noise: Any, scale: float) -> tuple[Any, Any]:
    """qpos and qvel of the model's own pose, each entry with noise uniform in -scale..scale."""
    positions, velocities = start.qpos.shape[-1], start.qvel.shape[-1]
    uniform = scale * noise.uniform
    return start.qpos + uniform[..., :positions], start.qvel + uniform[..., positions : positions + velocities]


def normal_start(start: Any, noise: Any, scale: float) -> tuple[Any, Any]:
    """qpos with noise uniform in -scale..scale, qvel with normal noise of this deviation, around the model's own."""
    positions, velocities = start.qpos.shape[-1], start.qvel.shape[-1]
    return start.qpos + scale * noise.uniform[..., :positions], start.qvel + scale * noise.normal[..., :velocities]
