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

from autoreward.export.picture import COLOURS, GREY, STYLE, rendered
from autoreward.ledger.files import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

LINE_LENGTH = 118  # characters of a note below two panels
NARROW_LENGTH = 72  # below one
NAMED = 4  # other fields that a note names
DOTS = 400  # recorded states at most in a square


@dataclass(frozen=True)
class Axis:
    """One entry of one field: where it was, and the values that are drawn."""

    label: str  # "torso_velocity.x"
    unit: str
    meaning: str
    grid: NDArray[Any]  # [G] over the range seen
    recorded: NDArray[Any]  # [S] of the states at which the rest is held

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


def term_pictures(folder: Path, candidate: str, shapes: Sequence[TermShape]) -> list[Path]:
    """One PNG a term that depends on anything, in program order.

    Raises:
        StorageError: a file cannot be written.
    """
    import matplotlib as mpl

    written = []
    with mpl.rc_context(STYLE):
        for shape in shapes:
            if shape.axes:
                file = folder / f"{shape.place + 1:02d}_{re.sub(r'[^A-Za-z0-9_]+', '_', shape.name)}.png"
                write_atomic(file, rendered(_figure(candidate, shape), "png"))
                written.append(file)
    return written


def _figure(candidate: str, shape: TermShape) -> Figure:
    from matplotlib.figure import Figure

    wide = shape.square is not None
    figure = Figure(figsize=(10.0 if wide else 6.2, 4.6), dpi=140, layout="constrained")
    panels = figure.subplots(1, 2 if wide else 1, squeeze=False)[0]
    _draw_line(panels[0], shape)
    if wide:
        _draw_square(figure, panels[1], shape)
    weight = "" if shape.weight is None else f", weight {shape.weight:g}"
    kind = "the potential" if shape.weight is None else f"term '{shape.name}'"
    figure.suptitle(f"{candidate}: {kind}{weight}", fontsize=12.5, fontweight="bold", parse_math=False)
    note = _note(shape, LINE_LENGTH if wide else NARROW_LENGTH)
    figure.supxlabel(note, fontsize=8.5, color=GREY, x=0.01, ha="left", parse_math=False)
    return figure


def _draw_line(axes: Axes, shape: TermShape) -> None:
    """Over the entry that moves it most: median and spread over the states."""
    axis = shape.axes[0]
    axes.plot(axis.grid, shape.middle, color=COLOURS[0], linewidth=2.2, label="median of the states")
    if len(shape.axes) > 1:
        axes.fill_between(
            axis.grid, shape.low, shape.high, color=COLOURS[0], alpha=0.18, linewidth=0, label="80 % of the states"
        )
    axes.plot(
        axis.recorded, [0.015] * len(axis.recorded), "|", color=COLOURS[1], markersize=9,
        transform=axes.get_xaxis_transform(), clip_on=False, label="where the robot was",
    )  # fmt: skip
    axes.set_xlabel(axis.title, parse_math=False)
    axes.set_ylabel(shape.quantity)
    more = f", of {len(shape.axes)} entries that it reads" if len(shape.axes) > 1 else ""
    axes.set_title(f"Over the entry that moves it most{more}" if more else "Over the one entry that it reads",
                   fontsize=10, loc="left")  # fmt: skip
    axes.legend(frameon=False, fontsize=8.5)
    axes.margins(x=0.0, y=0.12)


def _draw_square(figure: Figure, axes: Axes, shape: TermShape) -> None:
    """Over the two entries that move it most: the mean over the states, and where these were."""
    import numpy as np

    square = shape.square
    assert square is not None
    x, y = shape.axes[:2]
    largest = float(np.nanmax(np.abs(square)))
    both = float(np.nanmin(square)) < 0.0 < float(np.nanmax(square))
    limits: dict[str, Any] = {"cmap": "RdBu", "vmin": -largest, "vmax": largest} if both else {"cmap": "viridis"}
    extent = (x.grid[0], x.grid[-1], y.grid[0], y.grid[-1])
    image = axes.imshow(square, origin="lower", aspect="auto", extent=extent, interpolation="bilinear", **limits)
    axes.plot(
        x.recorded[:DOTS], y.recorded[:DOTS], "o", color=COLOURS[1], markersize=3.2, markeredgecolor="white",
        markeredgewidth=0.5,
    )  # fmt: skip
    axes.grid(visible=False)
    axes.set_xlabel(x.title, parse_math=False)
    axes.set_ylabel(y.title, parse_math=False)
    axes.set_title("Over the two that move it most", fontsize=10, loc="left")
    figure.colorbar(image, ax=axes, label=shape.quantity)


def _note(shape: TermShape, length: int) -> str:
    """What the fields mean, and at what the others are held."""
    lines = [f"{axis.label}: {axis.meaning}." for axis in shape.axes[: 2 if shape.square is not None else 1]]
    others = [axis.label for axis in shape.axes[2:]]
    named = ", ".join(others[:NAMED]) + (f" and {len(others) - NAMED} more" if len(others) > NAMED else "")
    held = f"The other entries that it reads ({named}) are" if others else "Whatever else it reads is"
    if len(shape.axes) > 1:
        lines.append(f"{held} held at states of the candidate's best and worst evaluation episode.")
    return "\n".join(wrapped for line in lines for wrapped in textwrap.wrap(line, length))
