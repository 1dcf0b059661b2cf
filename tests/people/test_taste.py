"""A hidden taste is found from few answers, and two opposite ones are told apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from autoreward.people.bradley_terry import probability
from autoreward.people.taste import (
    Answers,
    Scale,
    accuracy,
    fit_taste,
    fit_tastes,
    most_disputed,
    read_answers,
)
from autoreward.records import Preference
from tests.people.test_pairs import said

TERMS = 4
Floats = np.ndarray


def candidates(seed: int, count: int = 12) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    return {f"g00c{place:02d}": rng.normal(size=TERMS) for place in range(count)}


def choose(features: dict[str, Floats], pair: tuple[str, str], hidden: Floats, rater: str = "anna") -> Preference:
    """What somebody with this taste says of a pair."""
    return said(*sorted(pair, key=lambda name: -float(features[name] @ hidden)), rater=rater)


def cosine(one: Floats, other: Floats) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_hidden_taste_is_found_from_15_pairs() -> None:
    found = []
    for seed in range(20):
        features, rng = candidates(seed), np.random.default_rng(100 + seed)
        hidden, centre = rng.normal(size=TERMS), np.zeros(TERMS)
        told: list[Preference] = []
        pairs = list(combinations(features, 2))
        for _ in range(15):
            pair, _ = most_disputed(pairs, features, read_answers(told, features), centre, seed)
            assert pair is not None
            pairs.remove(pair)
            told.append(choose(features, pair, hidden))
        found.append(cosine(fit_taste(read_answers(told, features), centre), hidden))
    assert min(found) >= 0.9, found


def test_without_answers_the_taste_is_the_program() -> None:
    features, centre = candidates(0), np.array([0.6, 0.8, 0.0, 0.0])
    assert fit_taste(read_answers([], features), centre) == pytest.approx(centre)


def test_two_opposite_tastes_are_told_apart() -> None:
    rng = np.random.default_rng(5)
    features, hidden = candidates(5), rng.normal(size=TERMS)
    pairs = [tuple(map(str, pair)) for pair in rng.permutation(list(combinations(features, 2)))]
    told = []
    for place, pair in enumerate(pairs[:40]):
        rater = ("anna", "ben")[place % 2]
        told.append(choose(features, pair, hidden if rater == "anna" else -hidden, rater))  # type: ignore[arg-type]
    answers, centre = read_answers(told, features), np.zeros(TERMS)
    seen, unseen = answers.of(np.arange(30)), answers.of(np.arange(30, 40))
    tastes = fit_tastes(seen, centre)
    assert [taste.raters for taste in tastes] in ([("anna",), ("ben",)], [("ben",), ("anna",)])
    apart = [
        accuracy(unseen.of(np.asarray([one in taste.raters for one in unseen.raters])), taste.weights)
        for taste in tastes
    ]
    pooled = accuracy(unseen, fit_taste(seen, centre))
    assert np.mean([one for one in apart if one is not None]) >= 0.85
    assert pooled is not None and 0.2 <= pooled <= 0.8


def test_two_raters_with_one_taste_are_one() -> None:
    features, rng = candidates(7), np.random.default_rng(7)
    hidden = rng.normal(size=TERMS)
    pairs = list(combinations(features, 2))[:40]
    told = [choose(features, pair, hidden, ("anna", "ben")[place % 2]) for place, pair in enumerate(pairs)]
    (taste,) = fit_tastes(read_answers(told, features), np.zeros(TERMS))
    assert taste.raters == ("anna", "ben")


def test_the_disputed_pair_is_the_one_that_answers_leave_open() -> None:
    features = {"a": np.array([1.0, 0.0]), "b": np.array([0.0, 0.0]), "c": np.array([0.0, 1.0])}
    answers = Answers(np.array([[1.0, 0.0]] * 6 + [[0.0, 1.0]] * 4), np.array([1.0] * 6 + [1.0, 0.0] * 2), ("x",) * 10)
    pair, spread = most_disputed([("a", "b"), ("c", "b")], features, answers, np.zeros(2))
    assert pair == ("c", "b") and spread > 0.0
    assert most_disputed([], features, answers, np.zeros(2)) == (None, 0.0)


def test_both_bad_and_strangers_say_nothing_of_the_order() -> None:
    features = {"g00c00": np.zeros(1), "g00c01": np.ones(1)}
    told = [said("g00c00", "g00c01", "both_bad"), said("g00c00", "g00c07"), said("g00c00", "g00c01", "tie")]
    answers = read_answers(told, features)
    assert answers.outcomes.tolist() == [0.5] and accuracy(answers, np.ones(1)) is None
    assert probability(answers.differences, np.zeros(1)).tolist() == [0.5]


def test_weights_go_to_standard_terms_and_back() -> None:
    scale = Scale.of_sums({"a": (10.0, 5.0), "b": (30.0, 5.0)})
    assert scale.spread.tolist() == [10.0, 1.0], "a term that is the same for all has no scale"
    assert scale.standardised((30.0, 5.0)).tolist() == [1.0, 0.0]
    weights = (0.2, 0.0)
    assert scale.centre(weights).tolist() == [1.0, 0.0]
    assert scale.as_weights(5.0 * scale.centre(weights), weights) == pytest.approx(weights)
