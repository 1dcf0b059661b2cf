"""What people like, learned from their preferences: weights of terms, one taste or several.

A candidate is seen as what the terms of one program sum up to over the episode that people watched, each term
standardised over the candidates: S_a. Then P(a > b) = sigmoid(w . (S_a - S_b) / tau), a tie counts as half of each, and
a ridge draws w to the weights of the program, so that few answers change little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoreward.people.bradley_terry import fit, probability
from autoreward.people.pairs import Disputed
from autoreward.records import Preference, TermSums

Floats = NDArray[np.float64]

TAU = 1.0  # temperature of the choices, in standard deviations of a term of weight 1
RIDGE = 0.03  # on the distance of w from the program's weights
FITS = 7  # over bootstrap samples of the answers
FOLDS = 5  # of the answers, to judge how many tastes there are
MOST_TASTES = 4
ROUNDS = 30  # of expectation and maximisation
STARTS = 5  # of the mixture, of which the likeliest is kept
FEWEST = 5  # answers from which a taste is told
CLEARER = 0.05  # nats an answer by which a further taste has to explain those that were held out
OUTCOMES = {"a": 1.0, "b": 0.0, "tie": 0.5}  # "both bad" says nothing of the order


@dataclass(frozen=True)
class Answers:
    """Preferences as numbers."""

    differences: Floats  # S_a - S_b over tau, [N, K]
    outcomes: Floats  # [N]
    raters: tuple[str, ...]  # [N]

    def of(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Answers:
        """Some of them."""
        kept = np.arange(len(self.outcomes))[chosen]
        return Answers(self.differences[kept], self.outcomes[kept], tuple(self.raters[place] for place in kept))


@dataclass(frozen=True)
class Taste:
    """The weights of one taste, and who shares it."""

    weights: Floats  # of the standardised terms, [K]
    raters: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """What makes the sums of one program comparable."""

    mean: Floats  # [K]
    spread: Floats  # [K], 1 where a term is the same for all

    @classmethod
    def of_sums(cls, sums: Mapping[str, Sequence[float]]) -> Scale:
        """The scale of the sums of some candidates."""
        table = np.asarray(list(sums.values()), np.float64)
        spread = table.std(axis=0)
        return cls(table.mean(axis=0), np.where(spread > 1e-9 * (1.0 + np.abs(table).max(axis=0)), spread, 1.0))

    def standardised(self, sums: Sequence[float]) -> Floats:
        """S of one candidate, `[K]`."""
        return np.asarray((np.asarray(sums, np.float64) - self.mean) / self.spread)

    def centre(self, weights: Sequence[float]) -> Floats:
        """The weights of the program as weights of standardised terms, of length 1, `[K]`."""
        scaled = np.asarray(weights, np.float64) * self.spread
        length = float(np.linalg.norm(scaled))
        return scaled / length if length else scaled

    def as_weights(self, fitted: Floats, weights: Sequence[float]) -> Floats:
        """Fitted weights as weights of the program, as large in all as those that it has, `[K]`."""
        before = float(np.linalg.norm(np.asarray(weights, np.float64) * self.spread))
        length = float(np.linalg.norm(fitted)) or 1.0
        return np.asarray(fitted / length * before / self.spread)


def read_answers(told: Sequence[Preference], features: Mapping[str, Floats]) -> Answers:
    """The preferences between candidates whose features are known."""
    known = [one for one in told if one.a in features and one.b in features and one.verdict in OUTCOMES]
    size = len(next(iter(features.values()), ()))
    differences = [(features[one.a] - features[one.b]) / TAU for one in known]
    return Answers(
        np.asarray(differences, np.float64).reshape(len(known), size),
        np.asarray([OUTCOMES[one.verdict] for one in known], np.float64),
        tuple(one.rater for one in known),
    )


def fit_taste(answers: Answers, centre: Floats, counts: Floats | None = None) -> Floats:
    """The weights of one taste, `[K]`."""
    return fit(answers.differences, answers.outcomes, RIDGE, centre, counts)


def accuracy(answers: Answers, weights: Floats) -> float | None:
    """The share of choices that the weights foretell; None where nobody chose."""
    chosen = answers.outcomes != 0.5
    if not chosen.any():
        return None
    foretold = probability(answers.differences[chosen], weights) > 0.5
    return float((foretold == (answers.outcomes[chosen] > 0.5)).mean())


# --- Which pair next --------------------------------------------------------------------------------------


def most_disputed(
    pairs: Sequence[tuple[str, str]], features: Mapping[str, Floats], answers: Answers, centre: Floats, seed: int = 0
) -> tuple[tuple[str, str] | None, float]:
    """The pair on which fits over bootstrap samples of the answers disagree most, and how much: a standard deviation.

    Args:
        pairs: those that may be asked about, whose features are known.
    """
    if not pairs:
        return None, 0.0
    rng = np.random.default_rng([seed, len(answers.outcomes)])
    count = len(answers.outcomes)
    samples = [rng.integers(0, count, count) if count else np.zeros(0, np.int64) for _ in range(FITS)]
    fits = [fit_taste(answers.of(sample), centre) for sample in samples]
    differences = np.stack([(features[a] - features[b]) / TAU for a, b in pairs])
    spread = np.stack([probability(differences, weights) for weights in fits]).std(axis=0)
    # Where all fits agree, the pair that the present weights are least sure of.
    unsure = 1e-3 * (0.5 - np.abs(probability(differences, fit_taste(answers, centre)) - 0.5))
    place = int(np.argmax(spread + unsure))
    return pairs[place], float(spread[place])


def disputes(measured: TermSums, told: Sequence[Preference]) -> Disputed:
    """Tells of pairs which one is disputed most, by what the terms of a program sum up to.

    Args:
        told: the preferences of the rater who is asked.
    """
    scale = Scale.of_sums(measured.sums)
    features = {name: scale.standardised(sums) for name, sums in measured.sums.items()}
    answers, centre = read_answers(told, features), scale.centre(measured.weights)

    def most(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str] | None, float]:
        return most_disputed([pair for pair in pairs if set(pair) <= features.keys()], features, answers, centre)

    return most


# --- Several tastes ---------------------------------------------------------------------------------------


def fit_tastes(answers: Answers, centre: Floats, seed: int = 0) -> list[Taste]:
    """As many tastes as explain held-out answers clearly better than fewer; those shared by most raters first."""
    raters = sorted(set(answers.raters))
    best, tastes = -np.inf, 1
    for count in range(1, min(MOST_TASTES, len(raters)) + 1):
        likelihood = _held_out(answers, centre, count, seed)
        if likelihood > best + (CLEARER if count > 1 else 0.0):
            best, tastes = likelihood, count
    weights, shares = _mixture(answers, centre, tastes, seed)
    members = [tuple(name for name in raters if int(np.argmax(shares[name])) == place) for place in range(tastes)]
    found = [Taste(fitted, names) for fitted, names in zip(weights, members, strict=True) if names]
    return sorted(found, key=lambda taste: len(taste.raters), reverse=True)


def _held_out(answers: Answers, centre: Floats, count: int, seed: int) -> float:
    """Mean log likelihood of answers that the mixture did not see."""
    order = _spread_over_raters(answers, seed)
    total = 0.0
    for fold in range(FOLDS):
        held = np.zeros(len(order), bool)
        held[order[fold::FOLDS]] = True
        if held.all() or not held.any():
            continue
        weights, shares = _mixture(answers.of(~held), centre, count, seed)
        unseen = answers.of(held)
        logs = np.stack([_log_likelihood(unseen, one) for one in weights])  # [C, N]
        even = np.full(count, 1.0 / count)
        known = np.stack([shares.get(rater, even) for rater in unseen.raters], axis=1)  # [C, N]
        total += float(np.log((known * np.exp(logs)).sum(axis=0)).sum())
    return total / max(1, len(order))


def _spread_over_raters(answers: Answers, seed: int) -> NDArray[np.int64]:
    """Places of the answers, shuffled, those of one rater together: every fold has some of each."""
    shuffled = np.random.default_rng(seed).permutation(len(answers.outcomes))
    return np.asarray(sorted(shuffled.tolist(), key=lambda place: answers.raters[place]), np.int64)


def _mixture(answers: Answers, centre: Floats, count: int, seed: int) -> tuple[list[Floats], dict[str, Floats]]:
    """The weights of each taste, and for each rater how likely each taste is theirs; the likeliest of some starts."""
    raters = sorted(set(answers.raters))
    if count == 1:
        return [fit_taste(answers, centre)], {name: np.ones(1) for name in raters}
    rng = np.random.default_rng([seed, count])
    return max(
        (_expectation_maximisation(answers, centre, rng.dirichlet(np.ones(count), len(raters))) for _ in range(STARTS)),
        key=lambda found: found[2],
    )[:2]


def _expectation_maximisation(
    answers: Answers, centre: Floats, shares: Floats
) -> tuple[list[Floats], dict[str, Floats], float]:
    """From first guesses of who shares which taste `[R, C]` to a fit, and its log likelihood."""
    raters = sorted(set(answers.raters))
    of_rater = np.asarray([raters.index(name) for name in answers.raters])
    weights: list[Floats] = []
    likelihood = 0.0
    for _ in range(ROUNDS):
        # Each taste is drawn to its neighbours' centre only weakly: opposite tastes cannot both be near the program's.
        weights = [fit_taste(answers, centre, shares[of_rater, place]) for place in range(shares.shape[1])]
        sizes = shares.mean(axis=0) + 1e-6
        logs = np.log(sizes) + np.stack(
            [np.bincount(of_rater, _log_likelihood(answers, one), len(raters)) for one in weights], axis=1
        )
        top = logs.max(axis=1, keepdims=True)
        chance = np.exp(logs - top)
        likelihood = float((top[:, 0] + np.log(chance.sum(axis=1))).sum())
        shares = chance / chance.sum(axis=1, keepdims=True)
    return weights, dict(zip(raters, shares, strict=True)), likelihood


def _log_likelihood(answers: Answers, weights: Floats) -> Floats:
    """Of each answer, `[N]`."""
    chance = np.clip(probability(answers.differences, weights), 1e-9, 1.0 - 1e-9)
    return np.asarray(answers.outcomes * np.log(chance) + (1.0 - answers.outcomes) * np.log(1.0 - chance))
