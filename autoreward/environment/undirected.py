"""Whole episodes that nobody designed: random, motionless, held, thrown and carried.

What chance or rest satisfies is no success. The others show how a metric orders what a robot can do, also what it never
does by chance: a carried one gets far. They cost no training, so a success metric that a model wrote can be judged on
them before any reward exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Bool, Float32
from numpy.typing import NDArray

from autoreward.environment.foreign.opening import FIELD, play_foreign
from autoreward.environment.pack import Pack
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.vector_env import VectorEnv

if TYPE_CHECKING:
    from autoreward.environment.foreign.foreign_env import ForeignEnv

Way = Literal["random", "motionless", "held", "thrown", "carried"]

COUNTS: Mapping[Way, int] = {"random": 24, "motionless": 4, "held": 12, "thrown": 12, "carried": 16}
LONGEST_HOLD = 16  # steps for which a random action is kept, at most
THROWS = 3  # times an episode at which the velocities of a thrown robot change
THROW_SPEED = 2.0  # [m/s], [rad/s]: standard deviation of a change of each velocity, at most
CARRY_PERIOD = 5  # steps after which a carried velocity is set again
CARRY_SPEED = 3.0  # [m/s], [rad/s]: of a carried velocity, at most
CARRIED = 6  # velocities that are carried in turn: those of a free body, or of a planar one and its first joints
CHUNK = 100  # steps after which it is seen whether all episodes have ended
QPOS = "simulation/qpos"  # no name that a field may have
SEED = 20_261_128  # far from training and evaluation seeds


@dataclass(frozen=True)
class UndirectedEpisodes:
    """N whole episodes of T steps; behind the end of an episode nothing means anything, and valid is 0."""

    ways: tuple[Way, ...]  # of each episode
    fields: Mapping[str, NDArray[Any]]  # of `next_state` [T, N, ...], and "action"
    valid: Float32[np.ndarray, "T N"]
    qpos: Float32[np.ndarray, "T N m"]  # what a clip needs: qpos, or seed and action of somebody else's environment

    def of(self, *ways: Way) -> Bool[np.ndarray, " N"]:
        """Which episodes were made in one of these ways."""
        return np.isin(np.asarray(self.ways), ways)

    def movement(self, episode: int) -> Float32[np.ndarray, "L m"]:
        """What a clip needs of one episode, up to its end."""
        return self.qpos[: int(self.valid[:, episode].sum()), episode]


def undirected_episodes(pack: Pack) -> UndirectedEpisodes:
    """One whole episode an environment, the same ones at each call.

    Random actions are held for 1 to 16 steps; motionless is the action nearest to 0; held is one random action for
    the whole episode; a thrown robot gets other velocities at the start, after a third and after two thirds, under
    random actions or none; of a carried one, one velocity is kept at a value of its own. Without a reward, nothing
    here was steered towards anything. Of somebody else's environment they are random, motionless and held.

    Raises:
        EnvironmentFailedError: the pack or its model is broken.
    """
    if pack.foreign is not None:
        names, arrays = play_foreign(pack.foreign.reference)
        fields = {name.removeprefix(FIELD): array for name, array in arrays.items() if name.startswith(FIELD)}
        return UndirectedEpisodes(names, fields, arrays["valid"], arrays["movement"])  # type: ignore[arg-type]
    ways = tuple(way for way, count in COUNTS.items() for _ in range(count))
    env, rng = VectorEnv(pack, len(ways)), np.random.default_rng(SEED)
    env.reset(draw_noise(rng, env.num_envs, env.noise_size))
    actions = _Actions(env, ways, rng)
    return _played(env, ways, rng, actions, _Forces(env, ways, rng).at)


def foreign_episodes(env: ForeignEnv, ways: tuple[Way, ...]) -> UndirectedEpisodes:
    """The same of somebody else's environment, in the process that steps it: what is in it cannot be thrown."""
    rng = np.random.default_rng(SEED)
    env.reset(draw_noise(rng, env.num_envs, env.noise_size))
    return _played(env, ways, rng, _Actions(env, ways, rng), lambda t: None)


