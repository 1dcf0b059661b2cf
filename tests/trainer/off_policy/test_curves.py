"""Curves with a row a chunk, made coarse."""

from __future__ import annotations

import numpy as np

from autoreward.recordings import TrainingCurves
from autoreward.trainer.off_policy.curves import thinned


def curves(rows: int) -> TrainingCurves:
    column = np.arange(rows, dtype=np.float32)
    terms = np.stack([column, -column], axis=1)
    known = np.where(column % 2 == 0, column, np.nan).astype(np.float32)
    return TrainingCurves(
        env_steps=np.arange(1, rows + 1) * 10, success=known, progress=known, own_return=known, length=known,
        term_mean=terms, term_low=terms, term_high=terms, clipped=column, weights=terms,
    )  # fmt: skip


def test_rows_are_joined_to_means_of_what_is_known_and_extremes() -> None:
    coarse = thinned(curves(6), rows=2)  # rows 0, 1, 2 and 3, 4, 5
    assert coarse.env_steps.tolist() == [30, 60]
    assert coarse.success.tolist() == [1.0, 4.0]  # of 0 and 2; of 4
    assert coarse.term_mean.tolist() == [[1.0, -1.0], [4.0, -4.0]]
    assert coarse.term_low.tolist() == [[0.0, -2.0], [3.0, -5.0]]
    assert coarse.term_high.tolist() == [[2.0, 0.0], [5.0, -3.0]]


def test_few_rows_stay_as_they_are() -> None:
    few = thinned(curves(3), rows=200)
    assert few.env_steps.tolist() == [10, 20, 30]
    assert few.clipped.dtype == np.float32
