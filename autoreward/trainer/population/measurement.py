"""What the members of a population came to: evaluation episodes, the recordings of them, and each member's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.environment.lazy_fields import joined
from autoreward.environment.pack import Pack
from autoreward.environment.stepping import Environments
from autoreward.recordings import PARTS, EvaluationEpisodes, MemberRecording, Trajectory, episode_parts, path_steps
from autoreward.records import MemberResult, Requirement, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.population import policy
from autoreward.trainer.population.candidate_members import CandidateMembers
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.playing import Act, Arrays, Episodes, make_random_policy, play_episodes
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.training import TrainedPopulation

# state, action, next_state [T, N, ...], columns -> unweighted terms [T, n, K]; None where there are none
ComputeTerms = Callable[[Arrays, "NDArray[Any]", Arrays, slice], "NDArray[Any] | None"]


def measure(
    metric: MetricProgram, episodes: Episodes, columns: slice, horizon: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Success and progress `[n]` of the episodes in `columns`."""
    fields = joined(episodes.next_state, {"action": episodes.rollout.action, "valid": episodes.valid})
    success, progress = metric({name: _padded(fields[name][:, columns], horizon) for name in metric.inputs})
    return np.asarray(success), np.asarray(progress)


def progress_until(
    metric: MetricProgram, episodes: Episodes, column: int, ends: Sequence[int], horizon: int
) -> NDArray[Any]:
    """Progress `[len(ends)]` of one episode as if it had ended after so many steps, for each of `ends`."""
    valid = (np.arange(len(episodes.rollout.elapsed))[:, None] < np.asarray(ends)).astype(np.float32)
    fields = joined(episodes.next_state, {"action": episodes.rollout.action})
    arrays = {name: np.repeat(fields[name][:, [column]], len(ends), 1) for name in metric.inputs if name in fields}
    if "valid" in metric.inputs:
        arrays["valid"] = valid
    _, progress = metric({name: _padded(array, horizon) for name, array in arrays.items()})
    return np.asarray(progress)


def _padded(array: NDArray[Any], horizon: int) -> NDArray[Any]:
    """An array `[T, n, ...]` with zeros up to the horizon."""
    missing = horizon - len(array)
    return np.concatenate([array, np.zeros((missing, *array.shape[1:]), array.dtype)]) if missing else array


# --- What the members came to ----------------------------------------------------------------------------


