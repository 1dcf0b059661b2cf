"""Pushes, and what is wrong with sensors: what RANDOMISE declares beyond numbers of the model.

Each simulation draws its strengths and one key, once for a whole training. When it is pushed, in which direction, and
each number of its noise come from a hash of the key and of a counter: equal seeds meet equal pushes and equal noise
under every candidate, however many simulations stand beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np
from jaxtyping import Bool, Float, Float32, Int, UInt64
from numpy.typing import NDArray

from autoreward.environment.pack import Pack
from autoreward.environment.randomised_ranges import ALL, DISTURBANCES
from autoreward.environment.simulation.model import name_of
from autoreward.errors import EnvironmentFailedError
from autoreward.records import RandomisedRange

_PUSH_TIMES, _PUSH_DIRECTIONS, _NOISE = 1, 2, 3  # what a hash is for


class Disturbances:
    """Those of N simulations; none before `begin`, nor where the pack declares none.

    Args:
        pack: the environment.
        model: mujoco.MjModel.
        num_envs: N.

    Raises:
        EnvironmentFailedError: a range names no part of the observation, or a body that nothing can push.
    """

    def __init__(self, pack: Pack, model: Any, num_envs: int) -> None:
        declared = [one for one in pack.randomise if one.quantity in DISTURBANCES]
        self._period, self._size = pack.control_period, pack.observation_size
        self._pushes = [(one, _level_motions(pack, model, one.of[0])) for one in declared if one.quantity == "push"]
        sensed = [one for one in declared if one.quantity != "push"]
        self._sensed = [(one, _columns(pack, one)) for one in sensed]
        shares = len(self._pushes) + sum(1 if one.together else len(parts) for one, parts in self._sensed)
        self.numbers = 1 + shares if declared else 0  # random numbers of a simulation
        self.active = False
        self._num_envs, self._velocities = num_envs, int(model.nv)

    def begin(self, numbers: Float[np.ndarray, "N D"]) -> None:
        """Draw the strengths of each simulation from numbers in [0, 1), D as `numbers` says."""
        if not self.numbers:
            return
        shape = (self._num_envs, self._size)
        self._key = (numbers[:, 0] * 2.0**53).astype(np.uint64)
        self._strengths = []
        first = 1
        for one, _ in self._pushes:
            self._strengths.append(one.low + (one.high - one.low) * numbers[:, first])
            first += 1
        self._deviation, self._late = np.zeros(shape, np.float32), np.zeros(shape, int)
        for one, parts in self._sensed:
            for place, columns in enumerate(parts):
                share = numbers[:, first + (0 if one.together else place)]
                self._set_sensor(one, columns, one.low + (one.high - one.low) * share)
            first += 1 if one.together else len(parts)
        self._history = np.zeros((1 + int(self._late.max()), *shape), np.float32)
        self._head, self._age, self._drawn = 0, np.zeros(self._num_envs, int), np.zeros(self._num_envs, int)
        self.active = True

    def push(self) -> Float[np.ndarray, "N nv"] | None:
        """What the pushes of the next control step add to qvel; None where nothing is pushed."""
        if not (self.active and self._pushes):
            return None
        change = np.zeros((self._num_envs, self._velocities))
        for index, (one, motions) in enumerate(self._pushes):
            assert one.every is not None
            period = max(1, round(one.every / self._period))
            key = self._key + np.uint64(index)
            turn, rest = np.divmod(self._age + (_hashed(key, _PUSH_TIMES, 0) % np.uint64(period)).astype(int), period)
            angle = 2.0 * np.pi * _uniform(_hashed(key, _PUSH_DIRECTIONS, turn))
            strength = self._strengths[index] * (rest == period - 1)
            for dof, along, across in motions:
                change[:, dof] += strength * (along * np.cos(angle) + across * np.sin(angle))
        self._age += 1
        return change if change.any() else None

    def sense(self, observation: Float32[np.ndarray, "N O"]) -> Float32[np.ndarray, "N O"]:
        """What the policy sees of the observation after a control step."""
        self._head = (self._head + 1) % len(self._history)
        self._history[self._head] = observation
        everywhere = np.ones(self._num_envs, bool)
        if len(self._history) == 1:
            return self._noisy(observation, everywhere)
        rows, columns = np.ogrid[: self._num_envs, : self._size]
        return self._noisy(self._history[(self._head - self._late) % len(self._history), rows, columns], everywhere)

    def restart(
        self, which: Bool[np.ndarray, " N"], observation: Float32[np.ndarray, "N O"]
    ) -> Float32[np.ndarray, "N O"]:
        """What the policies see where a new episode began: nothing is late yet. Other rows are of no meaning."""
        self._history[:, which] = observation[which]
        return self._noisy(observation, which)

    def _set_sensor(self, one: RandomisedRange, columns: slice, drawn: Float[np.ndarray, " N"]) -> None:
        if one.quantity == "noise":
            self._deviation[:, columns] = drawn[:, None]
        else:
            self._late[:, columns] = np.rint(drawn / self._period).astype(int)[:, None]

    def _noisy(self, seen: Float32[np.ndarray, "N O"], which: Bool[np.ndarray, " N"]) -> Float32[np.ndarray, "N O"]:
        if not self._deviation.any():
            return seen.copy()
        self._drawn += which
        counter = self._drawn[:, None] * (2 * self._size) + 2 * np.arange(self._size)
        one = _uniform(_hashed(self._key[:, None], _NOISE, counter))
        two = _uniform(_hashed(self._key[:, None], _NOISE, counter + 1))
        # Box and Muller 1958; 1 - u is never 0.
        normal = np.sqrt(-2.0 * np.log(1.0 - one)) * np.cos(2.0 * np.pi * two)
        return np.asarray(seen + self._deviation * normal, np.float32)


def _columns(pack: Pack, one: RandomisedRange) -> list[slice]:
    """Where the parts of the observation that a range names stand in it."""
    places, first = {}, 0
    for name, size in pack.observed.items():
        places[name] = slice(first, first + size)
        first += size
    if one.of == (ALL,):
        return list(places.values()) or [slice(0, pack.observation_size)]
    unknown = [name for name in one.of if name not in places]
    if unknown:
        known = ", ".join(places) or "no part, as it states no OBSERVED"
        raise EnvironmentFailedError(
            f"{pack.name}: the {one.quantity} of {unknown[0]!r} is to be randomised, but OBSERVED names {known}.",
            f"Name one of these, or {ALL!r}; OBSERVED = {{name: size}} lists what observation() joins, in its order.",
        )
    return [places[name] for name in one.of]


def _level_motions(pack: Pack, model: Any, name: str) -> Sequence[tuple[int, float, float]]:
    """For each degree of freedom that a push of a body changes: how much, along two level directions."""
    body = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, name)
    if body < 0:
        names = ", ".join(filter(None, (name_of(model, "body", index) for index in range(1, model.nbody))))
        raise EnvironmentFailedError(f"{pack.name}: the model has no body {name!r}, which is to be pushed.", names)
    level = _level_directions(np.asarray(model.opt.gravity))
    motions: list[tuple[int, float, float]] = []
    first = int(model.body_jntadr[body])
    for joint in range(first, first + int(model.body_jntnum[body])):
        dof, kind = int(model.jnt_dofadr[joint]), model.jnt_type[joint]
        if kind == mujoco.mjtJoint.mjJNT_FREE:
            motions += [(dof + axis, float(level[0][axis]), float(level[1][axis])) for axis in range(3)]
        elif kind == mujoco.mjtJoint.mjJNT_SLIDE:
            axis = np.zeros(3)
            mujoco.mju_rotVecQuat(axis, model.jnt_axis[joint], model.body_quat[body])
            motions.append((dof, float(axis @ level[0]), float(axis @ level[1])))
    if not motions:
        raise EnvironmentFailedError(
            f"{pack.name}: body {name!r} is to be pushed, but no free or sliding joint of its own lets it go.",
            "Name the base of a robot that moves about, or a loose object.",
        )
    return motions


def _level_directions(gravity: Float[np.ndarray, " 3"]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two unit vectors, at right angles to gravity and to each other."""
    size = float(np.linalg.norm(gravity))
    up = -gravity / size if size else np.array([0.0, 0.0, 1.0])
    one = np.eye(3)[int(np.argmin(np.abs(up)))]
    one = one - (one @ up) * up
    one = one / np.linalg.norm(one)
    return one, np.cross(up, one)


def _hashed(key: UInt64[np.ndarray, ...], purpose: int, counter: Int[np.ndarray, ...] | int) -> NDArray[np.uint64]:
    """A number of 64 bits from a key and a counter. Source: the finaliser of SplitMix64, Steele et al. 2014."""
    with np.errstate(over="ignore"):
        state = key * np.uint64(0x9E3779B97F4A7C15) + np.uint64(purpose)
        for part in (np.asarray(counter).astype(np.uint64), np.uint64(0)):
            state = (state ^ part) + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return np.asarray(state)


def _uniform(bits: UInt64[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """From 64 bits to [0, 1)."""
    return np.asarray((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53)
