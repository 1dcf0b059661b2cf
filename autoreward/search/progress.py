"""What a search tells whoever listens, as it happens: its start, trainings, candidates, generations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autoreward.environment.foreign.facts import IGNORES_SEEDS
from autoreward.records import Generation
from autoreward.search.budget import count_spent, generation_usage
from autoreward.search.certainty import judge_certainty
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import Leaderboard, read_leaderboard
from autoreward.search.session import Session
from autoreward.trainer.progress import OnProgress, Progress
from autoreward.views import (
    CandidateEvent,
    GenerationEvent,
    NoteEvent,
    ProgressEvent,
    RaceEvent,
    SpentReport,
    StartedReport,
)


def announce_start(session: Session) -> None:
    """The first line of a search."""
    design = session.settings.design
    session.on_event(
        StartedReport(
            run=session.run.id,
            folder=str(session.run.path),
            env=session.env.name,
            task=session.task.name or session.task.text,
            designer=session.designer.name,
            candidates=design.candidates,
            generations=session.generations,
            seeds=design.seeds,
            n_timesteps=design.n_timesteps,
            race=design.race,
            message=session.designer_message,
        )
    )


def warn_of_environment(session: Session) -> None:
    """What makes comparisons in an environment of somebody else's worth less."""
    facts = session.environment.pack.foreign
    if facts is not None and IGNORES_SEEDS in facts.notes:
        session.on_event(NoteEvent(text=f"{session.env.name}: {IGNORES_SEEDS}"))


def announce_generation(session: Session, generation: Generation) -> None:
    """What became of each candidate of a generation, and of the run so far."""
    leaderboard = read_leaderboard(session.run)
    for name in generation.candidates:
        entry = leaderboard.find(name)
        assert entry is not None  # it is one of this run
        session.on_event(_candidate_event(entry))
    so_far = leaderboard.before(generation.index + 1)  # by the metric as it is now
    best, own = so_far.best, judge_certainty(session.run, leaderboard.of_generation(generation.index))
    spent = count_spent(session.run, session.started)
    session.on_event(
        GenerationEvent(
            index=generation.index,
            best=best.id if best else None,
            fitness=best.fitness if best else None,
            progress=best.progress if best else None,
            spent=SpentReport(**spent.model_dump(exclude={"evaluation_steps"})),
            usage=generation_usage(session.run, generation.index),
            certainty=judge_certainty(session.run, so_far),
            reliability=own.reliability if own else None,
        )
    )


def announce_race(
    session: Session, index: int, given: Mapping[str, int], probability_best: Mapping[str, float]
) -> None:
    """Who gets further seeds, and how likely each is the best of all so far."""
    session.on_event(RaceEvent(generation=index, seeds=dict(given), probability_best=dict(probability_best)))


def _candidate_event(entry: Entry) -> CandidateEvent:
    return CandidateEvent(
        id=entry.id,
        generation=entry.candidate.generation,
        parents=entry.candidate.parents,
        status=entry.status,
        fitness=entry.fitness,
        progress=entry.progress,
        findings=entry.findings,
    )


def search_listener(session: Session, job: str, stage: str | None = None) -> OnProgress:
    """A listener to one training of a search, that also says where the search stands.

    Args:
        job: "g02", or the id of the final training.
        stage: what it is for, where that is more than training or measuring.
    """
    leaderboard = read_leaderboard(session.run)
    generation = int(job[1:3]) if job[0] == "g" and job[1:3].isdigit() else None
    return training_listener(
        session.on_event,
        stage=stage or ("training" if generation is not None else "measuring"),
        generation=generation,
        generations=session.generations,
        refused=_count_refused(leaderboard.of_generation(generation)),
        cost=count_spent(session.run).cost,
        max_cost=session.settings.budget.max_cost,
        **_describe_best(leaderboard.best),
    )


def training_listener(on_event: Callable[[Any], None], stage: str = "training", **facts: Any) -> OnProgress:
    """A listener to a training that tells how far it is and how long it will take.

    Args:
        on_event: gets the events.
        stage: what the training is for.
        facts: further fields of each `ProgressEvent`.
    """

    def listen(progress: Progress) -> None:
        """Pass one report of the worker on: a line that stays, or how far the training is."""
        if progress.note is not None:
            on_event(NoteEvent(text=progress.note))
            return
        done = progress.env_steps / progress.total_steps
        on_event(
            ProgressEvent(
                stage=stage,
                done=progress.env_steps,
                total=progress.total_steps,
                counted="steps",
                seconds_left=progress.seconds * (1.0 - done) / done,
                **facts,
            )
        )

    return listen


def _count_refused(leaderboard: Leaderboard) -> int:
    return sum(entry.status in ("refused", "failed") for entry in leaderboard.entries)


def _describe_best(best: Entry | None) -> dict[str, Any]:
    return {
        "best": best.id if best else None,
        "success": best.fitness.mean if best and best.fitness else None,
        "progress": best.progress.mean if best and best.progress else None,
    }