class Measurement:
    """Members measured by the same evaluation episodes.

    Args:
        episodes: those of one member stand together, members in the order of their slots.
        count: episodes a member.
        metric: the success metric; None measures lengths only.
        horizon: the longest episode [steps].
        subtasks: programs that say whether an episode does a part of the task, by name.
    """

    def __init__(
        self,
        episodes: Episodes,
        count: int,
        metric: MetricProgram | None,
        horizon: int,
        subtasks: Mapping[str, MetricProgram] | None = None,
    ) -> None:
        self._episodes, self._count, self._metric, self._horizon = episodes, count, metric, horizon
        self._subtasks = subtasks or {}

    @property
    def env_steps(self) -> int:
        """Environment steps that it took."""
        return int(self._episodes.rollout.elapsed.size)

    def measure_member(self, candidate: str, seed: int, slot: int) -> MemberResult:
        """The result of the member in a slot."""
        columns = self._columns_of(slot, 1)
        success = progress = None
        if self._metric is not None:
            successes, progresses = measure(self._metric, self._episodes, columns, self._horizon)
            success, progress = float(successes.mean()), float(progresses.mean())
        return MemberResult(
            candidate=candidate,
            seed=seed,
            status="trained",
            success=success,
            progress=progress,
            length=float(self._episodes.length[columns].mean()),
            subtasks={name: self._share(program, columns) for name, program in self._subtasks.items()},
        )

    def _share(self, subtask: MetricProgram, columns: slice) -> float:
        """Of the episodes in `columns`, those that do a subtask."""
        return float((measure(subtask, self._episodes, columns, self._horizon)[0] > HALF).mean())

    def measure_trained(
        self, trained: TrainedPopulation, guard: Guard
    ) -> tuple[list[MemberResult], list[MemberRecording]]:
        """The results and the recordings of a trained population."""
        results: list[MemberResult] = []
        recordings: list[MemberRecording] = []
        for candidate in trained.candidates:
            results += self._results_of(candidate, trained)
            with guard.stage("recording", candidate.candidate):
                recorded = [
                    replace(one, policy=_policy_numbers(trained.best, candidate.slots.start + position))
                    for position, one in enumerate(candidate.recordings())
                ]
                recordings += self.record(recorded, candidate.slots.start, candidate.compute_terms)
        return results, recordings

    def _results_of(self, candidate: CandidateMembers, trained: TrainedPopulation) -> list[MemberResult]:
        results = []
        costs = self._costs_of_requirements(candidate)
        for position, seed in enumerate(candidate.seeds):
            slot = candidate.slots.start + position
            member = self.measure_member(candidate.candidate, seed, slot)
            failure, best = candidate.failures.get(position), candidate.best_return[position]
            facts = {
                "status": "failed" if failure else "stopped" if candidate.stopped else "trained",
                "finding": failure or candidate.stopped,
                "own_return": float(best) if np.isfinite(best) else None,
                "env_steps": candidate.env_steps,
                "diverged": int(trained.diverged[slot]),
                "weights": candidate.learned_weights(position),
                "requirements": {one.text: _share_met(one, cost[position]) for one, cost in costs},
                "required": {one.text: one.value_of(float(cost[position].mean())) for one, cost in costs},
            }
            results.append(member.model_copy(update=facts))
        return results

    def _costs_of_requirements(self, candidate: CandidateMembers) -> list[tuple[Requirement, Float[np.ndarray, "m E"]]]:
        """The mean cost a step of each member's evaluation episodes, of each requirement."""
        if not candidate.requirements:
            return []
        columns = self._columns_of(candidate.slots.start, len(candidate.seeds))
        episodes = self._episodes
        terms = candidate.compute_terms(episodes.state, episodes.rollout.action, episodes.next_state, columns)
        assert terms is not None  # only a program has requirements
        valid = episodes.valid[:, columns, None]
        means = (np.nan_to_num(terms) * valid).sum(axis=0) / np.maximum(valid.sum(axis=0), 1.0)
        costs = means[:, -len(candidate.requirements) :].reshape(len(candidate.seeds), self._count, -1)
        return [(one, costs[..., place]) for place, one in enumerate(candidate.requirements)]

    def record(
        self, recorded: Sequence[MemberRecording], first: int, compute_terms: ComputeTerms
    ) -> list[MemberRecording]:
        """Recordings with their evaluation, trajectories and clips.

        Args:
            recorded: of the members of one candidate, in the order of their slots.
            first: slot of the first.
            compute_terms: of its reward.
        """
        columns = self._columns_of(first, len(recorded))
        length = self._episodes.length[columns]
        success, progress = length.astype(np.float32), np.zeros(len(length), np.float32)
        if self._metric is not None:
            success, progress = measure(self._metric, self._episodes, columns, self._horizon)
        order = np.lexsort((progress, success))
        chosen = {"best": int(order[-1]), "worst": int(order[0])}
        recordings = []
        for position, recording in enumerate(recorded):
            part = slice(position * self._count, (position + 1) * self._count)
            shown = {label: columns.start + at for label, at in chosen.items() if part.start <= at < part.stop}
            beginning = {"first": columns.start + part.start}
            whole = shown | (beginning if position == 0 else {})  # what is watched is recorded in full, of one seed
            measured = EvaluationEpisodes(success[part], progress[part], length[part])
            recordings.append(
                replace(
                    recording,
                    evaluation=None if self._metric is None else measured,
                    trajectories={label: self._trajectory(compute_terms, column) for label, column in whole.items()},
                    clips={label: self._movement(column) for label, column in (beginning | shown).items()},
                    paths=self._paths(slice(columns.start + part.start, columns.start + part.stop)),
                )
            )
        return recordings

    def _trajectory(self, compute_terms: ComputeTerms, column: int) -> Trajectory:
        episodes, length = self._episodes, int(self._episodes.length[column])
        action = episodes.rollout.action
        terms = compute_terms(episodes.state, action, episodes.next_state, slice(column, column + 1))
        return Trajectory(
            fields={name: array[:length, column] for name, array in episodes.recorded.items()},
            action=action[:length, column],
            terms=None if terms is None else terms[:length, 0],
            part_progress=None if self._metric is None else self._progress_of_parts(self._metric, column, length),
        )

    def _progress_of_parts(self, metric: MetricProgram, column: int, length: int) -> Float[np.ndarray, " P"]:
        """Progress of an episode as if it ended with each of its parts."""
        ends = [int(part[-1]) + 1 for part in episode_parts(length)]
        ends += [length] * (PARTS - len(ends))  # one shape for all episodes
        progress = progress_until(metric, self._episodes, column, ends, self._horizon)
        return np.asarray(progress[: min(PARTS, length)], np.float32)

    def _paths(self, columns: slice) -> Mapping[str, NDArray[Any]]:
        """Small fields at some steps of each evaluation episode of a member `[V, M, ...]`."""
        small = [name for name, one in self._episodes.recorded.items() if one[0, 0].size <= PATH_ENTRIES]
        places = [(path_steps(int(self._episodes.length[at])), at) for at in range(columns.start, columns.stop)]
        fields = self._episodes.next_state
        return {name: np.stack([fields[name][steps, at] for steps, at in places]) for name in small}

    def _movement(self, column: int) -> Float[np.ndarray, "L m"]:
        """What a clip needs of an evaluation episode."""
        length = int(self._episodes.length[column])
        return np.asarray(self._episodes.movement[:length, column], np.float32)

    def _columns_of(self, slot: int, members: int) -> slice:
        return slice(slot * self._count, (slot + members) * self._count)


