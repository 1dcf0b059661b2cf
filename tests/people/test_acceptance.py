"""Who says that the success metric of a run measures what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import METRIC_CHOSEN
from autoreward.people.acceptance import accept_metric, acceptors
from autoreward.records import MetricSpec
from tests.search.stored_run import new_run

METRIC = MetricSpec(code="def success(trajectory, params): ...", unit="m", meaning="How far it runs.", origin="model")


def test_it_is_stored_once_and_counts_for_the_metric_as_it_is(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        run.append(METRIC_CHOSEN, "", METRIC)
    assert accept_metric(run.path, "anna").accepted == ("anna",)
    accept_metric(run.path, "anna")
    assert accept_metric(run.path, "ben").accepted == ("anna", "ben")
    with Run.open(run.path, write=True) as opened:
        opened.append(METRIC_CHOSEN, "v1", METRIC.model_copy(update={"meaning": "How far it hops."}))
        assert acceptors(opened) == (), "the revised one was accepted by nobody"
    view = accept_metric(run.path, "ben")
    assert (view.accepted, view.metric) == (("ben",), "How far it hops.")


def test_without_a_metric_there_is_nothing_to_accept(tmp_path: Path) -> None:
    with new_run(tmp_path) as run, pytest.raises(UsageError, match="no success metric"):
        accept_metric(run.path, "anna")
