"""Learned weights as a picture: each term's over training, in the mean over seeds and in their range."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.export.picture import COLOURS, GREY, STYLE, rendered
from autoreward.ledger.files import write_atomic
from autoreward.recordings import MemberRecording

NAME = "weights-over-training.png"
LINEAR = 0.01  # of the largest weight: below it the axis is linear, above it logarithmic


def weights_over_training(
    recordings: Iterable[MemberRecording],
) -> tuple[tuple[str, ...], NDArray[Any], NDArray[Any]] | None:
    """Names of the terms [K], environment steps [I] and weights [S, I, K]; None where no weight ever changed."""
    recorded = [one for one in recordings if one.curves is not None and len(one.curves.env_steps)]
    known = [one for one in recorded if one.curves is not None and np.isfinite(one.curves.weights).all()]
    if not known:
        return None
    rows = min(len(one.curves.env_steps) for one in known if one.curves is not None)
    weights = np.stack([one.curves.weights[:rows] for one in known if one.curves is not None])
    if not weights.size or not (weights != weights[:, :1]).any():
        return None
    first = known[0].curves
    assert first is not None  # those without curves were left out
    return known[0].term_names, first.env_steps[:rows], weights


def weights_picture(path: Path, title: str, recordings: Iterable[MemberRecording]) -> Path | None:
    """Draw the weights of a candidate over its training; None, and no file, where they stayed as they were.

    Raises:
        StorageError: the file cannot be written.
    """
    found = weights_over_training(recordings)
    if found is None:
        return None
    import matplotlib as mpl
    from matplotlib.figure import Figure

    names, steps, weights = found
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.0, 3.7), dpi=160, layout="constrained")
        axes = figure.subplots()
        for place, name in enumerate(names):
            colour, of_term = COLOURS[place % len(COLOURS)], weights[:, :, place]
            axes.plot(steps, of_term.mean(axis=0), label=name, color=colour, linewidth=2.0)
            axes.fill_between(steps, of_term.min(axis=0), of_term.max(axis=0), color=colour, alpha=0.16, linewidth=0)
        axes.set_yscale("symlog", linthresh=float(np.abs(weights).max()) * LINEAR)
        axes.set_xlabel("environment steps of one policy")
        axes.set_ylabel("weight")
        axes.set_title(f"{title}: weights while training", fontsize=11, loc="left", parse_math=False)
        axes.legend(frameon=False, fontsize=9)
        figure.supxlabel("line: mean over seeds, shade: range of the seeds", fontsize=8.5, color=GREY)
        write_atomic(path, rendered(figure, "png"))
    return path
