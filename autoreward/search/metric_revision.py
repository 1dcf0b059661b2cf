"""A metric that turns out wrong is revised without training again.

    "v1"           METRIC_REVISION   what is wrong with it, in the person's words
    "v1metric0"    METRIC_PROPOSED, METRIC_ANSWER   drafts of the revision, and what the person says of the proposal
    "v1"           METRIC            compiled
    "v1/g00", ...  RESCORED          every training measured by it
    "v1"           METRIC_CHOSEN     from here on the run is measured by it

The last event alone changes what the run is measured by, so whoever reads the run sees one version or the other, and a
sitting that ends between two events goes on with the missing ones.
"""

from __future__ import annotations

import dataclasses
from functools import partial

from autoreward.config import ModelSettings, Settings
from autoreward.critic.metrics import check_metric
from autoreward.designer.choose import make_designer
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import METRIC_CHOSEN, version_key
from autoreward.llm.resolve import choose
from autoreward.people.acceptance import acceptors
from autoreward.people.notes import read_note
from autoreward.plain_text import success_words
from autoreward.process_environment import model_environment
from autoreward.records import (
    CompiledMetric,
    EnvSpec,
    Finding,
    MetricAnswer,
    MetricBrief,
    MetricRevision,
    MetricSpec,
)
from autoreward.search.best_reward import keep_best
from autoreward.search.budget import check_price_is_known
from autoreward.search.clips import clip_file, episode_of
from autoreward.search.entry import Entry
from autoreward.search.events import METRIC, METRIC_MEANT, METRIC_REVISION, METRIC_REVISION_ENDED, STARTED, Started
from autoreward.search.generation import analyse_candidates
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.metric_choice import agreement_of
from autoreward.search.metric_evidence import describe_best
from autoreward.search.rescoring import Measures, rescore
from autoreward.search.session import Session, compile_subtasks
from autoreward.views import NoteEvent

DRAFTS = 3  # of a revision: the person has said what it has to differ in


# --- What is pending --------------------------------------------------------------------------------------


def pending_revision(run: Run) -> tuple[int, MetricRevision] | None:
    """The revision that was begun and has come to no end, with its number."""
    begun = list(run.events(METRIC_REVISION))
    version = len(begun)
    if not begun or version <= run.metric_version:
        return None
    ended = run.get(METRIC_REVISION_ENDED, version_key(version), Finding)
    return None if ended is not None else (version, begun[-1].record(MetricRevision))


def reviser(run: Run, now: Settings) -> ModelSettings:
    """The language model that revises a metric: the one named today, else the run's own.

    Raises:
        UsageError: the run's own is none, and no other is named.
    """
    started = run.get(STARTED, "", Started)
    llm = now.llm
    if llm.model is None and started is not None:
        base_url = llm.base_url or run.settings.llm.base_url or started.base_url
        llm = llm.model_copy(update={"model": started.designer, "base_url": base_url})
    choice = choose(llm, model_environment())
    if not choice.is_llm:
        raise UsageError(
            f"{run.id}: the designer {choice.name} cannot revise a metric.", "Name a language model with --model."
        )
    check_price_is_known(choice, now.budget)
    return llm.model_copy(update={"model": choice.name})


def begin_revision(session: Session, revision: MetricRevision) -> None:
    """Store that the metric is to be revised; one that is pending is given up for it, unless it says the same.

    Raises:
        UsageError: the run has no metric.
    """
    run = session.run
    if session.task.metric is None:
        raise UsageError(f"{run.id}: there is no metric yet that could be revised.", "Go on with: autoreward resume")
    pending = pending_revision(run)
    if pending is not None and pending[1].wrong == revision.wrong:
        return
    if pending is not None:
        _end(run, pending[0], "another one was asked for")
    run.append(METRIC_REVISION, version_key(len(list(run.events(METRIC_REVISION))) + 1), revision)


