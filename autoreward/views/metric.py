"""What `metric` prints, and what `design` says of a metric that was found from the text."""

from __future__ import annotations

from typing import Literal

from autoreward.records import Finding, MetricDraft, MetricProposal, Usage
from autoreward.views.view import Part, View


class DraftView(Part):
    """One draft of a metric, and what became of it."""

    id: str
    status: Literal["kept", "refused", "dropped"]
    cluster: int | None  # of kept drafts: those of one cluster order episodes alike; 0 is the largest
    sentence: str
    unit: str
    reference: float | None
    reasons: tuple[Finding, ...] = ()


class EpisodeView(Part):
    """An episode that nobody designed, and what the proposed metric gives to it."""

    label: Literal["best", "worst"]  # by the metric
    way: str  # "random", "motionless", "held": one action, "thrown", "carried": one velocity is kept
    success: float
    progress: float
    clip: str | None  # the file; None: nothing can be drawn here, or it is not wanted


class MetricEvent(View):
    """A success metric was proposed for a text."""

    event: Literal["metric"] = "metric"
    text: str
    sentence: str  # what counts as success
    unit: str
    reference: float | None  # the success from which the task counts as done
    code: str  # `success(trajectory, params)`
    # [nat] over the clusters of drafts, 0 where all mean the same; before answers that nobody gave (`assumed`).
    entropy: float
    assumed: tuple[str, ...] = ()  # what was taken for the answer to a question, as nobody was there to answer it
    drafts: tuple[DraftView, ...]
    subtasks: tuple[tuple[str, str], ...] = ()  # parts of the task, with the expression that says whether one is done
    missing: tuple[str, ...] = ()  # what the text asks for and no field tells
    episodes: tuple[EpisodeView, ...] = ()


class MetricView(MetricEvent):
    """`metric`: the proposal, and the file that it was written to."""

    file: str
    usage: Usage


def draft_views(proposal: MetricProposal) -> tuple[DraftView, ...]:
    """The drafts of a proposal as they are printed."""
    return tuple(
        DraftView(
            id=one.draft.id,
            status=one.status,
            cluster=one.cluster,
            sentence=one.draft.sentence,
            unit=one.draft.unit,
            reference=one.draft.reference,
            reasons=one.reasons,
        )
        for one in proposal.verdicts
    )


def metric_event(proposal: MetricProposal, draft: MetricDraft, episodes: tuple[EpisodeView, ...] = ()) -> MetricEvent:
    """A proposal of this draft as listeners are told it."""
    return MetricEvent(
        text=proposal.text,
        sentence=draft.sentence,
        unit=draft.unit,
        reference=draft.reference,
        code=draft.source,
        entropy=proposal.entropy if proposal.entropy_before is None else proposal.entropy_before,
        assumed=proposal.assumed,
        drafts=draft_views(proposal),
        subtasks=draft.subtasks,
        missing=proposal.missing,
        episodes=episodes,
    )
