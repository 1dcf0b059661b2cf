"""People who say that the success metric of a run measures what they mean."""

from __future__ import annotations

from pathlib import Path

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import METRIC_ACCEPTED, version_prefix
from autoreward.records import MetricAnswer
from autoreward.views import AcceptedView


def accept_metric(folder: Path, rater: str) -> AcceptedView:
    """Store, durably, that somebody accepts the metric as it is now; a search then asks nobody about it.

    Raises:
        UsageError: the run has no metric.
        StorageError: the run cannot be written.
    """
    with Run.open(folder, write=False) as run:
        metric = run.task.metric
        if metric is None:
            raise UsageError(f"{run.id}: there is no success metric that could be accepted.", "People choose here.")
        accepted = MetricAnswer(verdict="accepted", by="person")
        run.once(METRIC_ACCEPTED, run.measured_key(rater), MetricAnswer, lambda: accepted)
        return AcceptedView(run=run.id, metric=metric.meaning, accepted=acceptors(run))


def acceptors(run: Run) -> tuple[str, ...]:
    """Who has accepted the metric as it is now, each once."""
    prefix = version_prefix(run.metric_version)
    names = (event.key for event in run.events(METRIC_ACCEPTED))
    return tuple(dict.fromkeys(name.removeprefix(prefix) for name in names if _of_version(name, prefix)))


def _of_version(name: str, prefix: str) -> bool:
    """Whether a key is of this version of the metric: a rater's name has no slash."""
    return name.startswith(prefix) if prefix else "/" not in name
