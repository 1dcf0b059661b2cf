"""How sure a search is of its order: read from the members of a run, and said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.cli.certainty import in_words
from autoreward.ledger import Run
from autoreward.records import Certainty
from autoreward.search.certainty import judge_certainty, within_noise
from autoreward.search.leaderboard import read_leaderboard
from tests.search.stored_run import add_candidate, add_training, member, new_run


def fill(run: Run, rows: dict[str, tuple[float, ...]], progress: float = 0.0) -> None:
    for name in rows:
        if name != "human":
            add_candidate(run, name)
    members = [member(name, seed, one, progress) for name, row in rows.items() for seed, one in enumerate(row)]
    add_training(run, "g00", members)


def judged(run: Run) -> Certainty:
    certainty = judge_certainty(run)
    assert certainty is not None
    return certainty


def test_what_is_far_apart_is_decided(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run, {"g00c00": (1.0, 1.2, 1.1), "g00c01": (9.0, 9.1, 9.2), "g00c02": (2.0, 2.1, 2.0)})
        certainty = judged(run)
    assert (certainty.best, certainty.runner_up, certainty.decided) == ("g00c01", "g00c02", True)
    assert certainty.reliability is not None and certainty.reliability > 0.95
    assert certainty.more_seeds == 0
    assert certainty.probability_beats_human is None
    assert in_words(certainty).startswith("g00c01 is the best with 100%; ")
    assert "noise" not in in_words(certainty)


def test_what_is_within_noise_is_said_to_be_with_what_it_would_take(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run, {"g00c00": (1.0, 9.0, 5.0), "g00c01": (2.0, 6.0, 10.0), "human": (8.0, 3.0, 4.0)})
        certainty, board = judged(run), read_leaderboard(run)
    assert certainty.best == "g00c01" and not certainty.decided
    assert certainty.probability_best.keys() == {"g00c00", "g00c01", "human"}
    assert certainty.probability_beats_human is not None and 0.4 < certainty.probability_beats_human < 0.8
    assert 5.0 < certainty.shrunken["g00c01"] < 6.0  # between the mean of all and its own
    first, second = board.entries
    assert within_noise(first, board) and not within_noise(second, board)
    assert certainty.more_seeds is None or certainty.more_seeds > 20
    assert "within noise of g00c00" in in_words(certainty)


def test_the_price_of_a_decision_in_steps_and_minutes(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run, {"g00c00": (0.0, 4.0, 2.0), "g00c01": (3.0, 7.0, 5.0), "g00c02": (0.0, 2.0, 1.0)})
        certainty = judged(run)
    # 300,000 steps are 147 rollouts of 2,048; the run of 9 members took 900 steps in a second
    assert certainty.more_seeds is not None and 0 < certainty.more_seeds < 50
    assert certainty.more_steps == 2 * certainty.more_seeds * 147 * 2_048
    assert certainty.more_minutes == pytest.approx(certainty.more_steps / 900.0 / 60.0)
    assert f"about {certainty.more_seeds} more seed" in in_words(certainty)


def test_one_seed_of_each_tells_nothing_of_chance(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run, {"g00c00": (1.0,), "g00c01": (3.0,)})
        certainty = judged(run)
    assert certainty.reliability is None
    assert "one seed of each tells nothing of how much of the differences in success is chance" in in_words(certainty)


def test_where_nothing_succeeds_progress_is_compared(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        for name in ("g00c00", "g00c01"):
            add_candidate(run, name)
        add_training(run, "g00", [member(f"g00c0{place}", 0, 0.0, 0.1 + 0.5 * place) for place in range(2)])
        assert judged(run).measured == "progress"


def test_one_candidate_is_compared_with_nobody(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run, {"g00c00": (1.0, 2.0)})
        assert judge_certainty(run) is None


def test_one_lucky_seed_does_not_beat_six_good_ones(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        good, lucky = (6.0, 14.0, 8.0, 12.0, 10.0, 10.0), (10.9,)
        fill(run, {"g00c00": good, "g00c01": lucky, "g00c02": (3.0, 7.0), "g00c03": (5.0,)})
        board = read_leaderboard(run)
    assert [entry.id for entry in board.ranked][:2] == ["g00c00", "g00c01"]
