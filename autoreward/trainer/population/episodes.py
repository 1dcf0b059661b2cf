"""Episodes that end while training: their returns, lengths, term sums, success and progress, without a loop over steps.

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
PAYMENT_STEPS = 10  # of an episode, between two payments of its progress


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


def find_payments(ended: Bool[Any, "T N"], elapsed: Int[Any, "T N"]) -> Bool[Any, "T N"]:
    """Where progress is paid: with every PAYMENT_STEPS-th step of an episode, and with its last one.

    Args:
        ended: whether an episode ended with each step.
        elapsed: steps since reset before each action.
    """
    return ended | ((elapsed + 1) % PAYMENT_STEPS == 0)


class ProgressGains:
    """By how much the progress of N environments' episodes has grown since it was paid last.

    Args:
        num_envs: N.
    """

    def __init__(self, num_envs: int) -> None:
        self._paid = np.zeros(num_envs, np.float32)  # of the episode that goes on

    def add(self, payments: EndedEpisodes, progress: Float[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
        """What is paid in a rollout; over an episode it sums up to its progress.

        Args:
            payments: the episodes so far, as if each had ended where it is paid.
            progress: theirs.
        """
        same_env = np.zeros(len(payments), bool)
        same_env[1:] = payments.env[1:] == payments.env[:-1]
        before = np.where(same_env, np.roll(progress, 1), self._paid[payments.env])
        before[payments.length <= PAYMENT_STEPS] = 0.0  # the first payment of an episode
        if len(payments):
            last = np.append(payments.env[1:] != payments.env[:-1], True)
            self._paid[payments.env[last]] = progress[last]
        return np.asarray(progress - before)


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

    def push(self, fields: Mapping[str, NDArray[Any]]) -> None:
        """Add the fields of a rollout `[T, N, ...]`."""
        for name in self._metric.inputs:
            if name != "valid":
                self._push(name, fields[name])

    def measure(self, ended: EndedEpisodes) -> tuple[NDArray[Any], NDArray[Any]]:
        """Success `[E]` and progress `[E]` of episodes that ended, or are taken as if they had, in the last rollout."""
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
