"""The members of one candidate: their slice of the population, what they are paid, and what their episodes came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.records import Finding, RewardSpec
from autoreward.trainer.episodes import Ended, EpisodeSums, TrajectoryHistory, find_ended
from autoreward.trainer.income import Income, ProgramReward, ShapedReward, SparseReward
from autoreward.trainer.rungs import NOTHING, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram

    Arrays = Mapping[str, NDArray[Any]]

CHECKPOINT_EPISODES = 10  # the policy kept has the best mean own return over at least this many episodes
MEASURED = ("success", "progress")
LOGGED_EPISODES = 2_000  # training episodes stored a member, spread evenly


class Group:
    """One candidate's members, standing side by side in the population.

    Args:
        candidate: its id.
        first: slot of its first member.
        seeds: seed index of each member.
        num_envs: environments a member.
    """

    def __init__(
        self, candidate: str, first: int, seeds: Sequence[int], num_envs: int, spec: RewardSpec, gamma: float
    ) -> None:
        import numpy as np

        self.candidate = candidate
        self.seeds = tuple(seeds)
        self.stopped: Finding | None = None  # why it did not go on at a rung
        self._num_envs = num_envs
        self.place(first)
        self.failures: dict[int, Finding] = {}  # by position in the group
        self.best_return = np.full(len(seeds), -np.inf)
        self._reward = _reward_of(spec, gamma)
        self._history: TrajectoryHistory | None = None
        self._sums = EpisodeSums(len(seeds) * num_envs, len(self._reward.term_names) + 1)
        self._recent: list[list[float]] = [[] for _ in seeds]
        self._episodes: list[dict[str, NDArray[Any]]] = []
        self._iterations: list[dict[str, NDArray[Any]]] = []

    @property
    def term_names(self) -> tuple[str, ...]:
        """The terms of the reward, in order."""
        return self._reward.term_names

    @property
    def env_steps(self) -> int:
        """Environment steps of each member so far."""
        return int(self._iterations[-1]["steps"][0]) if self._iterations else 0

    def place(self, first: int) -> None:
        """Give the group its slots in the population, from `first` on."""
        self.slots = slice(first, first + len(self.seeds))
        self.columns = slice(first * self._num_envs, (first + len(self.seeds)) * self._num_envs)

    def begin_anew(self) -> None:
        """All environments start new episodes: what was summed over the unfinished ones is dropped."""
        self._sums = EpisodeSums(len(self.seeds) * self._num_envs, len(self._reward.term_names) + 1)

    def score(self) -> Score | None:
        """Success and progress over each member's last episodes, mean over members: what decides at a rung.

        Returns:
            NOTHING where a member has failed; None where one has no measured episode yet.
        """
        import numpy as np

        if self.failures:
            return NOTHING
        joined = {name: np.concatenate([row[name] for row in self._episodes]) for name in ("member", *MEASURED)}
        own = [np.flatnonzero(joined["member"] == position)[-self._window :] for position in range(len(self.seeds))]
        means = [[joined[name][rows].mean() if len(rows) else np.nan for rows in own] for name in MEASURED]
        success, progress = np.mean(means, axis=1).tolist()
        return (success, progress) if np.isfinite(success + progress) else None

    def measure_with(self, metric: MetricProgram | None, horizon: int) -> None:
        """Measure the success of training episodes with this metric."""
        self._history = TrajectoryHistory(metric, horizon) if metric else None

    def pay(
        self, state: Arrays, action: NDArray[Any], next_state: Arrays, ended: NDArray[Any], elapsed: NDArray[Any],
        env_steps: int,
    ) -> NDArray[Any]:  # fmt: skip
        """Account for one slab; all arrays are of the whole population `[T, N, ...]`.

        Args:
            env_steps: environment steps a member after this slab.

        Returns:
            Rewards `[T, n]`; zeros for members that have failed.
        """
        mine = self.columns
        own_state = {name: array[:, mine] for name, array in state.items()}
        own_next = {name: array[:, mine] for name, array in next_state.items()}
        own_action = action[:, mine]
        over = find_ended(ended[:, mine], elapsed[:, mine])
        success, progress = self._measured({**own_next, "action": own_action}, over)
        income = self._income(own_state, own_action, own_next, over, progress)
        reward = self._finite(income)
        self._account(income, reward, over, success, progress, own_next["terminated"], env_steps)
        return reward

    def improved(self) -> NDArray[Any]:
        """Which members have a better mean own return over their last episodes than ever before, bool `[m]`."""
        import numpy as np

        enough = np.array([len(recent) >= CHECKPOINT_EPISODES for recent in self._recent])
        means = np.array([np.mean(recent) if recent else -np.inf for recent in self._recent])
        better = enough & (means > self.best_return)
        self.best_return = np.where(better, means, self.best_return)
        return np.asarray(better)

    @property
    def _window(self) -> int:
        """How many of a member's episodes count as its last ones."""
        return max(CHECKPOINT_EPISODES, self._num_envs)

    def terms_of(self, state: Arrays, action: NDArray[Any], next_state: Arrays, columns: slice) -> NDArray[Any] | None:
        """Unweighted terms `[T, n, K]` of recorded steps; None where the sparse progress is paid, at the end only."""
        if not isinstance(self._reward, ProgramReward):
            return None
        own_state = {name: array[:, columns] for name, array in state.items()}
        own_next = {name: array[:, columns] for name, array in next_state.items()}
        return self._reward.pay(own_state, action[:, columns], own_next).terms

    def fail(self, position: int, finding: Finding) -> None:
        """Mark a member as failed; the first reason stays."""
        self.failures.setdefault(position, finding)

    def latest(self) -> dict[str, float | None]:
        """Mean success and progress of the episodes that ended last, for the progress line."""
        import numpy as np

        seen: dict[str, float | None] = dict.fromkeys(MEASURED)
        for name in seen:
            rows = [row[name] for row in reversed(self._iterations) if np.isfinite(row[name]).any()]
            seen[name] = float(np.nanmean(rows[0])) if rows else None
        return seen

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Curves and episodes of every member, keyed `candidate/seed/name`; see README.md."""
        made: dict[str, NDArray[Any]] = {}
        for position, seed in enumerate(self.seeds):
            own = {**self._curves(position), **self._logged(position)}
            made.update({f"{self.candidate}/{seed}/{name}": array for name, array in own.items()})
        return made

    def _measured(self, fields: Arrays, over: Ended) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        if self._history is None:
            nothing = np.full(len(over), np.nan, np.float32)
            return nothing, nothing
        return self._history.add(fields, over)

    def _income(
        self, state: Arrays, action: NDArray[Any], next_state: Arrays, over: Ended, progress: NDArray[Any]
    ) -> Income:
        if isinstance(self._reward, SparseReward):
            return self._reward.pay((action.shape[0], action.shape[1]), over.t, over.env, progress)
        if isinstance(self._reward, ShapedReward):
            return self._reward.pay(state, action, next_state, over.t, over.env, progress)
        return self._reward.pay(state, action, next_state)

    def _finite(self, income: Income) -> NDArray[Any]:
        """The rewards, with zeros for members whose reward has not been finite."""
        import numpy as np

        by_member = income.reward.reshape(len(income.reward), len(self.seeds), -1)
        finite = np.isfinite(by_member).all(axis=(0, 2))
        if not finite.all() and not isinstance(self._reward, SparseReward):
            finding = self._reward.culprit(income)
            for position in np.flatnonzero(~finite):
                if finding is not None:
                    self.fail(int(position), finding)
        alive = np.array([position not in self.failures for position in range(len(self.seeds))])
        return np.where(alive[None, :, None], by_member, 0.0).reshape(income.reward.shape).astype(np.float32)

    def _account(
        self, income: Income, reward: NDArray[Any], over: Ended, success: NDArray[Any], progress: NDArray[Any],
        terminated: NDArray[Any], env_steps: int,
    ) -> None:  # fmt: skip
        import numpy as np

        terms = np.nan_to_num(income.terms, nan=0.0, posinf=0.0, neginf=0.0)
        own = reward if income.own is None else income.own
        sums = self._sums.add(np.concatenate([terms, own[..., None]], axis=-1), over)
        member = over.env // self._num_envs
        episodes = {
            "member": member,
            "step": np.full(len(over), env_steps),
            "own": sums[:, -1],
            "success": success,
            "progress": progress,
            "length": over.length,
            "terminated": terminated[over.t, over.env],
            "terms": sums[:, :-1],
        }
        self._episodes.append(episodes)
        self._iterations.append(self._iteration_row(episodes, terms, env_steps))
        for position, recent in enumerate(self._recent):
            recent.extend(episodes["own"][member == position].tolist())
            del recent[: -self._window]

    def _iteration_row(
        self, episodes: Mapping[str, NDArray[Any]], terms: NDArray[Any], env_steps: int
    ) -> dict[str, NDArray[Any]]:
        import numpy as np

        members = len(self.seeds)
        counts = np.bincount(episodes["member"], minlength=members)
        row: dict[str, NDArray[Any]] = {"steps": np.full(members, env_steps)}
        for name in ("own", "success", "progress", "length"):
            total = np.bincount(episodes["member"], weights=episodes[name], minlength=members)
            row[name] = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
        by_member = terms.reshape(len(terms), members, -1, terms.shape[-1])
        row["term_mean"] = by_member.mean(axis=(0, 2))
        row["term_low"] = by_member.min(axis=(0, 2))
        row["term_high"] = by_member.max(axis=(0, 2))
        return row

    def _curves(self, position: int) -> dict[str, NDArray[Any]]:
        import numpy as np

        names = {"own": "own_return"}
        return {
            names.get(name, name): np.asarray(
                [row[name][position] for row in self._iterations], np.int64 if name == "steps" else np.float32
            )
            for name in self._iterations[0]
        }

    def _logged(self, position: int) -> dict[str, NDArray[Any]]:
        import numpy as np

        joined = {name: np.concatenate([row[name] for row in self._episodes]) for name in self._episodes[0]}
        own = np.flatnonzero(joined.pop("member") == position)
        if len(own) > LOGGED_EPISODES:
            own = own[np.linspace(0, len(own) - 1, LOGGED_EPISODES).astype(int)]
        return {
            f"episodes_{name}": array[own].astype(np.int64 if name in ("step", "length") else np.float32)
            for name, array in joined.items()
        }


def _reward_of(spec: RewardSpec, gamma: float) -> ProgramReward | SparseReward | ShapedReward:
    if spec.kind == "sparse":
        return SparseReward()
    return ShapedReward(spec, gamma) if spec.kind == "shaping" else ProgramReward(spec, gamma)
