"""Whole training episodes as what learns a combination sees them: the terms of every step, and the task's progress."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from autoreward.trainer.combination.combination import Experience

CAPACITY = 300_000  # transitions a member; the oldest episodes are forgotten
SEEN_ENVS = 16  # environments of each member whose episodes are kept: on a GPU there are many more


class StoredEpisode(NamedTuple):
    """Where the steps of an episode lie, and what it came to."""

    start: int
    length: int
    success: float
    progress: float
    mean: Float[np.ndarray, " K"]  # of the terms over its steps


class StoredEpisodes:
    """The last episodes of one member, in a ring of steps.

    Args:
        terms: K.
        capacity: steps.
    """

    def __init__(self, terms: int, capacity: int = CAPACITY) -> None:
        self._steps = np.zeros((0, terms), np.float32)
        self._capacity, self._next = capacity, 0
        self.episodes: deque[StoredEpisode] = deque()
        self.stored = 0  # transitions ever

    def add(self, terms: Float[np.ndarray, "L K"], success: float, progress: float) -> None:
        """One episode that has ended."""
        terms = terms[-self._capacity :]
        if self._next + len(terms) > self._capacity:
            self._next = 0
        end = self._next + len(terms)
        while self.episodes and self._overlaps(self.episodes[0], end):
            self.episodes.popleft()
        if end > len(self._steps):  # grown as it is needed, by doubling
            size = min(self._capacity, max(end, 2 * len(self._steps)))
            self._steps = np.concatenate([self._steps, np.zeros((size - len(self._steps), terms.shape[1]), np.float32)])
        self._steps[self._next : end] = terms
        self.episodes.append(
            StoredEpisode(self._next, len(terms), success, progress, terms.mean(axis=0, dtype=np.float64))
        )
        self._next, self.stored = end, self.stored + len(terms)

    def _overlaps(self, episode: StoredEpisode, end: int) -> bool:
        return episode.start < end and episode.start + episode.length > self._next

    @property
    def lengths(self) -> Int[np.ndarray, " E"]:
        """Of the episodes [steps]."""
        return np.asarray([one.length for one in self.episodes], np.int64)

    @property
    def outcomes(self) -> Float[np.ndarray, " E"]:
        """What each episode came to: the finer of the metric's two numbers, success or the graded progress.

        Progress ends at 0 and 1, where displacement goes on; of a flip, success is 0 or 1 and progress is graded.
        """
        success, progress = np.asarray([(one.success, one.progress) for one in self.episodes], np.float64).T
        return np.asarray(success if len(np.unique(success)) >= len(np.unique(progress)) else progress)

    def steps(
        self, episode: Int[np.ndarray, " *batch"], at: Int[np.ndarray, " *batch W"]
    ) -> Float[np.ndarray, " *batch W K"]:
        """The terms of steps of chosen episodes."""
        starts = np.asarray([one.start for one in self.episodes])
        return np.asarray(self._steps[starts[episode][..., None] + at])

    @property
    def means(self) -> Float[np.ndarray, "E K"]:
        """Of the terms over the steps of each episode."""
        return np.stack([one.mean for one in self.episodes])

    def scale(self, most: int = 20_000) -> Float[np.ndarray, " K"]:
        """The standard deviation of each term over the stored steps (at most so many); 0 for a constant one."""
        rows = np.concatenate([np.arange(one.start, one.start + one.length) for one in self.episodes])
        return deviations(self._steps[rows[:: max(1, len(rows) // most)]].astype(np.float64))


def deviations(rows: Float[np.ndarray, "N K"]) -> Float[np.ndarray, " K"]:
    """The standard deviation of each column; 0 for one that is constant up to rounding."""
    spread = rows.std(axis=0)
    return np.where(spread > 1e-6 * np.abs(rows).max(axis=0), spread, 0.0)


class Episodes:
    """Those of m members.

    Args:
        members: m.
        terms: K.
    """

    def __init__(self, members: int, terms: int) -> None:
        self.of_member = [StoredEpisodes(terms) for _ in range(members)]
        self._open: dict[int, list[NDArray[Any]]] = {}

    def reset(self) -> None:
        """All environments begin new episodes: those that were not finished are dropped."""
        self._open.clear()

    def add(self, experience: Experience) -> None:
        """The episodes that ended in a rollout, and the beginnings of others."""
        members = len(self.of_member)
        each = experience.terms.shape[1] // members
        shown = [env for env in range(members * each) if env % each < SEEN_ENVS]
        whole = len(shown) == experience.terms.shape[1]
        terms = np.asarray(experience.terms if whole else experience.terms[:, np.asarray(shown)], np.float32)
        ends: dict[int, list[tuple[int, float, float]]] = {}
        measured = (experience.ended_t, experience.ended_env, experience.ended_success, experience.ended_progress)
        for t, env, success, progress in zip(*measured, strict=True):
            ends.setdefault(int(env), []).append((int(t), float(success), float(progress)))
        for column, env in enumerate(shown):
            start = 0
            for t, success, progress in sorted(ends.get(env, [])):
                steps = np.concatenate([*self._open.pop(env, []), terms[start : t + 1, column]])
                if np.isfinite(success + progress):
                    self.of_member[env // each].add(steps, success, progress)
                start = t + 1
            if start < len(terms):
                self._open.setdefault(env, []).append(terms[start:, column].copy())
