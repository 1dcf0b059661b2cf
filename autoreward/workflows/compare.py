"""`compare`: rewards side by side on the same transitions, the same trajectories and the same training seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.task import load_task, task_names
from autoreward.errors import EnvironmentFailedError, UsageError
from autoreward.export.comparison_picture import check_picture, comparison_picture
from autoreward.intervals import paired_interval
from autoreward.records import Fitness, MemberResult, RewardSpec, TaskSpec, TrainingResult
from autoreward.reward.composition import pay_alone, potential_shaping
from autoreward.reward.distances import (
    canonical,
    rank_agreement,
    shaping_basis,
    starc_distances,
    state_features,
    trivial_rewards,
)
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.leaderboard import measure_fitness
from autoreward.search.progress import training_listener
from autoreward.search.request import compile_metric, make_task
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.jobs import TrainingSetup
from autoreward.views import ComparedPair, ComparedReward, CompareReport, ProgressEvent
from autoreward.workflows.contestants import Contestant, Gathered, Question, gather
from autoreward.workflows.sample import Sample, sample_of

OnEvent = Callable[[Any], None]

SURVIVAL = (
    "Episodes of this environment can terminate: a constant in a reward, or a penalty for the end, then is a bonus for "
    "survival. The distance ignores it; the rank agreement and the training do not."
)

TRIVIAL = "{}: nothing but shaping and a constant on these transitions, so its distance to every other one is 1/2."


@dataclass(frozen=True)
class _Measured:
    """What K rewards are on one sample."""

    sample: Sample
    distances: NDArray[Any]  # [K, K]
    agreement: NDArray[Any]  # [K, K]; NaN where a reward ranks nothing
    trivial: NDArray[Any]  # [K] bool


def compare_rewards(question: Question, settings: Settings, on_event: OnEvent) -> CompareReport:
    """Compare rewards; see `autoreward.api.compare`."""
    if question.picture is not None:
        check_picture(question.picture)
    with Sandbox(settings.require_isolation) as sandbox:
        gathered = gather(question, settings, sandbox)
        environment, task, contestants = gathered.environment, gathered.task, gathered.contestants
        if question.training:
            _check_trainable(gathered, question)
        on_event(ProgressEvent(stage="measuring distances"))
        sample = sample_of(environment, [contestant.stored for contestant in contestants])
        gamma = settings.ppo.gamma if settings.ppo.gamma is not None else environment.spec.gamma
        distances = _measure(contestants, sample, gamma, sandbox)
        trained = _train(question, gathered, settings, sandbox, on_event) if question.training else None
    view = _view(environment, task, contestants, distances, trained, settings, _unit(gathered, question))
    if question.picture is not None:
        path = comparison_picture(question.picture, view)
        view = view.model_copy(update={"picture": str(path)})
    return view


def _check_trainable(gathered: Gathered, question: Question) -> None:
    if gathered.task is None and question.metric is None and gathered.metric is None:
        names = " or ".join(task_names(gathered.environment.pack)) or "(this environment has none)"
        raise UsageError(
            "Training needs a success metric, and neither a task nor a metric was given.",
            f"--task {names}, or --metric EXPR; or -n 0 to train nothing.",
        )


def _measure(contestants: Sequence[Contestant], sample: Sample, gamma: float, sandbox: Sandbox) -> _Measured:
    """Evaluates every reward on the sample, and measures all pairs."""
    terminated = np.asarray(sample.flat["next_state.terminated"], np.float64)
    outputs = [_evaluated(contestant, sample, sandbox) for contestant in contestants]
    rewards = np.stack([_paid(*pair, gamma, terminated) for pair in zip(contestants, outputs, strict=True)])
    psi, psi_next = state_features(sample.side("state"), sample.side("next_state"))
    potentials = [
        output for output in outputs if "phi_state" in output
    ]  # potentials that are known need no approximation
    psi = np.column_stack([psi, *(output["phi_state"] for output in potentials)])
    psi_next = np.column_stack([psi_next, *(output["phi_next"] for output in potentials)])
    canonical_rewards = canonical(rewards, shaping_basis(psi, psi_next, gamma, terminated))
    trivial = trivial_rewards(rewards, canonical_rewards)
    return _Measured(sample, starc_distances(canonical_rewards, trivial), rank_agreement(sample.sums(rewards)), trivial)


def _evaluated(contestant: Contestant, sample: Sample, sandbox: Sandbox) -> dict[str, NDArray[Any]]:
    """Outputs of a program on the sample, in a child of the sandbox."""
    compiled = contestant.compiled
    inputs = sample.flat | {f"params.{name}": np.asarray(value, np.float32) for name, value in compiled.params.items()}
    reply = sandbox.probe(compiled.program, [{name: inputs[name] for name in compiled.inputs}])
    if reply.failure is not None:
        raise EnvironmentFailedError(
            f"{contestant.name}: its program failed on {sample.size} transitions: {reply.failure.message}"
        )
    return reply.outputs[0]


def _paid(
    contestant: Contestant, outputs: Mapping[str, NDArray[Any]], gamma: float, terminated: NDArray[Any]
) -> NDArray[Any]:
    """The reward of each transition `[N]`, float64, each as the first of an episode.

    Raises:
        UsageError: it is not finite on a transition.
    """
    terms = np.asarray(outputs["terms"], np.float64)
    phi, phi_next = (np.asarray(outputs.get(name, 0.0), np.float64) for name in ("phi_state", "phi_next"))
    paid = pay_alone(np, contestant.compiled, terms, terminated)
    rewards = np.asarray(paid + potential_shaping(phi, phi_next, gamma, terminated), np.float64)
    if not np.isfinite(rewards).all():
        raise UsageError(
            f"{contestant.name}: the reward is not finite on {int((~np.isfinite(rewards)).sum())} of {rewards.size} "
            "transitions, so it has no distance to another one.",
            "Guard divisions, logarithms and square roots near zero, and clip exponents.",
        )
    return rewards


def _unit(gathered: Gathered, question: Question) -> str:
    """Of the success metric."""
    named = gathered.metric
    if named is None and gathered.task is not None and question.metric is None:
        named = load_task(gathered.environment.pack, gathered.task).metric
    return named.unit if named else "1"


def _train(
    question: Question, gathered: Gathered, settings: Settings, sandbox: Sandbox, on_event: OnEvent
) -> TrainingResult:
    """All rewards in one population: members of equal seeds start alike, act with the same noise, reset alike."""
    environment, task = gathered.environment, gathered.task
    if gathered.metric is None:
        measured = make_task(environment, "", task, question.metric)
    else:
        named = {"env": environment.pack.name, "env_path": environment.path, "name": task, "text": ""}
        measured = TaskSpec.model_validate({**named, "metric": gathered.metric})
    metric = compile_metric(environment, measured, sandbox, on_event)
    rewards = {item.name: RewardSpec(kind="program", compiled=item.compiled) for item in gathered.contestants}
    job = TrainingSetup(environment, task, metric, settings).job("train", rewards, range(settings.design.seeds))
    with TrainerWorker() as worker:
        return worker.train(job, training_listener(on_event))[0]


def _view(
    environment: Environment, task: str | None, contestants: Sequence[Contestant], measured: _Measured,
    trained: TrainingResult | None, settings: Settings, unit: str,
) -> CompareReport:  # fmt: skip

    episodes = settings.design.evaluation_episodes
    # Seeds that filled freed slots are left out, so that all rewards have as many.
    members = [member for member in trained.members if member.seed < settings.design.seeds] if trained else []
    trained_on = {item.name: [member for member in members if member.candidate == item.name] for item in contestants}
    pairs = [
        ComparedPair(
            a=contestants[i].name,
            b=contestants[j].name,
            distance=float(measured.distances[i, j]),
            rank_agreement=float(measured.agreement[i, j]) if np.isfinite(measured.agreement[i, j]) else None,
            difference=paired_difference(trained_on[contestants[i].name], trained_on[contestants[j].name], episodes),
        )
        for i, j in combinations(range(len(contestants)), 2)
    ]
    rewards = []
    for item in contestants:
        success, progress = measure_fitness(trained_on[item.name], episodes)
        rewards.append(ComparedReward(name=item.name, origin=item.origin, success=success, progress=progress))
    failed = [member for member in members if member.finding is not None]
    return CompareReport(
        env=environment.spec.name,
        task=task,
        rewards=tuple(rewards),
        pairs=tuple(pairs),
        transitions=measured.sample.size,
        trajectories=len(measured.sample.spans),
        env_steps=trained.env_steps if trained else 0,
        unit=unit,
        notes=(
            *((SURVIVAL,) if measured.sample.flat["next_state.terminated"].any() else ()),
            *(
                TRIVIAL.format(item.name)
                for item, trivial in zip(contestants, measured.trivial, strict=True)
                if trivial
            ),
            *(
                f"{member.candidate}, seed {member.seed}: {member.finding.message}"
                for member in failed
                if member.finding
            ),
        ),
    )


def paired_difference(first: Sequence[MemberResult], second: Sequence[MemberResult], episodes: int) -> Fitness | None:
    """Success of the first minus that of the second, over the seeds that both were trained with.

    Args:
        first: members of one reward.
        second: members of another one.
        episodes: evaluation episodes a seed.

    Returns:
        Mean and 95 % interval over seeds of the differences; None where nothing was trained, or a member failed.
    """
    if any(member.status == "failed" or member.success is None for member in (*first, *second)):
        return None
    return paired_interval(_by_seed(first), _by_seed(second), episodes)


def _by_seed(members: Sequence[MemberResult]) -> dict[int, float]:
    return {member.seed: member.success for member in members if member.success is not None}
