"""The published rules of choosing: who is best, what a prompt shows, from whom a candidate starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from autoreward.config import DesignSettings, Settings, load_settings
from autoreward.errors import ConfigError
from autoreward.records import Analysis, Candidate, EndStates, TermReport
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.methods import METHODS, as_published
from autoreward.search.methods.archive import Archive, distance
from autoreward.search.methods.eureka import Eureka
from autoreward.search.methods.independent import BestOfN, Text2Reward
from autoreward.search.methods.revolve import MIGRATION, Revolve, softmax
from autoreward.search.selection import MetricSelection
from tests.search.stored_run import add_candidate, add_training, member, new_run

SEEDS: dict[str, tuple[float, ...]] = {  # success by candidate
    "g00c00": (1.0, 9.0),
    "g00c01": (6.0, 6.0),
    "g00c02": (2.0, 2.0),
    "g00c03": (3.0, 3.0),
    "g01c00": (4.0, 4.5),
    "g01c01": (1.0, 2.0),
}


def entries(folder: Path, successes: dict[str, tuple[float, ...]], method: str = "ours") -> tuple[Entry, ...]:
    settings = Settings(design=DesignSettings(method=method))  # type: ignore[arg-type]
    with new_run(folder, settings) as run:
        for name in successes:
            add_candidate(run, name)
        add_training(
            run, "g00", [member(name, seed, one) for name, all_ in successes.items() for seed, one in enumerate(all_)]
        )
        board = read_leaderboard(run)
        if method != "ours":
            assert type(board.selection) is type(METHODS[method](0))
        return board.entries


def ids(several: Sequence[Entry]) -> list[str]:
    return [entry.id for entry in several]


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_method_is_a_setting(tmp_path: Path, method: str) -> None:
    assert len(entries(tmp_path, SEEDS, method)) == len(SEEDS)


def test_eureka_takes_the_luckiest_and_shows_the_last_generation_alone(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)
    assert ids(Eureka().rank(trained))[:2] == ["g00c00", "g00c01"]  # 9 once, where 6 twice is the better mean
    assert ids(MetricSelection().rank(trained))[0] == "g00c01"
    shown = Eureka().shown(trained, 2, 3, 4)
    assert (shown.history, ids(shown.leaders), shown.shown_as) == ((), ["g01c00"], "parents")
    assert shown.parent is shown.leaders[0]
    assert Eureka().shown((), 1, 0, 4).parent is None  # nothing could be trained: afresh


def test_one_shot_is_the_first_that_trains_and_best_of_n_the_best(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)
    assert ids(Text2Reward().rank(trained))[0] == "g00c00"
    assert ids(BestOfN().rank(trained))[0] == "g00c01"
    shown = BestOfN().shown(trained, 1, 0, 4)
    assert (shown.history, shown.leaders, shown.parent) == ((), (), None)


def test_parents_of_revolve_are_of_the_island_of_the_slot(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)
    seed = next(seed for seed in range(100) if _never_migrates(seed, 2))
    even, odd = Revolve(seed).islands(trained, 4)  # four candidates: two islands
    assert ids(even) == ["g00c00", "g01c00", "g00c02"] and ids(odd) == ["g00c01", "g00c03"]
    drawn = [Revolve(seed).shown(trained, 2, slot, 4) for slot in range(4)]
    for slot, shown in enumerate(drawn):
        island = (even, odd)[slot % 2]
        assert shown.parent in island and set(ids(shown.leaders)) <= set(ids(island)) and shown.history == ()
    crossed = [len(Revolve(seed).shown(trained, generation, 1, 4).leaders) for generation in range(2, 102)]
    assert 30 <= crossed.count(2) <= 70  # as often as mutation
    assert drawn == [Revolve(seed).shown(trained, 2, slot, 4) for slot in range(4)]  # a resumed run draws the same


def test_a_child_worse_than_the_mean_of_its_island_does_not_stay(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)
    seed = next(seed for seed in range(100) if _never_migrates(seed, 2))
    assert "g01c01" not in ids(Revolve(seed).islands(trained, 4)[1])  # 1.5 where the mean is 4.5


def test_the_weaker_islands_begin_again_from_a_stronger_one(tmp_path: Path) -> None:
    trained = entries(tmp_path, SEEDS)[:4]
    seed = next(seed for seed in range(100) if not _never_migrates(seed, 1))
    even, odd = Revolve(seed).islands(trained, 4)
    assert ids(even) == ["g00c01"] and ids(odd) == ["g00c01", "g00c03"]  # 6.0 is the best of all means


def test_softmax_is_over_fitness_in_units_of_its_spread(tmp_path: Path) -> None:
    first, second = entries(tmp_path, {"g00c00": (0.0,), "g00c01": (2.0,)})
    assert softmax([first, second]).tolist() == pytest.approx([0.1192029, 0.8807971])  # 1 / (1 + e^2): 2 spreads
    assert softmax([first, first]).tolist() == [0.5, 0.5]


def test_the_archive_keeps_the_best_of_each_behaviour(tmp_path: Path) -> None:
    standing, falling = {"upright and moving": 9, "lying": 1}, {"lying": 10}
    plain = entries(tmp_path, {f"g00c0{slot}": (float(9 - slot),) for slot in range(4)})
    kinds = [(standing, "speed"), (standing, "speed"), (falling, "speed"), ({"upright and still": 10}, "effort")]
    trained = [_behaving(one, *kind) for one, kind in zip(plain, kinds, strict=True)]
    archive = Archive()
    assert set(archive.archive(trained)) == {"upright and moving", "lying", "upright and still"}
    assert ids(archive.leaders(trained)) == ["g00c00", "g00c03", "g00c02"]  # by distance, not by success
    starts = [archive.shown(trained, 1, slot, 4).parent for slot in range(4)]
    assert [start.id if start else None for start in starts] == ["g00c00", "g00c03", "g00c02", None]


def test_the_distance_of_behaviours_is_the_variation_of_ends_and_pay(tmp_path: Path) -> None:
    first, second = entries(tmp_path, {"g00c00": (1.0,), "g00c01": (2.0,)})
    one = _behaving(first, {"lying": 1, "upright": 1}, "speed")
    other = _behaving(second, {"lying": 1}, "effort")
    assert distance(one, other) == pytest.approx(0.5 * (0.5 + 1.0))
    assert distance(one, one) == 0.0
    assert distance(one, second) == 0.0  # of which nothing is known


def test_two_ways_to_choose_are_refused() -> None:
    with pytest.raises(ConfigError, match="race"):
        load_settings({"method": "eureka", "race": 8})
    with pytest.raises(ConfigError, match="select=people"):
        load_settings({"method": "archive", "select": "people"})


def test_one_shot_asks_for_one() -> None:
    one = as_published(load_settings({"method": "text2reward"}).settings).design
    assert (one.candidates, one.generations, one.seeds) == (1, 1, 3)
    usual = Settings()
    assert as_published(usual) is usual


def _never_migrates(seed: int, generations: int) -> bool:
    import numpy as np

    return all(np.random.default_rng([seed, one]).random() >= MIGRATION for one in range(generations))


def _behaving(entry: Entry, counts: dict[str, int], term: str) -> Entry:
    paid = TermReport(name=term, weight=1.0, share=1.0, low=0.0, high=1.0, start=0.0, end=1.0, correlation=None)
    analysis = Analysis(
        candidate=entry.id, fitness=None, progress=None, curve=(), terms=(paid,), total_correlation=None,
        episode_length=None, symptoms=(), trajectories=(), ends=(EndStates(seed=0, counts=counts),),
    )  # fmt: skip
    candidate: Candidate = entry.candidate
    return Entry(candidate, entry.verdict, entry.members, analysis, entry.fitness, entry.progress)
