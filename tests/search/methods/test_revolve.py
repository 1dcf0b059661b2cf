"""Islands, parents drawn by softmax, crossover and mutation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.search.methods.revolve import MIGRATION, Revolve, softmax
from tests.search.methods.trained import SEEDS, entries, ids


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


def _never_migrates(seed: int, generations: int) -> bool:
    return all(np.random.default_rng([seed, one]).random() >= MIGRATION for one in range(generations))
