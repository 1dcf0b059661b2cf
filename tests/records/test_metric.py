"""Drafts of a metric, and the one that is proposed."""

from __future__ import annotations

from autoreward.records import DraftVerdict, MetricDraft, MetricProposal

DRAFT = MetricDraft(id="m01", sentence="distance", unit="m", reference=2.0, source="def success(): ...")


def proposal(chosen: str | None) -> MetricProposal:
    other = DRAFT.model_copy(update={"id": "m02"})
    verdicts = (DraftVerdict(draft=DRAFT, status="kept"), DraftVerdict(draft=other, status="refused"))
    return MetricProposal(text="Run.", verdicts=verdicts, chosen=chosen, entropy=0.0)


def test_a_draft_becomes_the_metric_of_a_run() -> None:
    metric = DRAFT.as_metric()
    assert (metric.origin, metric.code, metric.meaning) == ("model", DRAFT.source, "distance")
    assert (metric.unit, metric.reference) == ("m", 2.0)


def test_what_is_kept_and_what_is_proposed() -> None:
    assert [one.draft.id for one in proposal("m01").kept] == ["m01"]
    assert proposal("m01").draft == DRAFT
    assert proposal(None).draft is None
