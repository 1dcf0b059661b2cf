"""How an episode starts, what becomes of a robot with slack motors, and what the numbers of the observation are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.environment.pack import Noise
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.records import FieldSpec

DRAWS = 256  # resets that are looked at
REST_SECONDS = 3.0  # how long robots are left with slack motors
STANDS = ("m", "rad", "1")  # units of the entries that say how a robot stands
APART = 1.5  # times the least noise: one that is larger is told beside it
STATES = 64  # that are compared
OTHER = "(other)"
SAME = 1e-5  # relative: an entry of the observation is that of a field
LEFT_OUT = frozenset({"observation", "last_action", "time", "terminated"})


def start_facts(env: VectorEnv, seed: int) -> str:
    """The noise of a reset, measured on many: "positions within 0.1 of the model's own pose, ..."."""
    rng = np.random.default_rng(seed)
    noise = Noise(rng.uniform(-1.0, 1.0, (DRAWS, env.noise_size)), rng.standard_normal((DRAWS, env.noise_size)))
    start: tuple[Any, ...] = env.pack.reset(np, env.start, noise)
    position, velocity = (np.asarray(start[place]) for place in (0, 1))
    noises = [_noise(position - env.start.qpos, "positions"), _noise(velocity - env.start.qvel, "velocities")]
    drawn = f"; drawn anew: {', '.join(start[2])}" if len(start) == 3 and start[2] else ""
    return f"An episode starts in the model's own pose with noise: {', '.join(noises)}{drawn}."


def _noise(off: Float[np.ndarray, "D n"], what: str) -> str:
    """The largest noise of each number, as one size or as a range of them."""
    sizes = np.abs(off).max(axis=0)
    sizes = sizes[sizes > 0.0]
    if not len(sizes):
        return f"no noise in {what}"
    least, most = float(sizes.min()), float(sizes.max())
    return f"{what} within {most:.1g}" if most < APART * least else f"{what} within {least:.1g} to {most:.1g}"


def slack_rollout(env: VectorEnv, seed: int) -> Rollout:
    """A few robots from the start of an episode on with no torque at all, about three seconds."""
    rng = np.random.default_rng(seed)
    steps = max(1, min(env.horizon, round(REST_SECONDS / env.pack.control_period))) if env.pack.control_period else 1
    env.reset(
        Noise(rng.uniform(-1, 1, (env.num_envs, env.noise_size)), rng.standard_normal((env.num_envs, env.noise_size)))
    )
    rollout = env.new_rollout(steps)
    action = np.clip(np.zeros((env.num_envs, len(env.actions.low))), env.actions.low, env.actions.high)
    for t in range(steps):
        fresh = Noise(np.zeros((env.num_envs, env.noise_size)), np.zeros((env.num_envs, env.noise_size)))
        env.step(np.asarray(action, np.float32), rollout, t, fresh)
    env.finish(rollout)
    return rollout


def slack_facts(
    env: VectorEnv, rollout: Rollout, fields: Mapping[str, NDArray[Any]], declared: Sequence[FieldSpec]
) -> str:
    """Where that leads: when the episode ends, or how the robot then stands (means over those that last)."""
    ended = rollout.terminated.any(axis=0)
    if ended.any():
        first = (rollout.terminated.argmax(axis=0)[ended] + 1) * env.pack.control_period
        which = "every episode terminates" if ended.all() else "some episodes terminate"
        return f"With slack motors {which}, after about {first.mean():.2g} s."
    stands = [
        f"{name} {float(values[-1].mean()) + 0.0:.2g} {unit}".removesuffix(" 1")
        for name, unit, values in _entries(fields, declared)
        if unit in STANDS and name.endswith(("position.z", "_pitch", "_up.z"))
    ][:3]
    seconds = len(rollout.elapsed) * env.pack.control_period
    return f"With slack motors, after {seconds:.2g} s: {', '.join(stands)}." if stands else ""


def observation_order(
    fields: Mapping[str, NDArray[Any]], declared: Sequence[FieldSpec], stated: Mapping[str, int]
) -> str:
    """What each number of the observation is: as the pack states it, else as far as a field has the same numbers.

    Args:
        fields: real states `[M, ...]`, with `observation`.
        stated: OBSERVED of the pack, sizes by name; empty where it states none.
    """
    if stated:
        parts = ", ".join(f"{name} ({size})" for name, size in stated.items())
        return f"The observation, in order: {parts}."
    seen = fields["observation"][:: max(1, len(fields["observation"]) // STATES)]
    known = [(name, values[:: max(1, len(values) // STATES)]) for name, _, values in _entries(fields, declared)]
    names = [_named(seen[:, place], known) for place in range(seen.shape[1])]
    if all(name == OTHER for name in names):
        return ""
    groups = [(field, list(several)) for field, several in groupby(names, key=lambda name: name.partition(".")[0])]
    entries = [_group(field, several) for field, several in groups]
    return f"The observation, in order: {', '.join(entries)}."


def _named(column: NDArray[Any], known: Sequence[tuple[str, NDArray[Any]]]) -> str:
    """The entry of a field that has the numbers of this column, up to a limit, a sign and a constant."""
    scale = float(np.abs(column).max())
    for written, shown in _readings(known):
        for reading in (shown, np.clip(shown, -scale, scale)):
            off = column - reading
            if np.ptp(off) <= SAME * max(1.0, scale):
                constant = float(off.mean())
                return written if abs(constant) <= SAME * max(1.0, scale) else f"{written} {constant:+.2g}"
    return OTHER


def _readings(known: Sequence[tuple[str, NDArray[Any]]]) -> Iterator[tuple[str, NDArray[Any]]]:
    yield from known
    for name, values in known:
        yield f"-{name}", -values
    for name, values in known:
        yield f"cos {name}", np.cos(values)
        yield f"sin {name}", np.sin(values)


def _group(field: str, names: Sequence[str]) -> str:
    """Entries of one field that stand together: "joint_position (6)", "torso_position.z"."""
    if field == OTHER:
        return f"{len(names)} other{'s' if len(names) > 1 else ''}"
    return names[0] if len(names) == 1 else f"{field} ({len(names)})"


def _entries(fields: Mapping[str, NDArray[Any]], declared: Sequence[FieldSpec]) -> list[tuple[str, str, NDArray[Any]]]:
    """(name, unit, values) of every entry of the declared fields of at most one axis that are not all one number."""
    entries = []
    for field in declared:
        if field.name in LEFT_OUT or len(field.shape) > 1:
            continue
        values = fields[field.name]
        parts = np.moveaxis(values, -1, 0) if field.shape else [values]
        names = field.components if len(field.components) == len(parts) else tuple(map(str, range(len(parts))))
        for name, part in zip(names, parts, strict=True):
            if np.ptp(part) > 0.0:
                entries.append((f"{field.name}.{name}" if field.shape else field.name, field.unit, part))
    return entries
