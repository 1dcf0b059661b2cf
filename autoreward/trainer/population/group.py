"""The members of one candidate: their slice of the population, what they are paid, and what their episodes came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.records import Finding
from autoreward.trainer.backends.backend import PopulationRollout
from autoreward.trainer.population.episode_statistics import EpisodeStatistics, RolloutStatistics
from autoreward.trainer.population.reward_functions import ProgramReward, RewardFunction
from autoreward.trainer.rungs import NOTHING, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

CHECKPOINT_EPISODES = 10  # the policy kept has the best mean own return over at least this many episodes,
CHECKPOINT_ROUNDS = 4  # and over the last of these as many an environment: the best of noisy means is luck
MEASURED = ("success", "progress")
LOGGED_EPISODES = 2_000  # training episodes stored a member, spread evenly


class CandidateMembers:
    """One candidate's members, standing side by side in the population.

    Args:
        candidate: its id.
        first: slot of its first member.
        seeds: seed index of each member.
        num_envs: environments a member.
        reward: what they are paid.
        accounts: what a rollout comes to, computed where the rollout lies.
    """

    def __init__(
        self,
        candidate: str,
        first: int,
        seeds: Sequence[int],
        num_envs: int,
        reward: RewardFunction,
        accounts: EpisodeStatistics,
    ) -> None:
        import numpy as np

        self.candidate = candidate
        self.seeds = tuple(seeds)
        self.stopped: Finding | None = None  # why it did not go on at a rung
        self._num_envs = num_envs
        self._accounts = accounts
        self.place(first)
        self.failures: dict[int, Finding] = {}  # by position in the group
        self.best_return = np.full(len(seeds), -np.inf)
        self._reward = reward
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
        self._accounts.place(slice(first * self._num_envs, (first + len(self.seeds)) * self._num_envs))

    def begin_anew(self) -> None:
        """All environments start new episodes: what was summed over the unfinished ones is dropped."""
        self._accounts.begin_anew()

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

    def pay(self, rollout: PopulationRollout, env_steps: int) -> Any:
        """Take in one rollout of the whole population.

        Args:
            env_steps: environment steps a member after this rollout.

        Returns:
            Rewards `[T, n]`, where the rollout lies; zeros for members that have failed.
        """
        import numpy as np

        alive = np.array([position not in self.failures for position in range(len(self.seeds))])
        account = self._accounts.add_rollout(rollout, alive)
        for position in np.flatnonzero(~account.finite):
            if account.culprit is not None:
                self.fail(int(position), account.culprit)
        self._record(account, env_steps)
        return account.reward

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
        """How many of a member's episodes count as its last ones at a rung."""
        return max(CHECKPOINT_EPISODES, self._num_envs)

    def terms_of(self, state: Arrays, action: NDArray[Any], next_state: Arrays, columns: slice) -> NDArray[Any] | None:
        """Unweighted terms `[T, n, K]` of recorded steps; None where the sparse progress is paid, at the end only."""
        if not isinstance(self._reward, ProgramReward):
            return None
        own_state = {name: array[:, columns] for name, array in state.items()}
        own_next = {name: array[:, columns] for name, array in next_state.items()}
        terms: NDArray[Any] = self._reward.compute_step_rewards(own_state, action[:, columns], own_next).terms
        return terms

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

    def _record(self, account: RolloutStatistics, env_steps: int) -> None:
        import numpy as np

        member = account.over.env // self._num_envs
        self._iterations.append(self._iteration_row(account, member, env_steps))
        episodes = {
            "member": member,
            "step": np.full(len(member), env_steps),
            "own": account.own,
            "success": account.success,
            "progress": account.progress,
            "length": account.over.length,
            "terminated": account.terminated,
            "terms": account.sums,
        }
        self._episodes.append({name: array[account.measured] for name, array in episodes.items()})
        for position, recent in enumerate(self._recent):
            recent.extend(account.own[member == position].tolist())
            del recent[: -max(CHECKPOINT_EPISODES, CHECKPOINT_ROUNDS * self._num_envs)]

    def _iteration_row(
        self, account: RolloutStatistics, member: NDArray[Any], env_steps: int
    ) -> dict[str, NDArray[Any]]:
        import numpy as np

        members, everything = len(self.seeds), np.ones(len(member), bool)
        row: dict[str, NDArray[Any]] = {"steps": np.full(members, env_steps)}
        for name, values, which in (
            ("own", account.own, everything),
            ("success", account.success, account.measured),
            ("progress", account.progress, account.measured),
            ("length", account.over.length, everything),
        ):
            counts = np.bincount(member[which], minlength=members)
            total = np.bincount(member[which], weights=values[which], minlength=members)
            row[name] = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
        row |= {"term_mean": account.term_mean, "term_low": account.term_low, "term_high": account.term_high}
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
