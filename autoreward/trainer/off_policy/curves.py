"""Curves with a row a chunk of steps, made as coarse as those of PPO are: readers expect hundreds of rows at most."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.recordings import TrainingCurves

ROWS = 200


def thinned(curves: TrainingCurves, rows: int = ROWS) -> TrainingCurves:
    """At most `rows` rows, each over several: means of what is known there, least and greatest terms, last step."""
    parts = [part for part in np.array_split(np.arange(len(curves.env_steps)), rows) if len(part)]
    joined = {
        one.name: [_joined(one.name, getattr(curves, one.name)[part]) for part in parts] for one in fields(curves)
    }
    return TrainingCurves(**{name: np.asarray(column, getattr(curves, name).dtype) for name, column in joined.items()})


def _joined(name: str, rows: NDArray[Any]) -> NDArray[Any]:
    if name == "env_steps":
        return np.asarray(rows[-1])
    if name == "term_low":
        return np.asarray(rows.min(axis=0))
    if name == "term_high":
        return np.asarray(rows.max(axis=0))
    known = np.isfinite(rows)
    total = np.where(known, rows, 0.0).sum(axis=0)
    return np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
