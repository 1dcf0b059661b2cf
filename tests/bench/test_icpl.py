"""Searches by preferences beside searches by the metric: equal budgets, and an interrupted measurement goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward.bench.icpl import bench_icpl
from autoreward.config import Settings, load_settings
from autoreward.errors import UsageError
from autoreward.ledger import Run, list_runs
from autoreward.people.preferences import preferences
from tests.search.test_loop import TINY

pytestmark = pytest.mark.usefixtures("warm")


def small(**changes: Any) -> Settings:
    return load_settings({**TINY, "candidates": 3, **changes}).settings


@pytest.mark.thorough
def test_both_ways_have_the_same_budget_and_what_is_done_is_only_read(tmp_path: Path) -> None:
    heard: list[Any] = []
    view = bench_icpl(["inverted_pendulum/balance"], 1, tmp_path, small(), heard.append)
    (row,) = view.rows
    assert (row.env, len(row.metric), len(row.people)) == ("inverted_pendulum/balance", 1, 1)
    assert row.metric[0].env_steps == row.people[0].env_steps > 2 * 3 * 1024  # two generations, and the fresh seeds
    assert row.share == pytest.approx(row.people[0].success / row.metric[0].success)
    assert row.enough == (row.share >= 0.9) == view.passed
    told = {}
    for way in ("metric", "people"):
        (path,) = list_runs(tmp_path / f"inverted_pendulum_balance_{way}_0")
        with Run.open(path, write=False) as run:
            told[way] = [one.by for one in preferences(run)]
    assert told["metric"] == [] and set(told["people"]) == {"metric"}
    heard.clear()
    assert bench_icpl(["inverted_pendulum/balance"], 1, tmp_path, small(), heard.append) == view
    assert heard == [], "nothing was searched again"
    with pytest.raises(UsageError, match="other settings"):
        bench_icpl(["inverted_pendulum/balance"], 1, tmp_path, small(candidates=2), heard.append)
