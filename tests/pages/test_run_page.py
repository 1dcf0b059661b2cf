"""What the page of a run shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.ledger import Run
from autoreward.pages.charts import BOTTOM, HEIGHT
from autoreward.pages.run_page import run_page
from autoreward.records import Completion, Usage
from autoreward.search.events import REPLY
from tests.search.stored_run import add_candidate, new_run


def test_the_page_of_a_run_tells_both_values(run: Run) -> None:
    page = run_page(run)
    rows = {row.report.id: row for row in page.candidates}
    assert (rows["g01c01"].best, rows["g01c01"].success, rows["g01c01"].drawn) == (True, "0.3", True)
    assert rows["g00c00"].report.preferred is None and not rows["g00c00"].drawn
    assert (rows["g00c01"].report.preferred or 0) > 0 > (rows["g01c01"].report.preferred or 0)
    assert [row.report.id for row in page.wall] == ["g01c00", "g01c01", "g00c00", "g00c01"]
    assert not page.live and page.success is not None and page.spent is not None


def test_what_was_spent_is_summed_up_over_generations(run: Run, tmp_path: Path) -> None:
    free = run_page(run).cost
    assert free is not None and free.title == "Training steps over generations"
    with new_run(tmp_path) as asked:
        for name, cost in (("g00c00", 0.25), ("g01c00", 0.5)):
            add_candidate(asked, name)
            usage = Usage(calls=1, input_tokens=100, output_tokens=50, cost=cost)
            asked.append(REPLY, name, Completion(prompt=name, text="", designer="openai/gpt-5", usage=usage))
        paid = run_page(asked).cost
    assert paid is not None and paid.title == "Cost [$] over generations"
    heights = [float(point.split()[1]) for point in paid.lines[0].path.removeprefix("M").split(" L")]
    zero = HEIGHT - BOTTOM  # 0.25 of 0.75 is a third of the way up
    assert (zero - heights[0]) / (zero - heights[1]) == pytest.approx(1 / 3, abs=0.01)
