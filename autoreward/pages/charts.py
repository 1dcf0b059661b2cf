"""Pictures on pages as data: where lines, bands and nodes lie. The templates draw them as SVG, without a script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autoreward.number_format import number

COLOURS = 8  # classes c0 to c7 of the style sheet
WIDTH, HEIGHT = 460, 240  # of a chart
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 26  # its margins
TICKS = 4  # of an axis, about
BAND = 30  # height of a term's band
COLUMNS = 240  # of a band at most
NODE_WIDTH, NODE_HEIGHT, GAP_X, GAP_Y = 118, 34, 46, 10  # of the lineage


@dataclass(frozen=True)
class Line:
    """One curve: `M x y L x y ...`."""

    label: str
    path: str
    colour: int


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Curves over one axis."""

    title: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


Curve = Sequence[tuple[float, float | None]]


def line_chart(title: str, curves: Mapping[str, Curve], whole: bool = False) -> Chart | None:
    """A chart of curves by their label; None where no point is known.

    Args:
        curves: points (x, y); y None: unknown.
        whole: x counts something: there are no ticks between whole numbers.
    """
    known = {label: [(x, y) for x, y in curve if y is not None and math.isfinite(y)] for label, curve in curves.items()}
    points = [point for curve in known.values() for point in curve]
    if not points:
        return None
    high_x = max(x for x, _ in points) or 1.0
    low_y, high_y = min(0.0, *(y for _, y in points)), max(0.0, *(y for _, y in points))
    span = (high_y - low_y) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * x / high_x
        return round(across, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - low_y) / span, 1)

    lines = [
        Line(label, _path([place(x, y) for x, y in curve]), index % COLOURS)
        for index, (label, curve) in enumerate(known.items())
        if curve
    ]
    x_ticks = [Tick(place(x, low_y)[0], _short(x)) for x in _round_numbers(0.0, high_x) if not whole or x == int(x)]
    y_ticks = [Tick(place(0.0, y)[1], number(y)) for y in _round_numbers(low_y, high_y)]
    return Chart(title, tuple(lines), tuple(x_ticks), tuple(y_ticks))


def _path(points: Sequence[tuple[float, float]]) -> str:
    if len(points) == 1:  # a curve of one point is a short stroke
        (x, y), *_ = points
        points = [(x - 3, y), (x + 3, y)]
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in points)


def _round_numbers(low: float, high: float) -> list[float]:
    """Round numbers from low to high, about TICKS of them."""
    step = 10.0 ** math.floor(math.log10((high - low) / TICKS or 1.0))
    step *= next(factor for factor in (1.0, 2.0, 5.0, 10.0) if (high - low) / (step * factor) <= TICKS)
    return [step * count for count in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _short(count: float) -> str:
    """`60k`, `1.5M`: numbers of steps."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(count) >= size:
            return f"{count / size:g}{letter}"
    return f"{count:g}"


# --- Income of terms along an episode ---------------------------------------------------------------------


@dataclass(frozen=True)
class Band:
    """What one term pays along an episode, as an area around its zero line."""

    name: str
    total: float
    share: float  # of the absolute income of all terms
    area: str  # in a box of 1000 x BAND
    zero: float  # y of its zero line
    colour: int


def income_bands(names: Sequence[str], income: NDArray[np.float64]) -> tuple[Band, ...]:
    """A band for each term, each on a scale of its own.

    Args:
        income: weighted terms at each step, `[L, K]`.
    """
    if not income.size:
        return ()
    whole = float(np.abs(income).sum()) or 1.0
    parts = np.array_split(income, min(COLUMNS, len(income)))
    means = np.stack([part.mean(axis=0) for part in parts])
    return tuple(
        _band(
            name, index, means[:, index], float(income[:, index].sum()), float(np.abs(income[:, index]).sum()) / whole
        )
        for index, name in enumerate(names)
    )


def _band(name: str, index: int, means: NDArray[np.float64], total: float, share: float) -> Band:
    low, high = min(0.0, float(means.min())), max(0.0, float(means.max()))
    span = (high - low) or 1.0
    zero = round(BAND * high / span, 1)
    width = 1000.0 / len(means)
    points = [f"0 {zero:g}"]
    for column, mean in enumerate(means):
        y = round(BAND * (high - float(mean)) / span, 1)
        points += [f"{column * width:.1f} {y:g}", f"{(column + 1) * width:.1f} {y:g}"]
    return Band(name, total, share, "M" + " L".join([*points, f"1000 {zero:g}"]) + "Z", zero, index % COLOURS)


# --- Lineage ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """A candidate in the lineage."""

    id: str
    x: int
    y: int
    status: str
    text: str  # its success
    best: bool = False


@dataclass(frozen=True)
class Lineage:
    """Candidates in columns of generations, and the edges from parents to children."""

    nodes: tuple[Node, ...]
    edges: tuple[str, ...]
    width: int
    height: int


def lineage(candidates: Sequence[tuple[str, int, Sequence[str], str, str, bool]]) -> Lineage:
    """Where each candidate stands.

    Args:
        candidates: (id, generation, parents, status, text, whether it is the best), in the order of their ids.
    """
    columns: dict[int, int] = {}  # how many stand in each generation
    nodes: dict[str, Node] = {}
    for name, generation, _, status, text, best in candidates:
        row = columns.get(generation, 0)
        columns[generation] = row + 1
        x, y = generation * (NODE_WIDTH + GAP_X), row * (NODE_HEIGHT + GAP_Y)
        nodes[name] = Node(name, x, y, status, text, best)
    edges = [
        _edge(nodes[parent], nodes[name])
        for name, _, parents, *_ in candidates
        for parent in parents
        if parent in nodes
    ]
    width = (max(columns, default=0) + 1) * (NODE_WIDTH + GAP_X) - GAP_X
    height = max(columns.values(), default=1) * (NODE_HEIGHT + GAP_Y) - GAP_Y
    return Lineage(tuple(nodes.values()), tuple(edges), width, height)


def _edge(parent: Node, child: Node) -> str:
    start, end = parent.x + NODE_WIDTH, child.x
    above, below = parent.y + NODE_HEIGHT / 2, child.y + NODE_HEIGHT / 2
    middle = (start + end) / 2
    return f"M{start} {above:g} C{middle:g} {above:g} {middle:g} {below:g} {end} {below:g}"
