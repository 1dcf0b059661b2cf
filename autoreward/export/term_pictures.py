"""Each term of a reward as a picture: what it pays over the fields that it reads.

Source: Theodoropoulos et al. 2023, "Lucy-SKG", who draw the components of a reward over the state to understand them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autoreward.export.picture import COLOURS, GREY, STYLE, rendered
from autoreward.ledger.files import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE_LENGTH = 160  # characters of a note below two panels
NARROW_LENGTH = 98  # below one
NAMED = 4  # other fields that a note names


@dataclass(frozen=True)
class Axis:
    """One entry of one field: where it was, and the values that are drawn."""

    label: str  # "torso_velocity.x"
    unit: str
    meaning: str
    grid: NDArray[Any]  # [G] over the range seen
    recorded: NDArray[Any]  # [S] of the states at which the rest is held
    flag: bool = False  # 0 or 1, nothing between

    @property
    def title(self) -> str:
        """The label with the unit."""
        return self.label if self.unit == "1" else f"{self.label} [{self.unit}]"


@dataclass(frozen=True)
class TermShape:
    """What one term pays a step, or the value of the potential, over what it reads."""

    place: int  # in program order
    name: str
    weight: float | None  # None: the potential
    axes: tuple[Axis, ...]  # what it reads, the entry that moves it most first
    middle: NDArray[Any]  # [G] over the first axis: median over the states
    low: NDArray[Any]  # [G] 10th percentile
    high: NDArray[Any]  # [G] 90th percentile
    square: NDArray[Any] | None  # [Y, X] over the second and the first axis: mean over the states

    @property
    def quantity(self) -> str:
        """What is drawn."""
        if self.weight is None:
            return "potential of the state"
        return "value (its weight is 0)" if self.weight == 0.0 else "pays a step (weight * value)"


def term_pictures(folder: Path, candidate: str, shapes: Sequence[TermShape], states: str) -> list[Path]:
    """One PNG a term that depends on anything, in program order.

    Args:
        states: what the states are at which the rest is held, in words.

    Raises:
        StorageError: a file cannot be written.
    """
    import matplotlib as mpl

    written = []
    with mpl.rc_context(STYLE):
        for shape in shapes:
            if shape.axes:
                file = folder / f"{shape.place + 1:02d}_{re.sub(r'[^A-Za-z0-9_]+', '_', shape.name)}.png"
                write_atomic(file, rendered(_figure(candidate, shape, states), "png"))
                written.append(file)
    return written


def _figure(candidate: str, shape: TermShape, states: str) -> Figure:
    from matplotlib.figure import Figure

    wide = shape.square is not None
    figure = Figure(figsize=(10.4 if wide else 6.4, 4.8), dpi=140, layout="constrained")
    panels = figure.subplots(1, 2 if wide else 1, squeeze=False)[0]
    if shape.axes[0].flag:
        _draw_flag(panels[0], shape)
    else:
        _draw_line(panels[0], shape)
    _name_line(panels[0], shape)
    if wide:
        _draw_square(figure, panels[1], shape)
    weight = "" if shape.weight is None else f", weight {shape.weight:g}"
    kind = "the potential" if shape.weight is None else f"term '{shape.name}'"
    figure.suptitle(f"{candidate}: {kind}{weight}", fontsize=12.5, fontweight="bold", parse_math=False)
    note = "\n".join(_notes(shape, states, LINE_LENGTH if wide else NARROW_LENGTH))
    figure.supxlabel(note, fontsize=8.5, color=GREY, x=0.01, ha="left", parse_math=False)
    return figure


def _draw_line(axes: Axes, shape: TermShape) -> None:
    """Over the entry that moves it most: median and spread over the states, and where these were."""
    axis, spread = shape.axes[0], len(shape.axes) > 1
    axes.plot(axis.grid, shape.middle, color=COLOURS[0], linewidth=2.2, label="median" if spread else None)
    if spread:
        axes.fill_between(
            axis.grid, shape.low, shape.high, color=COLOURS[0], alpha=0.18, linewidth=0, label="80 % of states"
        )
    axes.plot(
        axis.recorded, [0.02] * len(axis.recorded), "|", color=COLOURS[1], markersize=9,
        transform=axes.get_xaxis_transform(), label="where the robot was",
    )  # fmt: skip
    axes.margins(x=0.0)


def _draw_flag(axes: Axes, shape: TermShape) -> None:
    """Over an entry that is 0 or 1."""
    axis = shape.axes[0]
    for place, name in ((0, "no"), (-1, "yes")):
        seen = int((axis.recorded.round() == axis.grid[place]).sum())
        label = f"{name}: {seen} of {len(axis.recorded)} states"
        axes.bar([label], shape.middle[place], width=0.5, color=COLOURS[0])
        axes.vlines([label], shape.low[place], shape.high[place], color=GREY, linewidth=1.6)
    axes.axhline(0.0, color=GREY, linewidth=1.0)


def _name_line(axes: Axes, shape: TermShape) -> None:
    from matplotlib.ticker import MaxNLocator

    axis = shape.axes[0]
    axes.set_xlabel(axis.title, parse_math=False)
    axes.set_ylabel(shape.quantity)
    count = len(shape.axes)
    title = f"Over what moves it most, of the {count} numbers it reads" if count > 1 else "Over the one number it reads"
    axes.set_title(title, fontsize=10, loc="left")
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.06 * (high - low), high + 0.16 * (high - low))  # room for the legend
    if not axis.flag:
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.legend(
            frameon=False,
            fontsize=8.5,
            loc="upper left",
            ncols=3,
            borderaxespad=0.2,
            columnspacing=1.2,
            handlelength=1.4,
        )


def _draw_square(figure: Figure, axes: Axes, shape: TermShape) -> None:
    """Over the two entries that move it most: the mean over the states, and where these were."""
    from matplotlib.ticker import MaxNLocator

    square = shape.square
    assert square is not None
    x, y = shape.axes[:2]
    largest = float(np.nanmax(np.abs(square)))
    both = float(np.nanmin(square)) < 0.0 < float(np.nanmax(square))
    limits: dict[str, Any] = {"cmap": "RdBu", "vmin": -largest, "vmax": largest} if both else {"cmap": "viridis"}
    extent = (x.grid[0], x.grid[-1], y.grid[0], y.grid[-1])
    image = axes.imshow(square, origin="lower", aspect="auto", extent=extent, interpolation="bilinear", **limits)
    axes.plot(
        x.recorded, y.recorded, "o", color=COLOURS[1], markersize=3.4, markeredgecolor="white", markeredgewidth=0.5
    )
    axes.grid(visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.set_xlabel(x.title, parse_math=False)
    axes.set_ylabel(y.title, parse_math=False)
    axes.set_title("Over the two that move it most; dots: where the robot was", fontsize=10, loc="left")
    figure.colorbar(image, ax=axes, label=shape.quantity)


def _notes(shape: TermShape, states: str, length: int) -> list[str]:
    """What the fields mean, and at what everything else is held."""
    shown = shape.axes[: 2 if shape.square is not None else 1]
    labels: dict[str, list[str]] = {}
    for axis in shown:
        labels.setdefault(axis.meaning, []).append(axis.label)
    lines = [f"{', '.join(names)}: {meaning}." for meaning, names in labels.items()]
    others = [axis.label for axis in shape.axes[len(shown) :]]
    if others:
        named = ", ".join(others[:NAMED]) + (f" and {len(others) - NAMED} more" if len(others) > NAMED else "")
        lines.append(f"It also reads {named}.")
    if len(shape.axes) > 1:
        lines.append(f"What is not on an axis is held at {states}: a line is their median, a colour their mean.")
    else:
        lines.append(f"Where the robot was: {states}.")
    return [wrapped for line in lines for wrapped in textwrap.wrap(line, length)]
