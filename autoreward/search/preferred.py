"""What prompts tell where people alone choose: programs, what their terms paid, who is preferred; no number of success.

As ICPL has it: the best program so far, the one of the last generation that is liked least, and in words what changed
from one winner to the next. Source: Yu et al. 2024, ICPL: Few-shot In-context Preference Learning via LLMs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autoreward.analyzer import render_traces
from autoreward.analyzer.gist import gist
from autoreward.config import Settings
from autoreward.records import CandidateSummary, GenerationSummary, TaskSpec
from autoreward.search.changes import winner_changes
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import Leaderboard
from autoreward.search.session import Session


def told_task(task: TaskSpec, settings: Settings) -> TaskSpec:
    """The task as prompts may tell of it: without its metric where people alone choose."""
    return task.model_copy(update={"metric": None}) if settings.design.select == "people" else task


def preferred_facts(session: Session, index: int, earlier: Leaderboard, leaders: Sequence[Entry]) -> dict[str, Any]:
    """What the briefs of a generation hold in place of numbers of success.

    Args:
        leaders: the first one is what the generation starts from; () where nothing was trained yet.
    """
    generations = range(max(0, index - 1), index)
    history = tuple(
        GenerationSummary(index=one, candidates=tuple(map(_short, earlier.of_generation(one).entries)))
        for one in generations
    )
    leader, worst = next(iter(leaders), None), least_liked(earlier, index - 1)
    return {
        "by_people": True,
        "history": history,
        "leaders": (with_traces(leader),) if leader else (),
        "reached": (),
        "worst": with_traces(worst) if worst and worst is not leader else None,
        "changes": winner_changes(session, index, earlier),
    }


def least_liked(earlier: Leaderboard, generation: int) -> Entry | None:
    """The candidate of a generation that comes last by what people prefer; None where there is only one."""
    ranked = earlier.of_generation(generation).ranked
    return ranked[-1] if len(ranked) > 1 else None


def with_traces(entry: Entry) -> CandidateSummary:
    """A candidate with its program and with what its terms paid while it trained."""
    analysis = render_traces(entry.analysis) if entry.analysis else ""
    said = tuple(remark.in_words for remark in entry.remarks)
    return _short(entry).model_copy(update={"analysis": analysis, "remarks": said})


def _short(entry: Entry) -> CandidateSummary:
    """A candidate in short: why it could not be trained, where it could not."""
    checked = entry.verdict.findings if entry.verdict and entry.verdict.status != "accepted" else ()
    failures = (*checked, *([entry.failure] if entry.failure else []))
    return CandidateSummary(
        id=entry.id,
        source=entry.candidate.source,
        status=entry.status,
        analysis="\n".join(f"{one.rule}: {one.message} {one.remedy}" for one in failures),
        plan=entry.candidate.plan,
        parent=next(iter(entry.candidate.parents), None),
        gist=gist(entry.candidate.source, {}),
    )
