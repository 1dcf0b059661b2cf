"""Candidates that know nothing of each other."""

from __future__ import annotations

from pathlib import Path

from autoreward.search.methods.independent import BestOfN, Text2Reward
from tests.search.methods.trained import SEEDS, entries, ids


def test_one_shot_is_the_first_that_trains_and_best_of_n_the_best(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)
    assert ids(Text2Reward().rank(trained))[0] == "g00c00"
    assert ids(BestOfN().rank(trained))[0] == "g00c01"
    shown = BestOfN().shown(trained, 1, 0, 4)
    assert (shown.history, shown.leaders, shown.parent) == ((), (), None)
