"""Episodes that end while training: their returns, lengths, term sums and success, without a loop over steps.

Rollouts cut episodes anywhere. Sums are carried over the cuts; for the success metric, which is a function of whole
trajectories, the last `horizon` steps of the fields that it reads are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from autoreward.reward.program import MetricProgram

METRIC_CHUNK = 64  # episodes a call: one shape, one compilation


@dataclass(frozen=True)
class EndedEpisodes:
    """Episodes that ended in one rollout, ordered by environment, then by time."""

    t: Int[np.ndarray, " E"]  # step of the rollout in which the episode ended
    env: Int[np.ndarray, " E"]
    length: Int[np.ndarray, " E"]  # [steps]

    def __len__(self) -> int:
        return len(self.t)


def find_ended(ended: Bool[np.ndarray, "T N"], elapsed: Int[np.ndarray, "T N"]) -> EndedEpisodes:
    """Where episodes ended.

    Args:
        ended: whether an episode ended with each step.
        elapsed: steps since reset before each action.
    """
    env, t = np.nonzero(ended.T)
    return EndedEpisodes(t=t, env=env, length=elapsed[t, env] + 1)


class EpisodeSums:
    """Sums of C quantities over each episode, carried from rollout to rollout.

    Args:
        num_envs: N.
        columns: C.
    """

    def __init__(self, num_envs: int, columns: int) -> None:
        self._carry = np.zeros((num_envs, columns))

    def add(self, values: Float[np.ndarray, "T N C"], ended: EndedEpisodes) -> Float[np.ndarray, "E C"]:
        """Add a rollout.

        Args:
            values: the quantities of each step.
            ended: the episodes that ended in it.

        Returns:
            The sums of these episodes.
        """
        running = self._carry + np.cumsum(values, axis=0, dtype=np.float64)
        at_end = running[ended.t, ended.env]
        same_env = np.zeros(len(ended), bool)
        same_env[1:] = ended.env[1:] == ended.env[:-1]
        before = np.where(same_env[:, None], np.roll(at_end, 1, axis=0), 0.0)
        self._carry = running[-1]
        if len(ended):
            last = np.append(ended.env[1:] != ended.env[:-1], True)
            self._carry[ended.env[last]] -= at_end[last]
        return np.asarray(at_end - before)


class TrajectoryHistory:
    """The last `horizon` steps of some fields of N environments, and the metric of the episodes that end.

    Args:
        metric: the success metric, called on whole trajectories.
        horizon: the longest episode [steps].
    """

    def __init__(self, metric: MetricProgram, horizon: int) -> None:
        self._metric = metric
        self._horizon = horizon
        self._steps: dict[str, NDArray[Any]] = {}  # [horizon + T, N, ...]

    def add(self, fields: Mapping[str, NDArray[Any]], ended: EndedEpisodes) -> tuple[NDArray[Any], NDArray[Any]]:
        """Add the fields of a rollout `[T, N, ...]`; success `[E]` and progress `[E]` of the episodes that ended."""
        for name in self._metric.inputs:
            if name != "valid":
                self._push(name, fields[name])
        results = [self._measure(ended, rows) for rows in _chunks(len(ended))]
        empty = np.zeros(0, np.float32)
        success = np.concatenate([empty, *(success for success, _ in results)])
        progress = np.concatenate([empty, *(progress for _, progress in results)])
        return success, progress

    def _push(self, name: str, rollout: NDArray[Any]) -> None:
        num_steps = len(rollout)
        if name not in self._steps:
            self._steps[name] = np.zeros((self._horizon + num_steps, *rollout.shape[1:]), np.float32)
        kept = self._steps[name]
        kept[:-num_steps] = kept[num_steps:]
        kept[-num_steps:] = rollout

    def _measure(self, ended: EndedEpisodes, chosen: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        padded = np.resize(chosen, METRIC_CHUNK)
        length, env = ended.length[padded], ended.env[padded]
        steps = np.arange(self._horizon)[:, None]
        arrays: dict[str, NDArray[Any]] = {"valid": (steps < length).astype(np.float32)}
        for name, kept in self._steps.items():
            start = self._horizon + ended.t[padded] + 1 - length  # of the episode, in the rows of `kept`
            arrays[name] = kept[np.minimum(start + steps, len(kept) - 1), env]
        success, progress = self._metric(arrays)
        return np.asarray(success)[: len(chosen)], np.asarray(progress)[: len(chosen)]


def _chunks(count: int) -> Sequence[NDArray[Any]]:

    return [np.arange(start, min(start + METRIC_CHUNK, count)) for start in range(0, count, METRIC_CHUNK)]