def _played(
    env: VectorEnv | ForeignEnv, ways: tuple[Way, ...], rng: np.random.Generator, actions: _Actions,
    before_step: Callable[[int], None],
) -> UndirectedEpisodes:  # fmt: skip
    """Whole episodes from where the environments stand."""
    parts: list[dict[str, NDArray[Any]]] = []
    valid = np.ones((0, env.num_envs), np.float32)
    running = np.ones(env.num_envs, bool)
    while len(valid) < env.horizon and running.any():
        rollout = env.new_rollout(min(CHUNK, env.horizon - len(valid)))
        for t in range(len(rollout.elapsed)):
            before_step(len(valid) + t)
            env.step(actions.at(len(valid) + t), rollout, t, draw_noise(rng, env.num_envs, env.noise_size))
        env.finish(rollout)
        seen = {name: array for name, array in env.fields(rollout, after=True).items() if name not in env.hidden}
        parts.append(seen | {"action": rollout.action, QPOS: env.movement(rollout)})
        before = np.cumsum(rollout.ended, axis=0) - rollout.ended  # episodes that ended earlier in this rollout
        valid = np.concatenate([valid, ((before == 0) & running).astype(np.float32)])
        running &= ~rollout.ended.any(axis=0)
    left = env.horizon - len(valid)
    fields = {name: _padded(np.concatenate([part[name] for part in parts]), left) for name in parts[0]}
    qpos = fields.pop(QPOS).astype(np.float32)
    return UndirectedEpisodes(ways, fields, _padded(valid, left), qpos)


def _padded(array: NDArray[Any], steps: int) -> NDArray[Any]:
    """The array [T, ...] with so many steps of zeros behind it."""
    return np.pad(array, [(0, steps), *[(0, 0)] * (array.ndim - 1)])


class _Actions:
    """The action of each environment at each step."""

    def __init__(self, env: VectorEnv | ForeignEnv, ways: tuple[Way, ...], rng: np.random.Generator) -> None:
        self._env, self._rng = env, rng
        kind = np.asarray(ways)
        number = np.arange(env.num_envs)
        still = (kind == "motionless") | (np.isin(kind, ("thrown", "carried")) & (number % 2 == 0))
        self._rest = np.clip(0.0, env.actions.low, env.actions.high).astype(np.float32)
        self._rest[np.cumsum([0, *env.actions.choices[:-1]]) if env.actions.choices else []] = 1.0  # the first choices
        self._period = np.where(kind == "held", env.horizon, 1 + number % LONGEST_HOLD)
        self._still = still[:, None]
        self._action = np.tile(self._rest, (env.num_envs, 1))

    def at(self, t: int) -> Float32[np.ndarray, "N A"]:
        """The actions of step t; to be called once for each step."""
        fresh = draw_actions(self._rng, self._env.actions, self._env.num_envs)
        self._action = np.where((t % self._period == 0)[:, None], fresh, self._action)
        return np.where(self._still, self._rest, self._action)


class _Forces:
    """Other velocities for some environments: all of them now and then by chance, or one of them kept as it is."""

    def __init__(self, env: VectorEnv, ways: tuple[Way, ...], rng: np.random.Generator) -> None:
        self._env, self._rng, kind = env, rng, np.asarray(ways)
        self._thrown, self._carried = kind == "thrown", kind == "carried"
        self._speed = THROW_SPEED * rng.uniform(0.0, 1.0, (env.num_envs, 1))
        which = np.arange(env.num_envs) % min(CARRIED, env.num_velocities)
        self._kept = np.arange(env.num_velocities) == which[:, None]  # [N, nv]
        self._value = rng.uniform(-CARRY_SPEED, CARRY_SPEED, (env.num_envs, 1))

    def at(self, t: int) -> None:
        """What happens before step t."""
        if t % max(1, self._env.horizon // THROWS) == 0:
            drawn = self._rng.standard_normal((self._env.num_envs, self._env.num_velocities))
            self._env.push(self._speed * drawn, self._thrown)
        if t % CARRY_PERIOD == 0:
            self._env.push(np.where(self._kept, self._value - self._env.velocities, 0.0), self._carried)
