"""What the page of a run shows."""

from __future__ import annotations

from autoreward.ledger import Run
from autoreward.pages.run_page import run_page


def test_the_page_of_a_run_tells_both_values(run: Run) -> None:
    page = run_page(run)
    rows = {row.report.id: row for row in page.candidates}
    assert (rows["g01c01"].best, rows["g01c01"].success, rows["g01c01"].drawn) == (True, "0.3", True)
    assert rows["g00c00"].report.preferred is None and not rows["g00c00"].drawn
    assert (rows["g00c01"].report.preferred or 0) > 0 > (rows["g01c01"].report.preferred or 0)
    assert [row.report.id for row in page.wall] == ["g01c00", "g01c01", "g00c00", "g00c01"]
    assert not page.live and page.success is not None and page.spent is not None
