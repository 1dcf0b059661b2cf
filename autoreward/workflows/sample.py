"""The transitions and trajectories that rewards are compared on: random rollouts, and what trained policies did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import flatten_transitions, random_rollout
from autoreward.recordings import LABELS, Recordings, Trajectory, transitions_of
from autoreward.reward.sandbox.sandbox import flat_transitions

Arrays = dict[str, NDArray[Any]]

NUM_ENVS = 64  # of random rollouts
FRAGMENT = 128  # steps of a trajectory that is ranked: longer ones are cut, so that lengths can be compared
SHORTEST = 2  # steps
STORED = 16  # evaluation trajectories at most; further ones would outweigh the random ones


@dataclass(frozen=True)
class Sample:
    """Transitions in flat arrays `[N, ...]` (state.x, action, next_state.x), and which of them follow each other."""

    flat: Arrays
    spans: tuple[tuple[int, int], ...]  # first transition and the one after the last, of each trajectory

    @property
    def size(self) -> int:
        """N."""
        return len(self.flat["action"])

    def side(self, owner: str) -> Arrays:
        """The fields of `state` or of `next_state` by name."""
        prefix = f"{owner}."
        return {name.removeprefix(prefix): array for name, array in self.flat.items() if name.startswith(prefix)}

    def sums(self, rewards: NDArray[Any]) -> NDArray[Any]:
        """Undiscounted return of every trajectory `[K, M]` from rewards `[K, N]`."""
        return np.stack([rewards[:, start:stop].sum(axis=1) for start, stop in self.spans], axis=1)


def sample_of(environment: Environment, stored: Sequence[Recordings]) -> Sample:
    """Random rollouts of an environment, then stored evaluation trajectories.

    Args:
        stored: of each reward, the recordings with trajectories that a run keeps; may be empty.
    """
    if environment.ends is not None:  # somebody else's, which was run when it was opened
        transitions, ends = environment.transitions, environment.ends
    else:
        env, rollout = random_rollout(environment.pack, NUM_ENVS, FRAGMENT)
        transitions, ends = flatten_transitions(env, rollout), rollout.ended
    parts = [_by_environment(flat_transitions(transitions), ends)]
    spans = list(_random_spans(ends))
    for trajectory in _stored_trajectories(stored)[:STORED]:
        size = sum(len(part["action"]) for part in parts)
        part = transitions_of(trajectory)
        if set(part) == set(parts[0]) and len(part["action"]) >= SHORTEST:  # else the run is of another version
            parts.append(part)
            spans += [(size + start, size + stop) for start, stop in _cut(0, len(part["action"]))]
    flat = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Sample(flat, tuple(spans))


def _by_environment(flat: Arrays, ends: NDArray[Any]) -> Arrays:
    """The rows of a rollout `[T * N]` with those of one environment together; `ends` is `[T, N]`."""
    steps, envs = ends.shape
    order = np.arange(steps * envs).reshape(steps, envs).T.reshape(-1)
    return {name: array[order] for name, array in flat.items()}


def _random_spans(ended: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """The trajectories of a rollout with `ended [T, N]`, in rows ordered by environment."""
    steps, envs = ended.shape
    for env in range(envs):
        ends = [*(np.flatnonzero(ended[:, env]) + 1).tolist(), steps]
        for start, stop in zip([0, *ends], ends, strict=False):
            yield from _cut(env * steps + start, env * steps + stop)


def _cut(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Pieces of at most FRAGMENT steps; what is too short to be ranked is left out."""
    for first in range(start, stop, FRAGMENT):
        last = min(first + FRAGMENT, stop)
        if last - first >= SHORTEST:
            yield first, last


def _stored_trajectories(stored: Sequence[Recordings]) -> list[Trajectory]:
    """The best and the worst episode of each reward that has them."""
    return [
        one.trajectories[label]
        for recordings in stored
        for label in LABELS
        for one in recordings
        if label in one.trajectories
    ]
