"""Learning as a picture: success of all, own return of the best, over environment steps."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autoreward.ledger.files import write_atomic
from autoreward.recordings import MemberRecording

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


TITLE_LENGTH = 90  # characters that fit above both panels
POINTS = 60  # of a curve: what can be told apart at the width of a page
# Colours of Okabe and Ito: told apart by everybody, and in grey too. The first is the best reward.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
GREY = "#6E6E6E"
STYLE: dict[Any, Any] = {  # matplotlib types every key
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "axes.axisbelow": True,
    "axes.edgecolor": "#9A9A9A",
    "xtick.color": "#4A4A4A",
    "ytick.color": "#4A4A4A",
    "svg.hashsalt": "autoreward",  # equal curves, equal file
}


@dataclass(frozen=True)
class Curve:
    """How the members of one reward learned; NaN where nothing is known."""

    label: str
    env_steps: NDArray[Any]  # [I] of one member
    success: NDArray[Any]  # [S, I]
    own_return: NDArray[Any]  # [S, I]


def learning_curve(label: str, recordings: Iterable[MemberRecording]) -> Curve | None:
    """The curve of one candidate from what its members recorded; None where no rollout was finished.

    Training is cut into at most `POINTS` parts. A seed's value in a part is the mean of its rollouts in which an
    episode ended; parts between two known ones lie on the line between them.
    """
    curves = [one.curves for one in sorted(recordings, key=lambda one: one.seed) if one.curves is not None]
    if not curves or min(len(one.env_steps) for one in curves) == 0:
        return None
    parts = min(POINTS, len(curves[0].env_steps))
    edges = np.linspace(0, max(int(one.env_steps[-1]) for one in curves), parts + 1)
    success = np.stack([_means(one.env_steps, one.success, edges) for one in curves])
    own_return = np.stack([_means(one.env_steps, one.own_return, edges) for one in curves])
    return Curve(label, edges[1:], success, own_return)


def learning_picture(
    path: Path, curves: Sequence[Curve], title: str, unit: str = "1", levels: Mapping[str, float] | None = None
) -> Path:
    """Draws two panels: success of every curve, and own return of the first.

    Args:
        path: ends in ".png" or ".svg".
        curves: the best reward first, then the baselines that were trained.
        title: environment and task.
        unit: of success; "1" where it has none.
        levels: success of policies that do not learn, as dotted lines: "random".

    Raises:
        StorageError: the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.0, 3.7), dpi=160, layout="constrained")  # without pyplot: no global state
        left, right = figure.subplots(1, 2)
        for index, curve in enumerate(curves):
            _draw(left, curve.env_steps, curve.success, curve.label, COLOURS[index % len(COLOURS)], index == 0)
        for label, value in (levels or {}).items():
            left.axhline(value, color=GREY, linestyle=":", linewidth=1.4, label=label)
        if curves:
            first = curves[0]
            _draw(right, first.env_steps, first.own_return, first.label, COLOURS[0], True)
        _name(left, "Task success while training", f"success [{unit}]" if unit != "1" else "success")
        _name(right, f"Own return: {curves[0].label}" if curves else "Own return", "own episodic return")
        if left.get_legend_handles_labels()[1]:
            left.legend(frameon=False, fontsize=9)
        # A person's words: no mathematics between two dollar signs, and no more than fits.
        words = textwrap.shorten(title, TITLE_LENGTH, placeholder=" …")
        figure.suptitle(words, fontsize=12.5, fontweight="bold", parse_math=False)
        figure.supxlabel("line: mean over seeds, shade: range of the seeds", fontsize=8.5, color=GREY)
        write_atomic(path, rendered(figure, path.suffix.removeprefix(".")))
    return path


def rendered(figure: Figure, kind: str) -> bytes:
    """The file of a figure; `kind` is "png" or "svg"."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a title in a script that the font lacks shows boxes
        # No date in the file: equal curves, equal file.
        figure.savefig(buffer, format=kind, facecolor="white", metadata={"Date": None} if kind == "svg" else {})
    return buffer.getvalue()


def _draw(axes: Axes, steps: NDArray[Any], values: NDArray[Any], label: str, colour: str, strong: bool) -> None:
    """The mean over seeds as a line, the range of the seeds as a shade."""
    known = np.isfinite(values).any(axis=0)
    if not known.any():
        return
    # Seeds whose first episode ended later join when they are known.
    seen = np.ma.masked_invalid(values[:, known])
    width, layer = (2.4, 3) if strong else (1.6, 2)
    alone = known.sum() == 1  # of one point there is no line to see
    axes.plot(
        steps[known], seen.mean(axis=0).filled(np.nan), label=label, color=colour, linewidth=width, zorder=layer,
        marker="o" if alone else None,
    )  # fmt: skip
    low, high = seen.min(axis=0).filled(np.nan), seen.max(axis=0).filled(np.nan)
    if alone:
        axes.vlines(steps[known], low, high, color=colour, alpha=0.4, linewidth=width)
    else:
        axes.fill_between(steps[known], low, high, color=colour, alpha=0.16, linewidth=0)


def _name(axes: Axes, title: str, quantity: str) -> None:
    from matplotlib.ticker import EngFormatter

    axes.set_title(title, fontsize=11, loc="left")
    axes.set_xlabel("environment steps of one policy")
    axes.set_ylabel(quantity)
    axes.set_xlim(left=0)
    axes.margins(x=0.02)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))


def _means(steps: NDArray[Any], values: NDArray[Any], edges: NDArray[Any]) -> NDArray[Any]:
    """The mean of the finite values in each part `[P]`, interpolated between known parts; NaN outside of them."""
    known = np.isfinite(values)
    part = np.clip(np.searchsorted(edges, steps[known], side="left") - 1, 0, len(edges) - 2)
    count = np.bincount(part, minlength=len(edges) - 1)
    total = np.bincount(part, weights=values[known].astype(np.float64), minlength=len(edges) - 1)
    filled = np.flatnonzero(count)
    if not filled.size:
        return np.full(len(edges) - 1, np.nan)
    places = np.arange(len(edges) - 1)
    line = np.interp(places, filled, total[filled] / count[filled])
    return np.where((places < filled[0]) | (places > filled[-1]), np.nan, line)
