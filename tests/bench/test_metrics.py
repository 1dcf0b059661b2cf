"""Recorded drafts are judged as a search judges them, beside the metric of the pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward.bench.metrics import bench_metrics, tau
from autoreward.config import Settings, load_settings
from autoreward.errors import UsageError
from tests.loopback import PROGRAM
from tests.search.test_loop import TINY
from tests.search.test_metric_choice import CONSTANT, SECONDS, SHARE, UNMASKED

pytestmark = pytest.mark.usefixtures("warm")


def recorded(tmp_path: Path, drafts: list[str], rewards: list[str]) -> Path:
    """A folder of replies for inverted_pendulum/balance."""
    for kind, texts in (("metrics", drafts), ("rewards", rewards)):
        folder = tmp_path / kind / "inverted_pendulum_balance"
        folder.mkdir(parents=True)
        for number, text in enumerate(texts, start=1):
            (folder / f"{number}.md").write_text(text)
    return tmp_path


def small(**changes: Any) -> Settings:
    return load_settings({**TINY, **changes}).settings


@pytest.mark.thorough
def test_how_many_survive_and_where_the_proposed_one_lies(tmp_path: Path) -> None:
    replies = recorded(tmp_path, [SECONDS, SHARE, UNMASKED, CONSTANT, "I cannot say."], [])
    (row,) = bench_metrics(replies, small(), lambda event: None).rows
    assert (row.env, row.task, row.drafts) == ("inverted_pendulum", "balance", 5)
    assert (row.parsed, row.accepted, row.kept, row.clusters) == (4, 3, 2, 1)
    assert row.chosen in ("m01", "m02") and row.tau_undirected == pytest.approx(1.0)  # the pack measures time, too
    assert (row.policies, row.tau_policies) == (0, None)
    assert [reason.partition(":")[0] for reason in row.reasons] == ["m03", "m04", "m05"]


@pytest.mark.thorough
def test_policies_are_trained_once_and_measured_by_both(tmp_path: Path) -> None:
    rewards = [f"```python\n{PROGRAM.replace('NUMBER', number)}```\n" for number in ("0.1", "2.0")]
    replies = recorded(tmp_path, [SECONDS], rewards)
    view = bench_metrics(replies, small(), lambda event: None, ["inverted_pendulum/balance"], 1024, 2)
    (row,) = view.rows
    assert row.policies == 6  # two rewards and the human one, two seeds each
    assert row.tau_policies == pytest.approx(1.0)
    assert (view.n_timesteps, view.seeds) == (1024, 2)


def test_a_folder_without_drafts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no drafts of metrics"):
        bench_metrics(tmp_path, small(), lambda event: None)


def test_what_orders_nothing_agrees_with_nobody() -> None:
    assert tau(np.arange(4), np.zeros(4)) is None
    assert tau(np.arange(4), np.arange(4)[::-1]) == pytest.approx(-1.0)
