"""What is read from a run's events: the fate of every candidate, its fitness, and the best."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.search.leaderboard import FINAL_SEED, measure_fitness, read_leaderboard
from tests.search.stored_run import add_candidate, add_training, member, new_run


def test_every_candidate_has_its_fate(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        for name in ("g00c00", "g00c02", "g00c03", "g00c04"):
            add_candidate(run, name)
        add_candidate(run, "g00c01", accepted=False)
        add_training(
            run,
            "g00",
            [
                member("g00c00", 0, 1.0),
                member("g00c02", 0, None, status="failed"),
                member("g00c03", 0, 0.5, status="stopped"),
            ],
        )
        leaderboard = read_leaderboard(run)
    status = {entry.id: entry.status for entry in leaderboard.entries}
    assert status == {
        "g00c00": "trained", "g00c01": "refused", "g00c02": "failed", "g00c03": "stopped", "g00c04": "accepted",
    }  # fmt: skip
    assert [finding.rule for entry in leaderboard.entries for finding in entry.findings] == [
        "static.import", "training.failed", "training.stopped",
    ]  # fmt: skip
    failed = leaderboard.find("g00c02")
    assert failed is not None and failed.fitness is None
    assert leaderboard.find("g07c07") is None


def test_the_last_attempt_counts(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00", accepted=False)
        add_candidate(run, "g00c00", key="g00c00r1")
        (entry,) = read_leaderboard(run).entries
    assert entry.status == "accepted"


def test_success_comes_before_progress_and_a_tie_goes_to_the_earlier(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        for name in ("g00c00", "g00c01", "g00c02", "g01c00"):
            add_candidate(run, name)
        add_training(run, "g00", [member("g00c00", 0, 0.0, 9.0), member("g00c01", 0, 1.0, 2.0)])
        add_training(run, "g01", [member("g00c02", 0, 1.0, 2.0), member("g01c00", 0, 1.0, 1.0)])
        leaderboard = read_leaderboard(run)
    assert leaderboard.best is not None and leaderboard.best.id == "g00c01"
    assert [entry.id for entry in leaderboard.of_generation(1).entries] == ["g01c00"]
    assert [entry.id for entry in leaderboard.before(1).entries] == ["g00c00", "g00c01", "g00c02"]
    assert leaderboard.of_generation(5).best is None


def test_fresh_seeds_report_and_never_select(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00")
        add_training(run, "g00", [member("g00c00", 0, 1.0)])
        add_training(run, "final", [member("g00c00", FINAL_SEED, 100.0)])
        (entry,) = read_leaderboard(run).entries
    assert entry.fitness is not None and (entry.fitness.mean, entry.fitness.seeds) == (1.0, 1)


def test_fitness_is_the_mean_over_seeds() -> None:
    success, progress = measure_fitness([member("a", 0, 1.0, 0.5), member("a", 1, 3.0, 0.7)], episodes=10)
    assert success is not None and progress is not None
    assert (success.mean, success.seeds, success.episodes) == (2.0, 2, 20)
    assert progress.mean == pytest.approx(0.6)


def test_a_failed_member_leaves_nothing_to_order_by() -> None:
    assert measure_fitness([member("a", 0, 1.0), member("a", 1, None, status="failed")], 10) == (None, None)
