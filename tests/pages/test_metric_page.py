"""What the page about the metric shows."""

from __future__ import annotations

from autoreward.ledger import Run
from autoreward.pages.metric_page import metric_page


def test_a_run_without_a_metric_says_so(run: Run) -> None:
    page = metric_page(run)
    assert page.metric is None and page.best == "g01c01" and page.worst == "g00c00"
