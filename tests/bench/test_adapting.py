"""Rewards of a bank with weights that move and with weights that stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.bench.adapting import main, told


def test_differences_are_paired_by_seed_and_their_mean_is_over_rewards() -> None:
    fixed = {"a": {0: 1.0, 1: 3.0}, "b": {0: 5.0, 1: 5.0}, "failed": {}}
    adapted = {"a": {0: 2.0, 1: 4.0}, "b": {1: 8.0}, "failed": {0: 1.0}}
    _, a, b, mean = told(fixed, adapted, 1).splitlines()
    assert a.split() == ["a", "2", "3", "better"]
    assert b.split() == ["b", "5", "8"]
    assert mean.startswith("mean difference of 2 rewards: 2 [")


@pytest.mark.thorough
def test_it_goes_on_where_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = [str(tmp_path), "--env", "half_cheetah", "--rewards", "2", "--seeds", "2", "-n", "8192"]
    main(small)
    first, stored = capsys.readouterr().out, {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert set(stored) == {"half_cheetah_fixed.json", "half_cheetah_adapt.json"}
    assert "mean difference of 2 rewards" in first
    main(small)
    assert capsys.readouterr().out == first
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stored
