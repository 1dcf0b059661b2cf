"""The luckiest of the last generation."""

from __future__ import annotations

from pathlib import Path

from autoreward.search.methods.eureka import Eureka
from autoreward.search.selection import MetricSelection
from tests.search.methods.trained import SEEDS, entries, ids


def test_eureka_takes_the_luckiest_and_shows_the_last_generation_alone(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)
    assert ids(Eureka().rank(trained))[:2] == ["g00c00", "g00c01"]  # 9 once, where 6 twice is the better mean
    assert ids(MetricSelection().rank(trained))[0] == "g00c01"
    shown = Eureka().shown(trained, 2, 3, 4)
    assert (shown.history, ids(shown.leaders), shown.shown_as) == ((), ["g01c00"], "parents")
    assert shown.parent is shown.leaders[0]
    assert Eureka().shown((), 1, 0, 4).parent is None  # nothing could be trained: afresh
