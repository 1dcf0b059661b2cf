"""Copies of an environment in EnvPool: one batch in C++, stepped by its own threads.

EnvPool takes a seed for each copy when the batch is made, and none at a reset. So a reset of all makes a new batch with
the seeds that are asked for; the episodes after the first follow from them. We reset a copy ourselves in the step in
which its episode ends: `next_state` is the state before the reset, as everywhere.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Num
from numpy.typing import NDArray

from autoreward.environment.foreign.copies import Moments, Stepped
from autoreward.environment.foreign.layout import Layout
from autoreward.environment.foreign.making import quiet, said
from autoreward.environment.foreign.reference import Reference
from autoreward.errors import UsageError
from autoreward.process_environment import cores

INSTALL = "pip install 'autoreward[envpool]' installs EnvPool."


class EnvPoolMade:
    """The batches of an environment of EnvPool; see copies.CopiesMade.

    Args:
        reference: pinned.
    """

    make_seconds = 0.0  # a batch is made at once

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.layout = Layout(reference, EnvPoolSingle(reference))

    def how(self, count: int) -> str:
        """See Made."""
        return f"by EnvPool, in one batch with up to {threads_for(count)} threads"

    def take(self, count: int) -> EnvPoolCopies:
        """See CopiesMade."""
        return EnvPoolCopies(self._reference, self.layout, count)

    def close(self) -> None:
        """See Made: a batch ends with whoever took it."""


class EnvPoolCopies:
    """N copies in one batch; see copies.Copies."""

    def __init__(self, reference: Reference, layout: Layout, count: int) -> None:
        self.reference, self.layout, self._count = reference, layout, count
        self._pool: Any = None

    def reset(self, places: Int[np.ndarray, " n"], seeds: Int[np.ndarray, " n"]) -> Moments:
        """New episodes in some; in all of them, by a new batch that begins with these seeds."""
        with quiet(), said(f"{self.reference.id}: reset() raised"):
            if self._pool is None or len(places) == self._count:
                self._pool = make_pool(self.reference, seeds.tolist())
                observation, info = self._pool.reset()
            else:
                observation, info = self._pool.reset(places.astype(np.int32))
            return self._read(observation, info, np.zeros(len(places)))

    def step(self, actions: Num[np.ndarray, "N A"]) -> Stepped:
        """One step of each."""
        given = self.layout.actions.batch(actions)
        with quiet(), said(f"{self.reference.id}: step() raised"):
            observation, reward, terminated, truncated, info = self._pool.step(given)
            seen = self._read(observation, info, np.asarray(reward, np.float64).reshape(self._count, -1).sum(axis=1))
        order = np.argsort(info["env_id"])
        ended: list[Bool[np.ndarray, " N"]] = [np.asarray(flags, bool)[order] for flags in (terminated, truncated)]
        return Stepped(list(range(self._count)), seen, ended[0], ended[1], seen.problems())

    def advance(self, actions: Num[np.ndarray, "N A"]) -> Bool[np.ndarray, " N"]:
        """See copies.SomeCopies."""
        given = self.layout.actions.batch(actions)
        with quiet(), said(f"{self.reference.id}: step() raised"):
            _, _, terminated, truncated, info = self._pool.step(given)
        ended: Bool[np.ndarray, " N"] = np.asarray(terminated | truncated, bool)[np.argsort(info["env_id"])]
        return ended

    def _read(self, observation: Any, info: Mapping[str, Any], reward: NDArray[Any]) -> Moments:
        order = np.argsort(info["env_id"])
        rows = self.layout.observation.batch_rows(observation)[order]
        return Moments(rows, {name: array[order] for name, array in self.layout.raw_batch(info, reward).items()})


class EnvPoolSingle:
    """One copy, with the interface of Gymnasium: for what is looked at once."""

    metadata: Mapping[str, Any] = {}

    def __init__(self, reference: Reference) -> None:
        self._pool = make_pool(reference, [0])
        with quiet():
            self.observation_space, self.action_space = self._pool.observation_space, self._pool.action_space
        limit = getattr(getattr(self._pool.spec, "config", None), "max_episode_steps", None)
        self.max_episode_steps = int(limit) if limit is not None else None

    @property
    def unwrapped(self) -> EnvPoolSingle:
        """Itself."""
        return self

    def reset(self, seed: int | None = None) -> tuple[Any, dict[str, Any]]:
        """A new episode."""
        observation, info = self._pool.reset()
        return _first(observation), _first_info(info)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """One step."""
        observation, reward, terminated, truncated, info = self._pool.step(np.asarray(action)[None])
        return _first(observation), reward[0], bool(terminated[0]), bool(truncated[0]), _first_info(info)

    def close(self) -> None:
        """Nothing is left open."""
        self._pool.close()


def make_pool(reference: Reference, seeds: list[int]) -> Any:
    """A batch with a copy for each seed.

    Raises:
        UsageError: EnvPool is not installed, or has no such environment; the message has the nearest names.
        EnvironmentFailedError: EnvPool raised.
    """
    try:
        import envpool  # an extra, which not everybody has
    except ModuleNotFoundError as error:
        raise UsageError(f"envpool:{reference.id} needs EnvPool, which is not installed.", INSTALL) from error
    if reference.id not in (known := envpool.list_all_envs()):
        near = difflib.get_close_matches(reference.id, known, n=4, cutoff=0.4)
        raise UsageError(f"EnvPool has no environment {reference.id!r}.", f"Nearest: {', '.join(near) or 'none'}.")
    count = len(seeds)
    with quiet(), said(f"{reference.id} cannot be made by EnvPool"):
        return envpool.make(
            reference.id,
            env_type="gymnasium",
            num_envs=count,
            num_threads=threads_for(count),
            **{"env_seed": [int(seed) for seed in seeds], **reference.kwargs},
        )


def threads_for(count: int) -> int:
    """Threads that step so many copies: never more than cores."""
    return max(1, min(count, cores()))


def _first(observation: Any) -> Any:
    if isinstance(observation, Mapping):
        return {key: _first(part) for key, part in observation.items()}
    return tuple(map(_first, observation)) if isinstance(observation, tuple) else observation[0]


def _first_info(info: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value[0] for key, value in info.items() if isinstance(value, np.ndarray) and len(value)}
