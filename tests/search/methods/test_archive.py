"""Parents that differ in what their policies do."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.search.methods.archive import Archive, distance
from tests.search.methods.trained import behaving, entries, ids


def test_the_archive_keeps_the_best_of_each_behaviour(tmp_path: Path) -> None:
    standing, falling = {"upright and moving": 9, "lying": 1}, {"lying": 10}
    plain = entries(tmp_path, {f"g00c0{slot}": (float(9 - slot),) for slot in range(4)})
    kinds = [(standing, "speed"), (standing, "speed"), (falling, "speed"), ({"upright and still": 10}, "effort")]
    trained = [behaving(one, *kind) for one, kind in zip(plain, kinds, strict=True)]
    archive = Archive()
    assert set(archive.archive(trained)) == {"upright and moving", "lying", "upright and still"}
    assert ids(archive.leaders(trained)) == ["g00c00", "g00c03", "g00c02"]  # by distance, not by success
    starts = [archive.shown(trained, 1, slot, 4).parent for slot in range(4)]
    assert [start.id if start else None for start in starts] == ["g00c00", "g00c03", "g00c02", None]


def test_the_distance_of_behaviours_is_the_variation_of_ends_and_pay(tmp_path: Path) -> None:
    first, second = entries(tmp_path, {"g00c00": (1.0,), "g00c01": (2.0,)})
    one = behaving(first, {"lying": 1, "upright": 1}, "speed")
    other = behaving(second, {"lying": 1}, "effort")
    assert distance(one, other) == pytest.approx(0.5 * (0.5 + 1.0))
    assert distance(one, one) == 0.0
    assert distance(one, second) == 0.0  # of which nothing is known
