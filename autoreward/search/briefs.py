"""What the designer is told: the briefs and prompts of a generation, made from what the earlier ones came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autoreward.analyzer import render_analysis
from autoreward.analyzer.gist import gist
from autoreward.analyzer.reached import reached
from autoreward.config import Settings
from autoreward.designer.prompts import render
from autoreward.ledger.recordings import read_recordings
from autoreward.people.notes import for_brief
from autoreward.people.preferences import in_prompts, preferences
from autoreward.records import (
    Brief,
    Candidate,
    CandidateSummary,
    GenerationSummary,
    MetricSpec,
    ReachedRange,
    TrainingFacts,
)
from autoreward.search.certainty import judge_certainty, within_noise
from autoreward.search.entry import Entry
from autoreward.search.events import EXTENDED, Extended, PromptSet
from autoreward.search.idle_pay import idle_pay
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.preferred import preferred_facts, told_task
from autoreward.search.selection import Shown
from autoreward.search.session import Session

HISTORY = 4  # generations that a prompt tells of
SHOWN_SYMPTOMS = 3  # of a candidate whose tables are not shown
ANALYSED = 2  # leaders whose tables are shown


def write_prompts(
    session: Session, index: int, earlier: Leaderboard, given: Sequence[Candidate], drafted: int = 0
) -> PromptSet:
    """The prompts of a generation. They are made from briefs alone, which hold no human reward and no metric.

    Args:
        earlier: all candidates of the generations before it.
        given: its candidates that nobody is asked for; in the first generation a person's reward to start from.
        drafted: candidates behind them that are asked for in another way.
    """
    design, shared = session.settings.design, _shared(session, index, earlier)
    wanted = _wanted_start(session, index, earlier)
    first = _summarise_seed(given[0]) if given and index == 0 else None
    teller, briefs = _Teller(session, index, earlier), []
    for slot in range(len(given) + drafted, design.candidates):
        shown = _from(wanted, earlier.selection.shown(earlier.entries, index, slot, design.candidates))
        briefs.append(Brief(slot=slot, **shared, **teller.tell(shown, first)))
    prompts = tuple(render(brief, f"g{index:02d}c{brief.slot:02d}") for brief in briefs)
    return PromptSet(prompts=prompts, notes=shared["notes"])


def first_brief(session: Session, slot: int) -> Brief:
    """What the designer of a slot of the first generation knows: nothing of other candidates."""
    return Brief(slot=slot, **_shared(session, 0, read_leaderboard(session.run).before(0)))


def _shared(session: Session, index: int, earlier: Leaderboard) -> dict[str, Any]:
    """What all briefs of a generation have."""
    design, metric = session.settings.design, told_task(session.task, session.settings).metric
    by_people = design.select == "people"
    certainty = None if by_people else judge_certainty(session.run, earlier)
    return {
        "text": session.task.text,
        "env": session.env,
        "generation": index,
        "candidates": design.candidates,
        "seed": design.seed,
        "reliability": certainty.reliability if certainty else None,
        "probability_best": certainty.probability_best[certainty.best] if certainty else None,
        "training": training_facts(session.settings, metric),
        "notes": for_brief(session.run.notes()),
        "preferences": in_prompts(preferences(session.run)),
        "shaping_only": design.shaping_only,
    }


def _wanted_start(session: Session, index: int, earlier: Leaderboard) -> Entry | None:
    """The candidate that a person wants this generation to start from, where somebody said so."""
    said = session.run.get(EXTENDED, str(index), Extended)
    return earlier.find(said.start) if said else None


def _from(wanted: Entry | None, shown: Shown) -> Shown:
    """The same, where what does not start afresh starts from the candidate that a person wants."""
    if wanted is None:
        return shown
    leaders = [wanted, *(one for one in shown.leaders if one.id != wanted.id)][: max(1, len(shown.leaders))]
    return replace(shown, leaders=tuple(leaders), parent=shown.parent and wanted)


class _Teller:
    """Puts into words what a slot is shown; what several slots are shown is made once.

    Args:
        index: the generation that is asked for.
        earlier: all candidates before it.
    """

    def __init__(self, session: Session, index: int, earlier: Leaderboard) -> None:
        self._session, self._index, self._earlier = session, index, earlier
        self._told: dict[tuple[tuple[str, ...], ...], dict[str, Any]] = {}

    def tell(self, shown: Shown, first: CandidateSummary | None) -> dict[str, Any]:
        """The part of a brief that is about earlier candidates.

        Args:
            first: what a slot without a parent starts from.
        """
        key = tuple(tuple(entry.id for entry in several) for several in (shown.history, shown.leaders))
        if key not in self._told:
            self._told[key] = self._tell(shown)
        told = self._told[key]
        parents = {one.id: one for one in told["leaders"]}
        parent = parents[shown.parent.id] if shown.parent else first
        return {**told, "parent": parent, "shown_as": shown.shown_as if shown.leaders else "best"}

    def _tell(self, shown: Shown) -> dict[str, Any]:
        if self._session.settings.design.select == "people":
            return preferred_facts(self._session, self._index, self._earlier, shown.leaders)
        tables = [
            _with_tables(self._session, entry, self._earlier, place < ANALYSED)
            for place, entry in enumerate(shown.leaders)
        ]
        return {
            "history": _summarise_history(self._earlier, self._index, shown.history),
            "leaders": tuple(tables),
            "reached": _reached(self._session, shown.leaders),
        }


def training_facts(settings: Settings, metric: MetricSpec | None) -> TrainingFacts:
    """How candidates are trained and measured, without what a designer must not see."""
    algo = settings.design.algo
    return TrainingFacts(
        n_timesteps=settings.design.n_timesteps,
        num_envs=settings.ppo.num_envs if algo == "ppo" else settings.off_policy.learner_envs,
        seeds=settings.design.seeds,
        evaluation_episodes=settings.design.evaluation_episodes,
        norm_reward=settings.ppo.norm_reward if algo == "ppo" else settings.off_policy.normalise,
        algo=algo,
        require=settings.design.require,
        combine=settings.design.combine,
        rank=settings.design.rank,
        ranked=settings.design.ranked_terms,
        adapt=settings.design.adapt,
        unit=metric.unit if metric else "1",
        reference=metric.reference if metric else None,
        measured=metric is not None,
    )


# --- Earlier candidates -----------------------------------------------------------------------------------


def _summarise_history(earlier: Leaderboard, index: int, told: Sequence[Entry]) -> tuple[GenerationSummary, ...]:
    summaries = []
    for generation in range(max(0, index - HISTORY), index) if told else ():
        entries = [entry for entry in told if entry.candidate.generation == generation]
        candidates = tuple(_summarise(entry, earlier) for entry in entries)
        summaries.append(GenerationSummary(index=generation, candidates=candidates))
    return tuple(summaries)


def _summarise(entry: Entry, earlier: Leaderboard) -> CandidateSummary:
    """A candidate in short: what it was meant to do, what it is about, and what it came to."""
    parent = earlier.find(next(iter(entry.candidate.parents), None))
    analysis = entry.analysis
    shares = {term.name: term.share for term in analysis.terms} if analysis else {}
    symptoms = analysis.symptoms[:SHOWN_SYMPTOMS] if analysis else ()
    failures = [f"{finding.rule}: {finding.message} {finding.remedy}" for finding in entry.findings]
    return CandidateSummary(
        id=entry.id,
        source=entry.candidate.source,
        status=entry.status,
        analysis="" if analysis else "\n".join(failures),
        success=entry.fitness.mean if entry.fitness else None,
        progress=entry.progress.mean if entry.progress else None,
        best=entry is earlier.best,
        plan=entry.candidate.plan,
        parent=parent.id if parent else None,
        parent_success=parent.fitness.mean if parent and parent.fitness else None,
        by_seed=tuple(member.success for member in entry.members if member.success is not None),
        gist=gist(entry.candidate.source, shares),
        symptoms=tuple(f"{symptom.name}: {symptom.evidence}" for symptom in symptoms),
        subtasks=tuple(entry.subtasks.items()),
        required=entry.required,
        remarks=tuple(remark.in_words for remark in entry.remarks),
        within_noise=within_noise(entry, earlier),
    )


def _reached(session: Session, leaders: Sequence[Entry]) -> tuple[ReachedRange, ...]:
    """How far the policies of the leaders went beyond random motion."""
    recorded = [read_recordings(session.run, entry.id, ["curves"], missing_ok=True) for entry in leaders]
    return reached([one for several in recorded for one in several], session.env)


def _with_tables(session: Session, entry: Entry, earlier: Leaderboard, shown: bool) -> CandidateSummary:
    """The same with its written analysis, and what it pays for nothing, where that is to be shown."""
    metric = session.task.metric
    short = _summarise(entry, earlier)
    if not shown or entry.analysis is None:
        return short
    unit, reference = (metric.unit, metric.reference) if metric else ("1", None)
    moments = [moment for table in entry.analysis.trajectories for moment in table.moments]
    seconds = [moment.income for moment in moments if moment.name == "best_second" and moment.income is not None]
    return short.model_copy(
        update={
            "analysis": render_analysis(entry.analysis, True, unit, reference),
            "idle": idle_pay(session, entry),
            "best_second": max(seconds, default=None),
        }
    )


def _summarise_seed(candidate: Candidate) -> CandidateSummary:
    """The person's reward as the first generation's prompts tell of it."""
    return CandidateSummary(
        id=candidate.id,
        source=candidate.source,
        status="accepted",
        analysis="A person wrote it. It was not trained yet; it is one of this generation's candidates already.",
    )
