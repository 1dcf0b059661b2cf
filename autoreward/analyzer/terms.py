"""What each term paid while the policies trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.incomes import training_income
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.recordings import TrainingCurves
from autoreward.records import CurvePoint, TermReport

EDGE = 0.1  # of training: what "at the start" and "at the end" mean


def term_reports(
    recordings: CandidateRecordings, weights: Mapping[str, float], curve: Sequence[CurvePoint] = ()
) -> tuple[TermReport, ...]:
    """One report a term, in program order; none where no member finished a rollout.

    Args:
        recordings: with training curves and training episodes.
        weights: by term, in program order.
        curve: the parts of training in which income over time is told.
    """
    curves = [one for one in recordings.all_curves if one.term_mean.shape[1] == len(weights)]
    if not curves or not weights:
        return ()
    names = recordings.term_names
    means = [one.term_mean for one in curves]
    first, weight = learned_weights(curves, np.array([weights[name] for name in names], np.float64))
    low, high = _extremes(curves)
    shares = _shares(means, weight)
    start = _mean_of([array[: _edge(array)] for array in means])
    end = _mean_of([array[-_edge(array) :] for array in means])
    over_training = training_income(recordings, weights, curve)
    episodes = recordings.episodes
    sums = episodes.term_sums if episodes.term_sums.shape[1] == len(weights) else None
    constant = not len(episodes.success) or float(np.ptp(episodes.success)) == 0.0
    outcome = episodes.progress if constant and len(episodes.progress) else episodes.success
    return tuple(
        TermReport(
            name=name,
            weight=float(weight[k]),
            first_weight=None if first is None else float(first[k]),
            share=float(shares[k]),
            low=float(low[k]),
            high=float(high[k]),
            start=float(start[k]),
            end=float(end[k]),
            correlation=None if sums is None else correlation(weight[k] * sums[:, k], outcome),
            correlated_with="success" if outcome is episodes.success else "progress",
            over_training=over_training[name],
        )
        for k, name in enumerate(names)
    )


def learned_weights(
    curves: Sequence[TrainingCurves], program: Float[np.ndarray, " K"]
) -> tuple[Float[np.ndarray, " K"] | None, Float[np.ndarray, " K"]]:
    """The weights of the first and of the last rollout, in the mean over seeds.

    Args:
        program: what the program says, where weights were not recorded.

    Returns:
        None and the program's where they stayed.
    """
    known = [one.weights for one in curves if one.weights.shape[1] == len(program) and np.isfinite(one.weights).all()]
    if not any((array != array[0]).any() for array in known):
        return None, program
    return np.mean([array[0] for array in known], axis=0), np.mean([array[-1] for array in known], axis=0)


def usual_ranges(recordings: CandidateRecordings) -> dict[str, float]:
    """How far each term usually moves, unweighted: without the tenth of rollouts with the most extreme values."""
    curves = recordings.all_curves
    low = np.percentile(_finite_rows(np.concatenate([one.term_low for one in curves])), 10, axis=0)
    high = np.percentile(_finite_rows(np.concatenate([one.term_high for one in curves])), 90, axis=0)
    return dict(zip(recordings.term_names, (high - low).tolist(), strict=True))


def _extremes(curves: Sequence[TrainingCurves]) -> tuple[Float[np.ndarray, " K"], Float[np.ndarray, " K"]]:
    low = _finite_rows(np.concatenate([one.term_low for one in curves]))
    high = _finite_rows(np.concatenate([one.term_high for one in curves]))
    return low.min(axis=0), high.max(axis=0)


def _shares(means: list[Float[np.ndarray, "_ K"]], weight: Float[np.ndarray, " K"]) -> Float[np.ndarray, " K"]:
    """|w_k * mean_k| as a share of the sum over terms, over the second half of training; 0 where nothing is paid."""
    income = _mean_of([np.abs(weight * array[len(array) // 2 :]) for array in means])
    total = income.sum()
    return income / total if total > 0.0 else np.zeros_like(income)


def _mean_of(parts: list[Float[np.ndarray, "_ K"]]) -> Float[np.ndarray, " K"]:
    """Mean over rollouts and seeds; every seed counts the same."""
    return np.asarray(np.mean([_finite_rows(part).mean(axis=0) for part in parts], axis=0))


def _finite_rows(array: Float[np.ndarray, "_ K"]) -> Float[np.ndarray, "_ K"]:
    """The rollouts in which every term was finite; zeros where there is none."""
    rows = array[np.isfinite(array).all(axis=1)]
    return rows if len(rows) else np.zeros((1, array.shape[1]))


def _edge(array: Float[np.ndarray, "_ K"]) -> int:
    return max(1, round(EDGE * len(array)))
