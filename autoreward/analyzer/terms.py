"""What each term paid while the policies trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.analyzer.correlation import correlation
from autoreward.analyzer.incomes import training_income
from autoreward.analyzer.recordings import Recordings
from autoreward.records import CurvePoint, TermReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE = 0.1  # of training: what "at the start" and "at the end" mean


def term_reports(
    recordings: Recordings, weights: Mapping[str, float], curve: Sequence[CurvePoint] = ()
) -> tuple[TermReport, ...]:
    """One report a term, in program order; none where no member finished a rollout.

    Args:
        recordings: with `term_mean`, `term_low`, `term_high` `[I, K]` (unweighted, over a rollout) and, for
            episodes, `episodes_terms [E, K]` (unweighted sums) and `episodes_success [E]`.
        weights: the terms in program order.
        curve: the parts of training in which income over time is told.
    """
    import numpy as np

    means = recordings.each("term_mean")
    if not means or not weights:
        return ()
    weight = np.array(list(weights.values()), np.float64)
    low, high = _extremes(recordings)
    shares = _shares(means, weight)
    start = _mean_of([array[: _edge(array)] for array in means])
    end = _mean_of([array[-_edge(array) :] for array in means])
    over_training = training_income(recordings, weights, curve)
    income = recordings.pooled("episodes_terms")
    success = recordings.pooled("episodes_success")
    return tuple(
        TermReport(
            name=name,
            weight=float(weight[k]),
            share=float(shares[k]),
            low=float(low[k]),
            high=float(high[k]),
            start=float(start[k]),
            end=float(end[k]),
            correlation=correlation(weight[k] * income[:, k], success) if income.ndim == 2 else None,
            over_training=over_training[name],
        )
        for k, name in enumerate(weights)
    )


def usual_ranges(recordings: Recordings) -> NDArray[Any]:
    """How far each term usually moves, unweighted `[K]`: without the tenth of rollouts with the most extreme values."""
    import numpy as np

    low = np.percentile(_finite_rows(recordings.pooled("term_low")), 10, axis=0)
    high = np.percentile(_finite_rows(recordings.pooled("term_high")), 90, axis=0)
    return np.asarray(high - low)


def _extremes(recordings: Recordings) -> tuple[NDArray[Any], NDArray[Any]]:
    low, high = _finite_rows(recordings.pooled("term_low")), _finite_rows(recordings.pooled("term_high"))
    return low.min(axis=0), high.max(axis=0)


def _shares(means: list[NDArray[Any]], weight: NDArray[Any]) -> NDArray[Any]:
    """|w_k * mean_k| as a share of the sum over terms, over the second half of training; 0 where nothing is paid."""
    import numpy as np

    income = _mean_of([np.abs(weight * array[len(array) // 2 :]) for array in means])
    total = income.sum()
    return income / total if total > 0.0 else np.zeros_like(income)


def _mean_of(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Mean over rollouts and seeds `[K]`; every seed counts the same."""
    import numpy as np

    return np.asarray(np.mean([_finite_rows(part).mean(axis=0) for part in parts], axis=0))


def _finite_rows(array: NDArray[Any]) -> NDArray[Any]:
    """The rollouts in which every term was finite; zeros where there is none."""
    import numpy as np

    rows = array[np.isfinite(array).all(axis=1)]
    return rows if len(rows) else np.zeros((1, array.shape[1]))


def _edge(array: NDArray[Any]) -> int:
    return max(1, round(EDGE * len(array)))
