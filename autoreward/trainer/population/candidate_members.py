"""The members of one candidate: their slots in the population, what they are paid, what their episodes came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from autoreward.environment.lazy_fields import changed
from autoreward.recordings import MemberRecording, TrainingCurves, TrainingEpisodes
from autoreward.records import Finding, Requirement
from autoreward.trainer.combination.combination import Combination, Experience, FixedWeights, PolicySteps
from autoreward.trainer.combination.constrained import MULTIPLIERS
from autoreward.trainer.population.episode_statistics import EpisodeStatistics, RolloutStatistics
from autoreward.trainer.population.reward_functions import LearnedReward, ProgramReward, RewardFunction, program_of
from autoreward.trainer.population.rollout import PopulationRollout
from autoreward.trainer.rungs import NOTHING, Score

Arrays = Mapping[str, NDArray[Any]]

CHECKPOINT_EPISODES = 10  # the policy kept has the best mean own return over at least this many episodes,
CHECKPOINT_ROUNDS = 4  # and over the last of these as many an environment: the best of noisy means is luck
MEASURED = ("success", "progress")
LOGGED_EPISODES = 2_000  # training episodes stored a member, spread evenly
WHOLE_NUMBERS = ("env_steps", "length")  # of an episode, stored as such


class CandidateMembers:
    """One candidate's members, standing side by side in the population.

    Args:
        candidate: its id.
        first: slot of its first member.
        seeds: seed index of each member.
        num_envs: environments a member.
        reward: what they are paid.
        statistics: what a rollout comes to, computed where the rollout lies.
        combination: how their terms are weighted; None: as the program says.
    """

    def __init__(
        self, candidate: str, first: int, seeds: Sequence[int], num_envs: int, reward: RewardFunction,
        statistics: EpisodeStatistics, combination: Combination | None = None,
    ) -> None:  # fmt: skip
        self.candidate = candidate
        self.seeds = tuple(seeds)
        self.stopped: Finding | None = None  # why it did not go on at a rung
        self.failures: dict[int, Finding] = {}  # by position among the members
        self.best_return = np.full(len(seeds), -np.inf)
        self._num_envs = num_envs
        self._statistics = statistics
        self._reward, self._combination = reward, combination or fixed_weights(reward, len(seeds))
        self._recent: list[list[float]] = [[] for _ in seeds]
        self._episodes: list[dict[str, NDArray[Any]]] = []
        self._iterations: list[dict[str, NDArray[Any]]] = []
        self.place(first)

    @property
    def env_steps(self) -> int:
        """Environment steps of each member so far."""
        return int(self._iterations[-1]["env_steps"][0]) if self._iterations else 0

    def place(self, first: int) -> None:
        """Give the members their slots in the population, from `first` on."""
        self.slots = slice(first, first + len(self.seeds))
        self._columns = slice(first * self._num_envs, (first + len(self.seeds)) * self._num_envs)
        self._statistics.place(self._columns)

    def reset_episodes(self) -> None:
        """All environments start new episodes: what was summed over the unfinished ones is dropped."""
        self._statistics.reset()
        self._combination.reset()

    def score(self) -> Score | None:
        """Success and progress over each member's last episodes, mean over members: what decides at a rung.

        Returns:
            NOTHING where a member has failed; None where one has no measured episode yet.
        """
        if self.failures:
            return NOTHING
        joined = {name: np.concatenate([row[name] for row in self._episodes]) for name in ("member", *MEASURED)}
        last = max(CHECKPOINT_EPISODES, self._num_envs)
        rows = [np.flatnonzero(joined["member"] == position)[-last:] for position in range(len(self.seeds))]
        means = [[joined[name][chosen].mean() if len(chosen) else np.nan for chosen in rows] for name in MEASURED]
        success, progress = np.mean(means, axis=1).tolist()
        return (success, progress) if np.isfinite(success + progress) else None

    def add_rollout(self, rollout: PopulationRollout, env_steps: int, members: Any = None) -> Float[Any, "T n"]:
        """Pay for one rollout of the whole population, and take down what its episodes came to.

        Args:
            env_steps: environment steps a member after this rollout.
            members: ppo.Member of the whole population, as they were in the rollout; for what learns from policies.

        Returns:
            Rewards, where the rollout lies; zeros for members that have failed.
        """
        alive = np.array([position not in self.failures for position in range(len(self.seeds))])
        statistics = self._statistics.add_rollout(rollout, alive, self._combination.pay())
        for position in np.flatnonzero(~statistics.finite):
            if statistics.non_finite is not None:
                self.fail(int(position), statistics.non_finite)
        self._record(statistics, env_steps)
        if self._combination.learns:
            self._combination.learn(self._experience(statistics, rollout, members))
        return statistics.reward

    def _experience(self, statistics: RolloutStatistics, rollout: PopulationRollout, members: Any) -> Experience:
        """What a rollout came to, for the combination."""
        measured, columns = statistics.measured, self._columns
        steps = None
        if members is not None and self._combination.wants_policies:
            seen = rollout.steps.observation[:, columns]
            by_member = seen.reshape(len(seen), len(self.seeds), self._num_envs, -1)
            own = jax.tree.map(lambda leaf: jnp.array(leaf[self.slots]), members)  # a copy: the update takes them over
            steps = PolicySteps(own, by_member, rollout.action[:, self.slots])
        return Experience(
            terms=statistics.terms,
            progress=statistics.counted,
            over=rollout.steps.ended[:, columns],
            ended_t=statistics.ended.t[measured],
            ended_env=statistics.ended.env[measured],
            ended_success=statistics.success[measured],
            ended_progress=statistics.progress[measured],
            iteration=len(self._iterations),
            policy_steps=steps,
            outcome=statistics.outcome,
        )

    def remarks(self) -> tuple[str, ...]:
        """What a person should know of how the terms were combined."""
        return tuple(f"{self.candidate}: {one}" for one in self._combination.remarks())

    def learned_weights(self, position: int) -> dict[str, float]:
        """The weights of the program's terms that a member ended with; empty where nothing was learned."""
        if not set(self._combination.learned(position)) - {MULTIPLIERS}:
            return {}
        weights = self._combination.weights()[position].tolist()
        own = len(weights) - len(self.requirements)
        return dict(zip(self._reward.term_names[:own], weights[:own], strict=True))

    def note_clipped(self, share: Float[np.ndarray, " m"]) -> None:
        """Take down which share of the last rollout's rewards was cut before it was learned from."""
        self._iterations[-1]["clipped"] = share

    def check_improved(self) -> Bool[np.ndarray, " m"]:
        """Which members have a better mean own return over their last episodes than ever before."""
        enough = np.array([len(recent) >= CHECKPOINT_EPISODES for recent in self._recent])
        means = np.array([np.mean(recent) if recent else -np.inf for recent in self._recent])
        better = enough & (means > self.best_return)
        self.best_return = np.where(better, means, self.best_return)
        return np.asarray(better)

    def compute_terms(
        self, state: Arrays, action: NDArray[Any], next_state: Arrays, columns: slice
    ) -> Float[np.ndarray, "T n K"] | None:
        """Unweighted terms of recorded steps; None where the task's progress is paid."""
        return unweighted_terms(self._reward, state, action, next_state, columns)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What its members have to keep to; their costs are the last terms."""
        return self._reward.requirements if isinstance(self._reward, LearnedReward) else ()

    def fail(self, position: int, finding: Finding) -> None:
        """Mark a member as failed; the first reason stays."""
        self.failures.setdefault(position, finding)

    def latest(self) -> dict[str, float | None]:
        """Mean success and progress of the episodes that ended last, for the progress line."""
        seen: dict[str, float | None] = dict.fromkeys(MEASURED)
        for name in seen:
            rows = [row[name] for row in reversed(self._iterations) if np.isfinite(row[name]).any()]
            seen[name] = float(np.nanmean(rows[0])) if rows else None
        return seen

    def recordings(self) -> tuple[MemberRecording, ...]:
        """Curves and training episodes of every member."""
        return tuple(
            MemberRecording(
                candidate=self.candidate,
                seed=seed,
                term_names=self._reward.term_names,
                curves=self._curves(position),
                episodes=self._logged_episodes(position),
                combination=self._combination.learned(position),
            )
            for position, seed in enumerate(self.seeds)
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """What was taken down so far, as plain arrays."""
        flat = {f"episodes/{name}": np.concatenate([row[name] for row in self._episodes]) for name in self._episodes[0]}
        flat |= {
            f"iterations/{name}": np.stack([row[name] for row in self._iterations]) for name in self._iterations[0]
        }
        flat |= {f"recent/{position}": np.asarray(recent) for position, recent in enumerate(self._recent)}
        return flat | {"best_return": self.best_return}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        rows = {name.partition("/")[2]: array for name, array in state.items() if name.startswith("iterations/")}
        episodes = {name.partition("/")[2]: array for name, array in state.items() if name.startswith("episodes/")}
        count = len(next(iter(rows.values())))
        self._iterations = [{name: array[index] for name, array in rows.items()} for index in range(count)]
        self._episodes = [episodes]
        self._recent = [state[f"recent/{position}"].tolist() for position in range(len(self.seeds))]
        self.best_return = state["best_return"]

    def _record(self, statistics: RolloutStatistics, env_steps: int) -> None:
        member = statistics.ended.env // self._num_envs
        means = statistics.term_sums / np.maximum(statistics.ended.length, 1)[:, None]
        own = statistics.own_return - self._combination.shortfall(means)
        statistics = replace(statistics, own_return=np.asarray(own, np.float32))
        self._iterations.append(self._iteration_row(statistics, member, env_steps))
        episodes = {
            "member": member,
            "env_steps": np.full(len(member), env_steps),
            "own_return": own,
            "success": statistics.success,
            "progress": statistics.progress,
            "length": statistics.ended.length,
            "terminated": statistics.terminated,
            "term_sums": statistics.term_sums,
        }
        self._episodes.append({name: array[statistics.measured] for name, array in episodes.items()})
        for position, recent in enumerate(self._recent):
            recent.extend(statistics.own_return[member == position].tolist())
            del recent[: -max(CHECKPOINT_EPISODES, CHECKPOINT_ROUNDS * self._num_envs)]

    def _iteration_row(
        self, statistics: RolloutStatistics, member: NDArray[Any], env_steps: int
    ) -> dict[str, NDArray[Any]]:
        """Means over the episodes that ended, a number a member, by the names of TrainingCurves."""
        members, everything = len(self.seeds), np.ones(len(member), bool)
        row: dict[str, NDArray[Any]] = {"env_steps": np.full(members, env_steps)}
        for name, values, which in (
            ("success", statistics.success, statistics.measured),
            ("progress", statistics.progress, statistics.measured),
            ("own_return", statistics.own_return, everything),
            ("length", statistics.ended.length, everything),
        ):
            counts = np.bincount(member[which], minlength=members)
            total = np.bincount(member[which], weights=values[which], minlength=members)
            row[name] = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
        row |= {name: getattr(statistics, name) for name in ("term_mean", "term_low", "term_high")}
        row["clipped"] = np.full(members, np.nan)  # until it is learned from
        row["weights"] = self._combination.weights()
        return row

    def _curves(self, position: int) -> TrainingCurves:
        columns = {name: [row[name][position] for row in self._iterations] for name in self._iterations[0]}
        dtypes = {name: np.int64 if name == "env_steps" else np.float32 for name in columns}
        return TrainingCurves(**{name: np.asarray(column, dtypes[name]) for name, column in columns.items()})

    def _logged_episodes(self, position: int) -> TrainingEpisodes:
        joined = {name: np.concatenate([row[name] for row in self._episodes]) for name in self._episodes[0]}
        rows = np.flatnonzero(joined.pop("member") == position)
        if len(rows) > LOGGED_EPISODES:
            rows = rows[np.linspace(0, len(rows) - 1, LOGGED_EPISODES).astype(int)]
        return TrainingEpisodes(
            **{
                name: array[rows].astype(np.int64 if name in WHOLE_NUMBERS else np.float32)
                for name, array in joined.items()
            }
        )


def fixed_weights(reward: RewardFunction, members: int) -> FixedWeights:
    """Those of a program; the task's progress is paid as it is."""
    program = program_of(reward)
    return FixedWeights([1.0 for _ in reward.term_names] if program is None else program.program_weights, members)


def unweighted_terms(
    reward: RewardFunction, state: Arrays, action: NDArray[Any], next_state: Arrays, columns: slice
) -> Float[np.ndarray, "T n K"] | None:
    """Unweighted terms of recorded steps of some environments; None where the task's progress is paid."""
    if not isinstance(reward, ProgramReward | LearnedReward):
        return None
    state, next_state = (changed(one, lambda array: array[:, columns]) for one in (state, next_state))
    terms: NDArray[Any] = reward.compute_step_rewards(state, action[:, columns], next_state).terms
    return terms
