"""Who gets the next seeds of a race, on posteriors whose answer is plain."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from autoreward.estimates import Estimates, estimate
from autoreward.search.allocation import ALLOCATIONS, halving, ocba, top_two

MANY = 100  # seeds that a reward may have


def posterior(values: dict[str, tuple[float, ...]]) -> Estimates:
    seen = estimate(values)
    assert seen is not None
    return seen


def test_halving_gives_the_slots_to_the_better_half_of_those_that_are_ahead() -> None:
    seen = posterior({"a": (1.0,), "b": (4.0,), "c": (3.0,), "d": (2.0,)})
    assert Counter(halving(seen, 4, MANY, np.random.default_rng(0))) == {"b": 2, "c": 2}
    # b and c have three seeds each now: the better two of them go on, whatever a and d are
    later = posterior({"a": (1.0,), "b": (4.0, 2.0, 3.0), "c": (3.0, 5.0, 4.0), "d": (9.0,)})
    assert Counter(halving(later, 4, MANY, np.random.default_rng(0))) == {"b": 2, "c": 2}


def test_an_odd_slot_does_not_end_the_race_of_the_others() -> None:
    seen = posterior({"a": (5.0, 5.5, 6.0), "b": (5.4, 4.0), "c": (0.0,)})
    assert Counter(halving(seen, 2, MANY, np.random.default_rng(0))).keys() == {"a", "b"}


def test_ocba_by_hand() -> None:
    """Without noise nothing is shrunk: distances 1 and 2 from the leader, so shares 1, 1/4 and sqrt(1 + 1/16)."""
    seen = posterior({"far": (1.0, 1.0 + 1e-7) * 2, "near": (2.0,) * 4, "best": (3.0,) * 4})
    chosen = Counter(ocba(seen, 88, MANY, np.random.default_rng(0)))
    total = 100 / (1.0 + 0.25 + np.sqrt(1.0 + 1.0 / 16.0))
    assert {name: count + 4 for name, count in chosen.items()} == {
        "far": pytest.approx(0.25 * total, abs=1.5),
        "near": pytest.approx(total, abs=1.5),
        "best": pytest.approx(np.sqrt(1.0 + 1.0 / 16.0) * total, abs=1.5),
    }


def test_top_two_looks_at_those_that_can_be_best() -> None:
    seen = posterior({"a": (5.0, 7.0, 6.0), "b": (5.5, 6.5, 7.0), "c": (0.0, 0.2, 0.1), "d": (0.3, 0.1, 0.0)})
    chosen = Counter(top_two(seen, 40, MANY, np.random.default_rng(0)))
    assert chosen["a"] + chosen["b"] >= 36 and min(chosen["a"], chosen["b"]) >= 10


def test_a_decided_race_has_a_challenger_still() -> None:
    seen = posterior({"a": (9.0, 9.1, 9.0), "b": (1.0, 1.1, 1.0), "c": (0.0, 0.1, 0.0)})
    chosen = Counter(top_two(seen, 40, MANY, np.random.default_rng(0)))
    assert 10 <= chosen["a"] <= 30 and chosen["a"] + chosen["b"] == 40


@pytest.mark.parametrize("name", ALLOCATIONS)
def test_nobody_has_more_seeds_than_there_are(name: str) -> None:
    seen = posterior({"a": (1.0, 2.0), "b": (4.0, 3.0), "c": (3.0,), "new": ()})
    chosen = ALLOCATIONS[name](seen, 9, 3, np.random.default_rng(0))
    # 12 seeds in all, 5 are taken
    assert Counter(chosen) == {"a": 1, "b": 1, "c": 2, "new": 3}
