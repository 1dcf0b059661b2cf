"""What the page about the success metric shows: the sentence, the program, and what it puts first and last."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.ledger import Run
from autoreward.number_format import with_unit
from autoreward.pages.static_report import ORIGINS
from autoreward.people.acceptance import acceptors
from autoreward.records import MetricProposal, MetricSpec, ShownEpisode
from autoreward.search.events import METRIC_PROPOSED
from autoreward.search.leaderboard import read_leaderboard


@dataclass(frozen=True)
class MetricPage:
    """The metric of a run."""

    run: str
    metric: MetricSpec | None
    origin: str  # in words
    good: str  # the success that is declared as good
    version: int  # times that it was revised
    shown: tuple[tuple[ShownEpisode, str], ...]  # of the episodes that nobody designed, and the name of the clip
    best: str | None  # candidates that it puts first and last
    worst: str | None
    accepted: tuple[str, ...] = ()  # raters who say that it measures what they mean


def metric_page(run: Run) -> MetricPage:
    """Everything that the page about the metric shows."""
    metric, ranked = run.task.metric, read_leaderboard(run).ranked
    return MetricPage(
        run=run.id.rpartition("_")[2],
        metric=metric,
        origin=ORIGINS[metric.origin] if metric else "",
        good=with_unit(metric.reference, metric.unit) if metric and metric.reference is not None else "",
        version=run.metric_version,
        shown=tuple(_shown(run)),
        best=ranked[0].id if ranked else None,
        worst=ranked[-1].id if len(ranked) > 1 else None,
        accepted=acceptors(run),
    )


def _shown(run: Run) -> list[tuple[ShownEpisode, str]]:
    """The episodes of the newest proposal, with those clips that were drawn."""
    proposals = [event.record(MetricProposal) for event in run.events(METRIC_PROPOSED)]
    verdict = proposals[-1].verdict if proposals else None
    if verdict is None:
        return []
    names = [(one, f"{verdict.draft.id}_{one.label}") for one in verdict.shown]
    return [(one, name if (run.path / "metric" / f"{name}.mp4").is_file() else "") for one, name in names]
