"""What `bench aligned` makes of stored trainings."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.bench import aligned, aligned_cost
from autoreward.cli.bench_tables import aligned as table
from autoreward.errors import UnknownNameError
from tests.bench.test_stored import member, nothing, sized, store


def trained(**levels: float) -> list[object]:
    return [member(name, seed, level + seed) for name, level in levels.items() for seed in (0, 1)]


def test_shares_of_the_progress_alone_and_what_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Means: primary 100.5; naive -9.5; misleading 95.5, which is 0.95 of it; helpful 120.5."""
    monkeypatch.setattr(aligned_cost, "measure_cost", lambda env, ppo: 1.25)
    several = trained(primary=100.0, naive=-10.0, misleading=95.0, helpful=120.0)
    store(tmp_path / "half_cheetah_aligned_check.json", several)  # type: ignore[arg-type]
    view = aligned.measure_aligned("half_cheetah", tmp_path, sized(2), nothing)
    assert view.shares["misleading"] == pytest.approx(95.5 / 100.5)
    assert view.passed and view.cost == 1.25
    assert [row.difference is None for row in view.rows] == [True, False, False, False]
    assert table(view)[-1] == "passed"
    monkeypatch.setattr(aligned_cost, "measure_cost", lambda env, ppo: 1.6)
    assert not aligned.measure_aligned("half_cheetah", tmp_path, sized(2), nothing).passed
    with pytest.raises(UnknownNameError, match="hoper"):
        aligned.measure_aligned("hoper", tmp_path, sized(2), nothing)
