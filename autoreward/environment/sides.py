"""Plays what a robot may do: each coordinate goes where it is put. Motors and forces have no say in it.

So that what a reward pays can be known for movements that no policy has learnt yet. All fields are those of the
simulation in each state: positions, velocities and what the pack remembers agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32
from numpy.typing import NDArray

from autoreward.environment.pack import Noise, Pack
from autoreward.environment.simulation.model import load_model
from autoreward.environment.simulation.placement import model_coordinates, placed, velocity_between
from autoreward.environment.vector_env import VectorEnv
from autoreward.records import Coordinate, Side

MOMENT = 1e-4  # [s] over which a velocity is measured


@dataclass(frozen=True)
class PlayedSides:
    """N sides of T steps at most; behind the end of a side nothing means anything, and valid is 0."""

    state: Mapping[str, NDArray[Any]]  # [T, N, ...]
    action: Float32[np.ndarray, "T N A"]
    next_state: Mapping[str, NDArray[Any]]
    valid: Float32[np.ndarray, "T N"]


def coordinates(pack: Pack) -> tuple[Coordinate, ...]:
    """The numbers that place the robot of a pack, in the order of its model."""
    if pack.foreign is not None:  # it has no model here
        return ()
    return model_coordinates(load_model(pack), _start(VectorEnv(pack, 1)))


def play_sides(pack: Pack, sides: Sequence[Side]) -> PlayedSides:
    """Play sides side by side, each from its first step to its last or to the end of the episode.

    Args:
        sides: that are placed by coordinates of this pack; names that it does not have are ignored.

    Raises:
        EnvironmentFailedError: the pack or its model is broken.
    """
    env, model = VectorEnv(pack, len(sides)), load_model(pack)
    noise = Noise(*np.zeros((2, len(sides), env.noise_size)))
    env.reset(noise)
    start = env.positions[0].copy()
    steps = [steps_of(side, pack.control_period, env.horizon) for side in sides]
    paths = [_Path(model, start, side, count * pack.control_period) for side, count in zip(sides, steps, strict=True)]
    actions = _actions(env, sides)
    env.place(*_at(paths, 0.0))
    rollout = env.new_rollout(max(steps))
    for t in range(max(steps)):
        env.step(actions, rollout, t, noise, placed=_at(paths, (t + 1) * pack.control_period))
    env.finish(rollout)
    ended = np.cumsum(rollout.ended, axis=0) - rollout.ended > 0
    valid = (np.arange(max(steps))[:, None] < np.asarray(steps)) & ~ended
    return PlayedSides(
        env.fields(rollout, after=False), rollout.action, env.fields(rollout, after=True), valid.astype(np.float32)
    )


def steps_of(side: Side, control_period: float, horizon: int) -> int:
    """How many control steps a side has."""
    return int(np.clip(round(side.seconds / control_period), 1, horizon))


class _Path:
    """Where one side goes."""

    def __init__(self, model: Any, start: Float[np.ndarray, " nq"], side: Side, duration: float) -> None:
        self._model, self._start, self._side, self._duration = model, start, side, duration

    def at(self, time: float) -> tuple[Float[np.ndarray, " nq"], Float[np.ndarray, " nv"]]:
        """qpos, and qvel as its change over a moment that lies within the side."""
        before = max(0.0, min(time, self._duration - MOMENT))
        velocity = velocity_between(self._model, self._placed(before), self._placed(before + MOMENT), MOMENT)
        return self._placed(time), velocity

    def _placed(self, time: float) -> Float[np.ndarray, " nq"]:
        names = {*self._side.pose, *self._side.speed}
        return placed(self._model, self._start, {name: self._offset(name, time) for name in names})

    def _offset(self, name: str, time: float) -> float:
        pose = np.atleast_1d(self._side.pose.get(name, 0.0))
        moments = np.linspace(0.0, self._duration, len(pose))
        return float(np.interp(time, moments, pose)) + self._side.speed.get(name, 0.0) * time


def _at(paths: Sequence[_Path], time: float) -> tuple[NDArray[Any], NDArray[Any]]:
    places = [path.at(time) for path in paths]
    return np.stack([qpos for qpos, _ in places]), np.stack([qvel for _, qvel in places])


def _start(env: VectorEnv) -> Float[np.ndarray, " nq"]:
    """Where an episode begins, without its noise."""
    env.reset(Noise(*np.zeros((2, env.num_envs, env.noise_size))))
    return np.array(env.positions[0])


def _actions(env: VectorEnv, sides: Sequence[Side]) -> Float32[np.ndarray, "N A"]:
    """The action that each side is said to take; 0 is the one nearest to no torque."""
    rest = np.clip(0.0, env.actions.low, env.actions.high)
    shares = np.stack([_share(side, env.actions.low.size) for side in sides])
    reach = np.where(shares > 0, env.actions.high - rest, rest - env.actions.low)
    return np.asarray(rest + shares * reach, np.float32)


def _share(side: Side, count: int) -> NDArray[Any]:
    """Of each actuator's range, in [-1, 1]; of a list, as many as there are actuators."""
    stated = np.atleast_1d(np.asarray(side.action, float))
    return np.resize(stated, count) if len(stated) == 1 else np.pad(stated, (0, count))[:count]
