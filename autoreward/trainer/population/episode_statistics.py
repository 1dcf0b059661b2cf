"""What one rollout comes to for one candidate: the rewards, and the episodes that ended in it.

NumpyEpisodeStatistics does it in numpy, backends/mjx_statistics.py in jax, where the rollout stays on a device. Both
give RolloutStatistics; what is done with them (curves, checkpoints, failures) stands once, in candidate_members.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Num
from numpy.typing import NDArray

from autoreward.environment.lazy_fields import changed, joined
from autoreward.records import Finding
from autoreward.reward.program import MetricProgram
from autoreward.trainer.combination.combination import Pay
from autoreward.trainer.population.episodes import (
    EndedEpisodes,
    EpisodeSums,
    ProgressGains,
    TrajectoryHistory,
    find_ended,
    find_payments,
)
from autoreward.trainer.population.reward_functions import (
    Paying,
    ProgramReward,
    RewardFunction,
    Rewards,
    SparseReward,
)
from autoreward.trainer.population.rollout import PopulationRollout

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class RolloutStatistics:
    """One rollout of m members with n environments. All but `reward` is small, and lies on the host."""

    reward: Float[Any, "T n"]  # where the rollout lies; zeros for members that have failed
    finite: Bool[np.ndarray, " m"]  # whether each member's reward was finite
    non_finite: Finding | None  # what was not
    ended: EndedEpisodes
    measured: Bool[np.ndarray, " E"]  # whose success was measured
    success: Float[np.ndarray, " E"]
    progress: Float[np.ndarray, " E"]
    term_sums: Float[np.ndarray, "E K"]  # of the unweighted terms over each episode
    own_return: Float[np.ndarray, " E"]
    terminated: Num[np.ndarray, " E"]
    term_mean: Float[np.ndarray, "m K"]  # over the rollout
    term_low: Float[np.ndarray, "m K"]
    term_high: Float[np.ndarray, "m K"]
    terms: Float[Any, "T n K"]  # unweighted and finite, where the rollout lies
    counted: Float[Any, "T n"]  # what the own return is a sum of
    outcome: Float[Any, "T n"] | None = None  # by how much success grew, for what learns weights from it


@runtime_checkable
class EpisodeStatistics(Protocol):
    """Running sums over the episodes of one candidate's members, from rollout to rollout."""

    def place(self, columns: slice) -> None:
        """Say where in the rollout the members' environments stand, from now on."""
        ...

    def reset(self) -> None:
        """All environments start new episodes: what was summed over the unfinished ones is dropped."""
        ...

    def add_rollout(
        self, rollout: PopulationRollout, alive: Bool[np.ndarray, " m"], pay: Pay | None = None
    ) -> RolloutStatistics:
        """Add a rollout of the whole population; members that are not `alive` are paid nothing.

        Args:
            pay: what the members are paid with; None: the weights of their program.
        """
        ...


class NumpyEpisodeStatistics:
    """In numpy.

    Args:
        reward: what the members are paid.
        members: m.
        num_envs: environments a member.
        metric: the success metric of training episodes.
        horizon: the longest episode [steps].
    """

    def __init__(
        self, reward: RewardFunction, members: int, num_envs: int, metric: MetricProgram | None, horizon: int
    ) -> None:
        self._reward, self._members, self._count = reward, members, members * num_envs
        self._history = TrajectoryHistory(metric, horizon) if metric else None
        self.place(slice(0, self._count))
        self.reset()

    def place(self, columns: slice) -> None:
        """See EpisodeStatistics."""
        self._columns = columns

    def reset(self) -> None:
        """See EpisodeStatistics."""
        self._sums = EpisodeSums(self._count, len(self._reward.term_names) + 1)
        self._gains, self._success_gains = ProgressGains(self._count), ProgressGains(self._count)
        self._memory: Any = None

    def add_rollout(
        self, rollout: PopulationRollout, alive: Bool[np.ndarray, " m"], pay: Pay | None = None
    ) -> RolloutStatistics:
        """See EpisodeStatistics."""
        columns = self._columns
        both = (rollout.state, rollout.next_state)
        state, next_state = (changed(one, lambda array: array[:, columns]) for one in both)
        action = rollout.steps.action[:, columns]
        over, elapsed = rollout.steps.ended[:, columns], rollout.steps.elapsed[:, columns]
        ended = find_ended(over, elapsed)
        success, progress = self._measure(joined(next_state, {"action": action}), ended)
        paid_at, gain, success_gain = self._gain(over, elapsed)
        paying = Paying(over, pay, self._memory, success_gain)
        rewards = self._reward.compute_rewards(state, action, next_state, paid_at.t, paid_at.env, gain, paying)
        self._memory = rewards.memory
        by_member = rewards.reward.reshape(len(rewards.reward), self._members, -1)
        finite = np.isfinite(by_member).all(axis=(0, 2)) | isinstance(self._reward, SparseReward)
        paid = np.where((alive & finite)[None, :, None], by_member, 0.0)
        reward = paid.reshape(rewards.reward.shape).astype(np.float32)
        terms = np.nan_to_num(rewards.terms, nan=0.0, posinf=0.0, neginf=0.0)
        counted = reward if rewards.counted is None else rewards.counted
        sums = self._sums.add(np.concatenate([terms, counted[..., None]], axis=-1), ended)
        terms_by_member = terms.reshape(len(terms), self._members, -1, terms.shape[-1])
        return RolloutStatistics(
            reward=reward,
            finite=finite,
            non_finite=None if finite.all() else self._describe_non_finite(rewards),
            ended=ended,
            measured=np.ones(len(ended), bool),
            success=success,
            progress=progress,
            term_sums=sums[:, :-1],
            own_return=sums[:, -1],
            terminated=next_state["terminated"][ended.t, ended.env],
            term_mean=terms_by_member.mean(axis=(0, 2)),
            term_low=terms_by_member.min(axis=(0, 2)),
            term_high=terms_by_member.max(axis=(0, 2)),
            terms=terms,
            counted=counted,
            outcome=rewards.outcome,
        )

    def _measure(self, fields: Arrays, ended: EndedEpisodes) -> tuple[NDArray[Any], NDArray[Any]]:
        if self._history is None:
            nothing = np.full(len(ended), np.nan, np.float32)
            return nothing, nothing
        self._history.push(fields)
        return self._history.measure(ended)

    def _gain(self, ended: NDArray[Any], elapsed: NDArray[Any]) -> tuple[EndedEpisodes, NDArray[Any], NDArray[Any]]:
        """Where progress is paid `[P]`, how much of it, and of success; nowhere to who is paid by a program alone."""
        if self._history is None or isinstance(self._reward, ProgramReward):
            return find_ended(np.zeros_like(ended), elapsed), np.zeros(0, np.float32), np.zeros(0, np.float32)
        payments = find_ended(find_payments(ended, elapsed), elapsed)
        success, progress = self._history.measure(payments)
        return payments, self._gains.add(payments, progress), self._success_gains.add(payments, success)

    def _describe_non_finite(self, rewards: Rewards) -> Finding:
        counts = (~np.isfinite(rewards.terms)).sum(axis=(0, 1))
        return self._reward.describe_non_finite([int(count) for count in counts], rewards.reward.size)
