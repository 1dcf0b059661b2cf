"""What one rollout comes to for one candidate: the rewards, and the episodes that ended in it.

NumpyEpisodeStatistics does it in numpy; mjx_statistics.py in jax, where the rollout stays on a device. Both give
RolloutStatistics; what is done with them (curves, checkpoints, failures) stands once, in group.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from autoreward.records import Finding
from autoreward.trainer.backends.backend import PopulationRollout
from autoreward.trainer.population.episodes import Ended, EpisodeSums, TrajectoryHistory, find_ended
from autoreward.trainer.population.reward_functions import RewardFunction, Rewards, SparseReward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram

    Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class RolloutStatistics:
    """One rollout of m members. All but `reward` is small, and lies on the host."""

    reward: Any  # [T, n] where the rollout lies; zeros for members that have failed
    finite: NDArray[Any]  # bool [m], whether each member's reward was finite
    culprit: Finding | None  # what was not
    over: Ended
    measured: NDArray[Any]  # bool [E], whose success was measured
    success: NDArray[Any]  # [E]
    progress: NDArray[Any]  # [E]
    sums: NDArray[Any]  # [E, K] of the unweighted terms over each episode
    own: NDArray[Any]  # [E] own episodic return
    terminated: NDArray[Any]  # [E]
    term_mean: NDArray[Any]  # [m, K] over the rollout
    term_low: NDArray[Any]
    term_high: NDArray[Any]


class EpisodeStatistics(Protocol):
    """Keeps what has to be carried from rollout to rollout."""

    def place(self, columns: slice) -> None:
        """Say where in the rollout the members' environments stand, from now on."""
        ...

    def begin_anew(self) -> None:
        """All environments start new episodes: what was summed over the unfinished ones is dropped."""
        ...

    def add_rollout(self, rollout: PopulationRollout, alive: NDArray[Any]) -> RolloutStatistics:
        """What a rollout of the whole population comes to; members that are not `alive [m]` are paid nothing."""
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
        self.begin_anew()

    def place(self, columns: slice) -> None:
        """See EpisodeStatistics."""
        self._columns = columns

    def begin_anew(self) -> None:
        """See EpisodeStatistics."""
        self._sums = EpisodeSums(self._count, len(self._reward.term_names) + 1)

    def add_rollout(self, rollout: PopulationRollout, alive: NDArray[Any]) -> RolloutStatistics:
        """See EpisodeStatistics."""
        import numpy as np

        mine = self._columns
        state = {name: array[:, mine] for name, array in rollout.state.items()}
        next_state = {name: array[:, mine] for name, array in rollout.next_state.items()}
        action = rollout.steps.action[:, mine]
        over = find_ended(rollout.steps.ended[:, mine], rollout.steps.elapsed[:, mine])
        success, progress = self._measure({**next_state, "action": action}, over)
        income = self._reward.pay(state, action, next_state, over.t, over.env, progress)
        by_member = income.reward.reshape(len(income.reward), self._members, -1)
        finite = np.isfinite(by_member).all(axis=(0, 2)) | isinstance(self._reward, SparseReward)
        paid = np.where((alive & finite)[None, :, None], by_member, 0.0)
        reward = paid.reshape(income.reward.shape).astype(np.float32)
        terms = np.nan_to_num(income.terms, nan=0.0, posinf=0.0, neginf=0.0)
        own = reward if income.own is None else income.own
        sums = self._sums.add(np.concatenate([terms, own[..., None]], axis=-1), over)
        split = terms.reshape(len(terms), self._members, -1, terms.shape[-1])
        return RolloutStatistics(
            reward=reward,
            finite=finite,
            culprit=None if finite.all() else self._culprit(income),
            over=over,
            measured=np.ones(len(over), bool),
            success=success,
            progress=progress,
            sums=sums[:, :-1],
            own=sums[:, -1],
            terminated=next_state["terminated"][over.t, over.env],
            term_mean=split.mean(axis=(0, 2)),
            term_low=split.min(axis=(0, 2)),
            term_high=split.max(axis=(0, 2)),
        )

    def _measure(self, fields: Arrays, over: Ended) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        if self._history is None:
            nothing = np.full(len(over), np.nan, np.float32)
            return nothing, nothing
        return self._history.add(fields, over)

    def _culprit(self, income: Rewards) -> Finding:
        import numpy as np

        bad = (~np.isfinite(income.terms)).sum(axis=(0, 1))
        return self._reward.describe_non_finite([int(count) for count in bad], income.reward.size)
