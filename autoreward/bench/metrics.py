"""Recorded drafts of success metrics, judged as `design` judges them, beside the metric that a person wrote.

How many hold a program, pass the critic and survive the episodes that nobody designed; where the one that is proposed
lies: Kendall's tau with the pack's metric over those episodes, and over policies. The reward banks keep no policies, so
some are trained for this, briefly, on the recorded rewards of the same task: what counts is that they differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.critic.metric_drafts import (
    compile_drafts,
    draft_distances,
    judge_drafts,
    order_of,
    order_of_pairs,
    score_draft,
)
from autoreward.designer.metric_drafts import draft_id, parse_metric_draft
from autoreward.designer.parse import find_program
from autoreward.environment.environment import Environment
from autoreward.environment.pack import pack_names
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import human_reward, load_task
from autoreward.environment.undirected import UndirectedEpisodes, undirected_episodes
from autoreward.errors import UsageError
from autoreward.input_files import read_text
from autoreward.recordings import MemberRecording
from autoreward.records import (
    CompiledMetric,
    Completion,
    Finding,
    MemberResult,
    MemberSpec,
    MetricDraft,
    MetricProposal,
    RewardSpec,
)
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.progress import training_listener
from autoreward.search.repairing import no_program
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.jobs import TrainingSetup
from autoreward.views import MetricsBenchView
from autoreward.views.bench import MetricsRow

HUMAN = "human"
Place = tuple[str, str, Path]  # environment, task, the folder with its drafts


def bench_metrics(
    replies: Path,
    settings: Settings,
    on_event: Callable[[Any], None],
    tasks: Sequence[str] = (),
    n_timesteps: int = 0,
    seeds: int = 2,
) -> MetricsBenchView:
    """Judge the recorded drafts of every task.

    Args:
        replies: has `metrics/ENV_TASK/*.md`, and `rewards/ENV_TASK/*.md` where policies are to be trained.
        tasks: `hopper/forward`, ...; all of them by default.
        n_timesteps: of each policy that is trained; 0 trains none.
        seeds: policies a reward.

    Raises:
        UsageError: there are no drafts.
    """
    places = [place for place in _places(replies / "metrics") if not tasks or f"{place[0]}/{place[1]}" in tasks]
    if not places:
        raise UsageError(f"{replies}: there are no drafts of metrics.", "It has metrics/ENV_TASK/1.md, 2.md, ...")
    rows = []
    with Sandbox(settings.require_isolation) as sandbox:
        for env, task, folder in places:
            subject = _Subject(open_environment(env, task), task, sandbox)
            row, medoid = subject.judge(folder)
            if medoid is not None and n_timesteps:
                design = settings.design.model_copy(update={"n_timesteps": n_timesteps})
                rewards = _rewards(replies / "rewards" / folder.name)
                told = settings.model_copy(update={"design": design})
                row = subject.with_policies(row, medoid, rewards, range(seeds), told, on_event)
            rows.append(row)
    return MetricsBenchView(n_timesteps=n_timesteps, seeds=seeds, rows=tuple(rows))


def _places(folder: Path) -> list[Place]:
    """The environment and task of each folder."""
    found = []
    for one in sorted(folder.glob("*")):
        env = max((name for name in pack_names() if one.name.startswith(f"{name}_")), key=len, default=None)
        if env is not None and one.is_dir():
            found.append((env, one.name.removeprefix(f"{env}_"), one))
    return found


def _rewards(folder: Path) -> dict[str, str]:
    return {file.stem: find_program(read_text(file)) for file in sorted(folder.glob("*.md"))}


class _Subject:
    """One task, whose drafts are judged."""

    def __init__(self, environment: Environment, task: str, sandbox: Sandbox) -> None:
        self._environment, self._task, self._sandbox = environment, task, sandbox
        self._spec = load_task(environment.pack, task)
        assert self._spec.metric is not None  # a pack's task has one
        own = MetricDraft(id="task", sentence=self._spec.metric.meaning, source=self._spec.metric.code)
        compiled = compile_drafts([own], environment.spec, sandbox)["task"]
        assert isinstance(compiled, CompiledMetric)  # it is tested with the pack
        self._own = compiled

    def judge(self, folder: Path) -> tuple[MetricsRow, CompiledMetric | None]:
        """What becomes of the drafts in a folder, and the one that is proposed, compiled."""
        environment, sandbox = self._environment, self._sandbox
        drafts = [_draft(number, file) for number, file in enumerate(sorted(folder.glob("*.md")))]
        compiled: dict[str, CompiledMetric | Finding] = {
            one.id: no_program(one.id, None, "a metric") for one in drafts if not one.source
        }
        compiled |= compile_drafts([one for one in drafts if one.source], environment.spec, sandbox)
        episodes = undirected_episodes(environment.pack)
        proposal = judge_drafts(self._spec.text, drafts, compiled, episodes, sandbox)
        chosen = compiled[proposal.chosen] if proposal.chosen else None
        medoid = chosen if isinstance(chosen, CompiledMetric) else None
        return self._row(drafts, proposal, self._agreement(medoid, episodes)), medoid

    def _agreement(self, medoid: CompiledMetric | None, episodes: UndirectedEpisodes) -> float | None:
        if medoid is None:
            return None
        orders = [order_of(score_draft(one, episodes, self._sandbox)) for one in (self._own, medoid)]
        return tau(*orders)

    def _row(self, drafts: Sequence[MetricDraft], proposal: MetricProposal, agreement: float | None) -> MetricsRow:
        verdicts = proposal.verdicts
        reasons = [f"{one.draft.id}: {one.reasons[0].message}" for one in verdicts if one.reasons]
        draft = proposal.draft
        return MetricsRow(
            env=self._environment.spec.name,
            task=self._task,
            drafts=len(drafts),
            parsed=sum(bool(one.source) for one in drafts),
            accepted=sum(one.status != "refused" for one in verdicts),
            kept=len(proposal.kept),
            clusters=len({one.cluster for one in proposal.kept}),
            entropy=proposal.entropy,
            chosen=draft.id if draft else None,
            sentence=draft.sentence if draft else "",
            tau_undirected=agreement,
            reasons=tuple(reasons),
        )

    def with_policies(
        self, row: MetricsRow, medoid: CompiledMetric, sources: Mapping[str, str], seeds: range, settings: Settings,
        on_event: Callable[[Any], None],
    ) -> MetricsRow:  # fmt: skip
        """The row with the agreement over policies, trained briefly on some rewards and measured by both metrics."""
        environment = self._environment
        human = human_reward(environment.pack, self._task)
        named = [*sources.items(), *([(HUMAN, human)] if human else [])]
        verdicts = check(named, environment.spec, environment.transitions, self._sandbox)
        training = TrainingSetup(environment, self._task, self._own, settings)
        rewards = {
            one.candidate: RewardSpec(kind="program", compiled=one.reward) for one in verdicts if one.reward is not None
        }
        job = training.job("metrics", rewards, seeds)
        with TrainerWorker() as worker:
            result, recordings = worker.train(job, training_listener(on_event))
            kept = {(one.candidate, one.seed): one for one in recordings}
            keys = [(one.candidate, one.seed) for one in result.members if (one.candidate, one.seed) in kept]
            policies = tuple(MemberRecording(*key, policy=kept[key].policy) for key in keys)
            members = tuple(MemberSpec(candidate=name, seed=seed) for name, seed in keys)
            again = {"members": members, "population_size": len(members), "metric": medoid}
            measured, _ = worker.replay(job.model_copy(update=again), policies)
        both = [_places_of(several, keys) for several in (result.members, measured.members)]
        return row.model_copy(update={"tau_policies": tau(*both), "policies": len(keys)})


def _draft(number: int, file: Path) -> MetricDraft:
    name = draft_id(number)
    return parse_metric_draft(Completion(prompt=name, text=read_text(file), designer="recorded"), name)


def _places_of(members: Sequence[MemberResult], keys: Sequence[tuple[str, int]]) -> NDArray[Any]:
    """The place of each member by success, then progress."""
    by_key = {(one.candidate, one.seed): one for one in members}
    pairs = [(by_key[key].success or 0.0, by_key[key].progress or 0.0) for key in keys]
    success, progress = np.array(pairs, np.float64).T
    return order_of_pairs(success, progress)


def tau(first: NDArray[Any], second: NDArray[Any]) -> float | None:
    """Kendall's tau of two orders; None where one of them orders nothing."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    agreement = 1.0 - float(draft_distances({"first": first, "second": second})[0, 1])
    return agreement if math.isfinite(agreement) else None
