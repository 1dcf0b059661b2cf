"""Rules of choosing on rewards made by hand: what they see, what they pay, and what they are judged by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.bench.bank import choices
from autoreward.bench.bank.choices import Rule, Seen, judge_rules, play, rules
from autoreward.cli import bench_tables
from autoreward.errors import UsageError
from tests.cli.test_bench import REWARDS, SEEDS, make_bank


def seen(final: list[list[float]], training: list[list[float]] | None = None) -> Seen:
    values = np.asarray(final)
    return Seen(values, -values, values if training is None else np.asarray(training))


def chosen(rule: Rule, rewards: Seen) -> tuple[int, float]:
    return play(rule, rewards, np.random.default_rng(0))


LUCKY = seen([[9.0, 1.0, 1.0, 1.0], [5.0, 5.0, 5.0, 6.0], [2.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0]])


def test_a_choice_is_judged_by_the_seeds_that_it_has_not_seen() -> None:
    assert chosen(Rule("one seed", 4, 1), LUCKY) == (0, 1.0)
    assert chosen(Rule("three seeds", 4, 3), LUCKY) == (1, 6.0)


def test_a_race_gives_further_seeds_to_the_better_half() -> None:
    """One seed each, then two more of rewards 0 and 1: luck is seen through for 8 trainings in place of 12."""
    race = Rule("race", 4, 1, further=4, slots=4)
    assert race.trainings == 8.0
    assert chosen(race, LUCKY) == (1, 6.0)


def test_halving_stops_whom_the_early_episodes_put_last() -> None:
    """What is seen early is turned round here: rewards 0 and 1 are stopped, and 2 is the best of the others."""
    rule = Rule("halved", 4, 3, halved=True)
    assert rule.trainings == pytest.approx(3 * (4 / 3 + 2 * 2 / 3))
    assert chosen(rule, LUCKY) == (2, 2.0)


def test_training_episodes_can_outweigh_one_lucky_evaluation() -> None:
    final = [[5.0, 1.0], [4.0, 4.0], [0.0, 0.0]]
    training = [[100.0, 100.0], [500.0, 500.0], [0.0, 0.0]]  # another scale
    assert chosen(Rule("evaluation", 3, 1), seen(final, training)) == (0, 1.0)
    assert chosen(Rule("both", 3, 1, episodes=True), seen(final, training)) == (1, 4.0)


def test_every_rule_costs_what_the_first_one_does_or_less() -> None:
    first, *others = rules()
    assert (first.name, first.trainings) == ("8 x 3", 24.0)
    assert all(rule.trainings <= 24.0 + 1e-9 for rule in others)


def test_a_bank_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "BANKS", 5)
    make_bank(tmp_path / "bank")
    view = judge_rules([tmp_path / "bank"], 200, [Rule("8 x 3", 8, 3), Rule("24 x 1", 24, 1)])
    assert (view.rewards, view.seeds) == (REWARDS, SEEDS)
    few, all_of_them = view.rows
    assert few.difference is None and all_of_them.difference is not None
    # Reward i comes to i, but 23 fails on one seed of four and counts as 0 there: seen well, it comes to 23 x 2 / 3 on
    # the others; seen failing, 22 is chosen.
    assert all_of_them.chosen.mean == pytest.approx(0.75 * 23 * 2 / 3 + 0.25 * 22, abs=1.0)
    table, note = bench_tables.choices(view)
    assert "not seen" in str(note) and getattr(table, "row_count", 0) == 2
    twice = judge_rules([tmp_path / "bank", tmp_path / "bank"], 200, [Rule("8 x 3", 8, 3), Rule("8 x 1", 8, 1)])
    assert twice.seeds == 2 * SEEDS


def test_a_bank_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no reward bank"):
        judge_rules([tmp_path], 200)