def _share_met(requirement: Requirement, costs: Float[np.ndarray, " E"]) -> float:
    """Of evaluation episodes, those that meet a requirement."""
    return float((costs <= requirement.limit + 1e-6).mean())


@dataclass(frozen=True)
class Measures:
    """The programs that episodes are measured by."""

    metric: MetricProgram | None
    subtasks: Mapping[str, MetricProgram]  # by name


def evaluate_trained(
    job: TrainingJob, pack: Pack, trained: TrainedPopulation, programs: PopulationPrograms, measures: Measures
) -> Measurement:
    """Evaluation episodes of the policies kept, in the C simulation wherever they were trained."""
    seeds = [seed for one in trained.candidates for seed in one.seeds]
    return evaluate_policies(job, pack, jax.block_until_ready(trained.best), seeds, programs, measures)


def evaluate_policies(
    job: TrainingJob,
    pack: Pack,
    actor: policy.Actor,
    seeds: Sequence[int],
    programs: PopulationPrograms,
    measures: Measures,
) -> Measurement:
    """Evaluation episodes of policies stacked [M], of members with these seeds."""

    def make_act(env: Environments) -> Act:
        def act(observation: NDArray[Any]) -> NDArray[Any]:
            seen = observation.reshape(len(seeds), env.num_envs // len(seeds), -1)
            return np.asarray(programs.act_deterministic(actor, seen)).reshape(env.num_envs, -1)

        return act

    return _measured(job, pack, seeds, make_act, measures)


def evaluate_random_actions(job: TrainingJob, pack: Pack, seeds: Sequence[int], measures: Measures) -> Measurement:
    """Evaluation episodes of uniformly random actions, a member a seed."""
    return _measured(job, pack, seeds, lambda env: make_random_policy(env, job.seed, seeds), measures)


def _measured(
    job: TrainingJob, pack: Pack, seeds: Sequence[int], make_act: Callable[[Environments], Act], measures: Measures
) -> Measurement:
    count = job.evaluation_episodes
    episodes = play_episodes(pack, make_act, job.seed, seeds, count)
    return Measurement(episodes, count, measures.metric, pack.horizon, measures.subtasks)


HALF = 0.5  # between the 0 and the 1 of a subtask
PATH_ENTRIES = 4  # of a field: more is no place, posture or contact


def _policy_numbers(best: policy.Actor, slot: int) -> Mapping[str, NDArray[Any]]:
    """The policy kept of a member as plain arrays, with its observation statistics."""
    stats = best.observation_stats
    size = best.layers[0][0].shape[-2]  # behind it stands what only the value network sees
    numbers = {
        "observation_mean": np.asarray(stats.mean)[slot, :size],
        "observation_var": np.asarray(stats.var)[slot, :size],
    }
    for index, (weights, bias) in enumerate(best.layers):
        numbers[f"weights_{index}"] = np.asarray(weights)[slot]
        numbers[f"bias_{index}"] = np.asarray(bias)[slot]
    return numbers
