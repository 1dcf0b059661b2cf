"""What the members of a population came to: evaluation episodes, the recordings of them, and each member's result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.environment.pack import Pack
from autoreward.environment.vector_env import VectorEnv
from autoreward.recordings import EvaluationEpisodes, MemberRecording, Trajectory
from autoreward.records import MemberResult, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.population import policy
from autoreward.trainer.population.candidate_members import CandidateMembers
from autoreward.trainer.population.evaluation import Episodes, make_random_policy, measure, play
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.training import TrainedPopulation


class Measurement:
    """Members measured by the same evaluation episodes.

    Args:
        episodes: those of one member stand together, members in the order of their slots.
        count: episodes a member.
        metric: the success metric; None measures lengths only.
        horizon: the longest episode [steps].
    """

    def __init__(self, episodes: Episodes, count: int, metric: MetricProgram | None, horizon: int) -> None:
        self._episodes, self._count, self._metric, self._horizon = episodes, count, metric, horizon

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
        )

    def measure_trained(
        self, trained: TrainedPopulation, guard: Guard
    ) -> tuple[list[MemberResult], list[MemberRecording]]:
        """The results and the recordings of a trained population."""
        results: list[MemberResult] = []
        recordings: list[MemberRecording] = []
        for candidate in trained.candidates:
            results += self._results_of(candidate, trained)
            with guard.stage("recording", candidate.candidate):
                recordings += self._recordings_of(candidate, trained.best)
        return results, recordings

    def _results_of(self, candidate: CandidateMembers, trained: TrainedPopulation) -> list[MemberResult]:
        results = []
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
            }
            results.append(member.model_copy(update=facts))
        return results

    def _recordings_of(self, candidate: CandidateMembers, best: policy.Actor) -> list[MemberRecording]:
        """What the members recorded in training, with their evaluation, clips and policies."""
        columns = self._columns_of(candidate.slots.start, len(candidate.seeds))
        length = self._episodes.length[columns]
        success, progress = length.astype(np.float32), np.zeros(len(length), np.float32)
        if self._metric is not None:
            success, progress = measure(self._metric, self._episodes, columns, self._horizon)
        order = np.lexsort((progress, success))
        chosen = {"best": int(order[-1]), "worst": int(order[0])}
        recordings = []
        for position, recording in enumerate(candidate.recordings()):
            part = slice(position * self._count, (position + 1) * self._count)
            own = {label: columns.start + at for label, at in chosen.items() if part.start <= at < part.stop}
            measured = EvaluationEpisodes(success[part], progress[part], length[part])
            recordings.append(
                replace(
                    recording,
                    evaluation=None if self._metric is None else measured,
                    trajectories={label: self._trajectory(candidate, column) for label, column in own.items()},
                    clips={"first": self._movement(columns.start + part.start)}
                    | {label: self._movement(column) for label, column in own.items()},
                    policy=_policy_numbers(best, candidate.slots.start + position),
                )
            )
        return recordings

    def _trajectory(self, candidate: CandidateMembers, column: int) -> Trajectory:
        episodes, length = self._episodes, int(self._episodes.length[column])
        action = episodes.rollout.action
        terms = candidate.compute_terms(episodes.state, action, episodes.next_state, slice(column, column + 1))
        return Trajectory(
            fields={name: array[:length, column] for name, array in episodes.next_state.items()},
            action=action[:length, column],
            terms=None if terms is None else terms[:length, 0],
        )

    def _movement(self, column: int) -> Float[np.ndarray, "L nq"]:
        """What a clip needs of an evaluation episode: qpos."""
        length = int(self._episodes.length[column])
        return np.asarray(self._episodes.rollout.after["qpos"][:length, column], np.float32)

    def _columns_of(self, slot: int, members: int) -> slice:
        return slice(slot * self._count, (slot + members) * self._count)


def evaluate_trained(
    job: TrainingJob, pack: Pack, trained: TrainedPopulation, programs: PopulationPrograms, metric: MetricProgram | None
) -> Measurement:
    """Evaluation episodes of the policies kept, in the C simulation wherever they were trained."""
    actor = jax.block_until_ready(trained.best)
    seeds = [seed for one in trained.candidates for seed in one.seeds]
    env = VectorEnv(pack, len(seeds) * job.evaluation_episodes)

    def act(observation: NDArray[Any]) -> NDArray[Any]:
        seen = observation.reshape(len(seeds), job.evaluation_episodes, -1)
        return np.asarray(programs.act_deterministic(actor, seen)).reshape(env.num_envs, -1)

    return Measurement(play(env, act, job.seed, seeds), job.evaluation_episodes, metric, env.horizon)


def evaluate_random_actions(
    job: TrainingJob, pack: Pack, seeds: Sequence[int], metric: MetricProgram | None
) -> Measurement:
    """Evaluation episodes of uniformly random actions, a member a seed."""
    env = VectorEnv(pack, len(seeds) * job.evaluation_episodes)
    episodes = play(env, make_random_policy(env, job.seed, seeds), job.seed, seeds)
    return Measurement(episodes, job.evaluation_episodes, metric, env.horizon)


def _policy_numbers(best: policy.Actor, slot: int) -> Mapping[str, NDArray[Any]]:
    """The policy kept of a member as plain arrays, with its observation statistics."""
    stats = best.observation_stats
    numbers = {
        "observation_mean": np.asarray(stats.mean)[slot],
        "observation_var": np.asarray(stats.var)[slot],
    }
    for index, (weights, bias) in enumerate(best.layers):
        numbers[f"weights_{index}"] = np.asarray(weights)[slot]
        numbers[f"bias_{index}"] = np.asarray(bias)[slot]
    return numbers
