"""Where lines, bands and nodes lie, beside what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.pages.charts import BAND, HEIGHT, LEFT, RIGHT, TOP, WIDTH, income_bands, line_chart, lineage


def test_a_curve_goes_from_corner_to_corner() -> None:
    chart = line_chart("success", {"a": [(0.0, 0.0), (10.0, 4.0)]})
    assert chart is not None
    assert chart.lines[0].path == f"M{LEFT} {chart.bottom} L{WIDTH - RIGHT} {TOP}"
    assert [tick.text for tick in chart.y_ticks] == ["0", "1", "2", "3", "4"]
    assert chart.bottom < HEIGHT


def test_what_is_unknown_is_left_out_and_nothing_known_is_no_chart() -> None:
    assert line_chart("x", {"a": [(0.0, None), (1.0, float("nan"))], "b": []}) is None
    chart = line_chart("x", {"a": [(0.0, None), (1.0, 2.0)], "b": []})
    assert chart is not None and [line.label for line in chart.lines] == ["a"]


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-12, 1e12])
def test_a_single_point_is_a_stroke_in_the_chart(value: float) -> None:
    chart = line_chart("x", {"a": [(0.0, value)]}, whole=True)
    assert chart is not None
    numbers = chart.lines[0].path.replace("M", "").replace("L", "").split()
    assert all(0 <= float(y) <= HEIGHT for y in numbers[1::2])


def test_steps_are_written_short() -> None:
    chart = line_chart("x", {"a": [(0.0, 1.0), (2_000_000.0, 1.0)]})
    assert chart is not None
    assert [tick.text for tick in chart.x_ticks] == ["0", "500k", "1M", "1.5M", "2M"]


def test_a_band_has_its_total_its_share_and_its_zero_line() -> None:
    up, down = income_bands(["up", "down"], np.array([[3.0, -1.0], [3.0, -1.0]]))
    assert (up.total, up.share, up.zero) == (6.0, 0.75, BAND)
    assert (down.total, down.share, down.zero) == (-2.0, 0.25, 0.0)
    assert up.area.startswith(f"M0 {BAND}") and up.area.endswith("Z")
    assert income_bands(["up"], np.zeros((0, 1))) == ()


def test_a_long_episode_is_drawn_in_few_columns() -> None:
    (band,) = income_bands(["up"], np.ones((10_000, 1)))
    assert band.area.count("L") < 1000 and band.total == 10_000.0


def test_generations_are_columns_and_parents_are_joined() -> None:
    tree = lineage([
        ("g00c00", 0, (), "trained", "1", False), ("g00c01", 0, (), "refused", "-", False),
        ("g01c00", 1, ("g00c01", "gone"), "trained", "2", True),
    ])  # fmt: skip
    first, second, child = tree.nodes
    assert first.x == second.x < child.x and first.y == child.y < second.y
    assert len(tree.edges) == 1 and tree.width >= child.x and tree.height >= second.y
    assert lineage([]).nodes == ()
