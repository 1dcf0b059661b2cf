"""Rewards side by side as a picture: distances, rank agreement, and what training on the same seeds came to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autoreward.export.picture import COLOURS, GREY, STYLE, rendered
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_file, output_errors
from autoreward.views import ComparedPair, CompareReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_LENGTH = 18  # characters beside a square
MAX_PAIRS = 12  # that fit beside each other
SUFFIXES = (".png", ".svg")
HEADS = (b"\x89PNG", b"<?xml", b"<svg")  # how the files begin


def check_picture(path: Path) -> None:
    """Refuse a place where no picture can be written, before anything is measured for it; an older one is replaced.

    Raises:
        UsageError: the name ends neither in ".png" nor in ".svg", or what lies there is no picture.
        StorageError: its folder cannot be written.
    """
    check_output_file(path, suffixes=SUFFIXES, heads=HEADS)


def comparison_picture(path: Path, view: CompareReport) -> Path:
    """Draws a square of distances, a square of rank agreement and, where there was training, the paired differences.

    Args:
        path: one that `check_picture` has passed.

    Raises:
        StorageError: the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    trained = [pair for pair in view.pairs if pair.difference is not None][:MAX_PAIRS]
    with mpl.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(13.0 if trained else 9.0, 4.2), dpi=160, layout="constrained")
        panels = figure.subplots(1, 3 if trained else 2)
        names = [_short(reward.name) for reward in view.rewards]
        _square(panels[0], names, _matrix(view, "distance", 0.0), "STARC distance (0 same, 1 opposite)", "Blues", 0.0)
        agreement = _matrix(view, "rank_agreement", 1.0)
        _square(panels[1], names, agreement, "Rank agreement (Kendall's tau)", "RdBu", -1.0)
        if trained:
            _differences(panels[2], trained, view.unit)
        title = f"{view.env}: {view.task}" if view.task else view.env
        figure.suptitle(title, fontsize=12.5, fontweight="bold", parse_math=False)
        with output_errors(path):
            write_atomic(path, rendered(figure, path.suffix.lower().removeprefix(".")))
    return path


def _matrix(view: CompareReport, quantity: str, diagonal: float) -> NDArray[Any]:
    """A quantity of all pairs `[K, K]`; NaN where it is not known."""
    names = [reward.name for reward in view.rewards]
    matrix = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(matrix, diagonal)
    for pair in view.pairs:
        value = getattr(pair, quantity)
        i, j = names.index(pair.a), names.index(pair.b)
        matrix[i, j] = matrix[j, i] = np.nan if value is None else value
    return matrix


def _square(axes: Axes, names: list[str], matrix: NDArray[Any], title: str, colours: str, low: float) -> None:
    """A matrix `[K, K]` with its numbers, from `low` to 1."""
    axes.imshow(matrix, cmap=colours, vmin=low, vmax=1.0)
    for (row, column), value in np.ndenumerate(matrix):
        strong = np.isfinite(value) and abs(value) > 0.6
        text = f"{value:z.2f}" if np.isfinite(value) else "-"
        axes.text(column, row, text, ha="center", va="center", color="white" if strong else "black", fontsize=9)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=35, ha="right", fontsize=8.5, parse_math=False)
    axes.set_yticks(ticks, names, fontsize=8.5, parse_math=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=11, loc="left")


def _differences(axes: Axes, pairs: list[ComparedPair], unit: str) -> None:
    """Mean and interval of each pair's paired difference, the first pair on top."""
    for row, pair in enumerate(pairs):
        difference = pair.difference
        assert difference is not None  # only such pairs are drawn
        axes.plot([difference.mean], [row], "o", color=COLOURS[0])
        if difference.low is not None and difference.high is not None:
            axes.plot([difference.low, difference.high], [row, row], color=COLOURS[0], linewidth=2.0)
    axes.axvline(0.0, color=GREY, linewidth=1.0, linestyle=":")
    labels = [f"{_short(pair.a)} - {_short(pair.b)}" for pair in pairs]
    axes.set_yticks(range(len(pairs)), labels, fontsize=8.5, parse_math=False)
    axes.set_ylim(len(pairs) - 0.5, -0.5)
    axes.set_xlabel(f"difference, 95 % interval [{unit}]" if unit != "1" else "difference, 95 % interval")
    axes.set_title("Success on the same seeds", fontsize=11, loc="left")


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else "…" + name[1 - NAME_LENGTH :]