def finish_revision(session: Session) -> None:
    """Carry a pending revision out, or what is missing of it.

    Raises:
        UsageError: no draft of it can be used; the run stays with the metric that it has.
        StorageError: policies of the run are not kept.
        ModelError: the language model cannot be reached.
    """
    pending = pending_revision(session.run)
    if pending is None:
        return
    version, revision = pending
    key, run = version_key(version), session.run
    try:
        chosen = _agree(session, version, revision)
    except UsageError as error:
        _end(run, version, error.message)
        raise
    compile_it = partial(check_metric, chosen.code, session.env, session.env.horizon, session.sandbox)
    compiled = run.once(METRIC, key, CompiledMetric, compile_it)
    subtasks = compile_subtasks(run, session.env, session.sandbox, chosen, version)
    rescore(session, version, Measures(compiled, subtasks))
    run.once(METRIC_CHOSEN, key, MetricSpec, lambda: chosen)
    session.take_metric()
    session.on_event(NoteEvent(text=f"From here on success is: {success_words(chosen.meaning)}"))
    analyse_everything(session)


def analyse_everything(session: Session) -> None:
    """Analyses of all that was trained, under the metric as it is now, and the best reward as a file."""
    leaderboard = read_leaderboard(session.run)
    analyse_candidates(session, [entry.id for entry in leaderboard.entries if entry.recorded])
    if leaderboard.best is not None:
        keep_best(session, leaderboard.best)


def _end(run: Run, version: int, why: str) -> None:
    finding = Finding(rule="metric.revision", severity="warning", message=why)
    run.append(METRIC_REVISION_ENDED, version_key(version), finding)


def _agree(session: Session, version: int, revision: MetricRevision) -> MetricSpec:
    """The revised metric, as a model writes it and a person accepts it."""
    agreement = agreement_of(_asking_as(session, revision), drafts_of_revision(session.settings), 0, version)
    return agreement.reach(revision_brief(session.run, session.env, revision.wrong))


def drafts_of_revision(settings: Settings) -> int:
    """How many drafts of a revision are asked for."""
    return min(DRAFTS, settings.design.metric_drafts)


def revision_brief(run: Run, env: EnvSpec, wrong: str) -> MetricBrief:
    """All that whoever revises the metric of a run is told."""
    best, task = read_leaderboard(run).best, run.task
    evidence = describe_best(run, best, env) if best else ""
    return MetricBrief(text=task.text, env=env, before=task.metric, wrong=wrong, evidence=evidence)


def _asking_as(session: Session, revision: MetricRevision) -> Session:
    """The session, with the language model that the revision names."""
    if session.designer.is_llm and session.designer.name == revision.designer:
        return session
    llm = session.settings.llm.model_copy(update={"model": revision.designer, "base_url": revision.base_url})
    designer = make_designer(choose(llm, model_environment()), llm, model_environment(), session.run.path)
    return dataclasses.replace(session, designer=designer)


# --- Whether the best does what was meant -----------------------------------------------------------------


def ask_meaning(session: Session, index: int) -> None:
    """Show the best so far and ask whether it does what was meant; where it does not, the metric is revised.

    Only of a metric that a model found in the text, and only where there is a person to ask, once a run.

    Raises:
        UsageError, ModelError: see `finish_revision`.
    """
    run, metric = session.run, session.task.metric
    best = read_leaderboard(run).best
    if metric is None or metric.origin != "model" or best is None:
        return
    key = f"g{index:02d}"
    if acceptors(run) and run.get(METRIC_MEANT, key, MetricAnswer) is None:
        return  # somebody has said so without being asked
    if session.reviewer is None and run.get(METRIC_MEANT, key, MetricAnswer) is None:
        return
    answer = run.once(METRIC_MEANT, key, MetricAnswer, partial(_ask, session, best, metric))
    revised = any(event.record(MetricRevision).after == key for event in run.events(METRIC_REVISION))
    if answer.verdict == "reworded" and not revised:
        base_url = session.settings.llm.base_url
        wrong = MetricRevision(wrong=answer.text, designer=session.designer.name, base_url=base_url, after=key)
        begin_revision(session, wrong)
        finish_revision(session)


def _ask(session: Session, best: Entry, metric: MetricSpec) -> MetricAnswer:
    assert session.reviewer is not None
    clip = session.clips.film(clip_file(best.id), lambda: episode_of(session.run, best.id, "first", None)[1])
    said = session.reviewer.meant(best.id, best.fitness, metric, clip)
    words = read_note(said) if said else ""
    return MetricAnswer(verdict="reworded" if words else "accepted", text=words, by="person")
