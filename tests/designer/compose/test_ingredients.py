"""Terms of the library, and the expressions that they are written with, evaluated by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from autoreward.designer.compose.ingredients import bell, cost, from_rest, goal, guide, scaled, square_size
from autoreward.records import FieldSpec


def value(expression: str, **fields: object) -> np.ndarray:
    names = {"jnp": np, "next_state": SimpleNamespace(**fields), "params": {"width": 2.0}}
    return np.asarray(eval(expression, names))


def test_kinds() -> None:
    assert [one.kind for one in (goal("a", "g", 1.0, "x"), guide("a", "b", 1.0, "x"), cost("a", "c", -1.0, "x"))] == [
        "goal", "guide", "cost",
    ]  # fmt: skip


def test_a_bell_is_one_at_zero_and_falls_to_both_sides() -> None:
    values = value(bell(scaled("next_state.x - 1.0", "width")), x=np.array([1.0, 3.0, -1.0]))
    assert values == pytest.approx([1.0, np.exp(-1.0), np.exp(-1.0)])


def test_the_squared_length_of_a_field() -> None:
    vector = FieldSpec(name="v", shape=(3,), unit="m/s", meaning="")
    assert value(square_size(vector), v=np.array([[1.0, 2.0, 2.0]])).tolist() == [9.0]
    scalar = FieldSpec(name="v", unit="m/s", meaning="")
    assert value(square_size(scalar), v=np.array([-3.0])).tolist() == [9.0]


@pytest.mark.parametrize(("rest", "distance"), [(None, 3.0), (0.0, 3.0), (0.01, 3.0), (2.0, 1.0), (-1.0, 4.0)])
def test_the_distance_from_where_a_field_rests(rest: float | None, distance: float) -> None:
    """Where episodes start, never the middle of the range."""
    source = FieldSpec(name="x", unit="m", meaning="", low=1.0, high=4.0, rest=rest)
    assert value(from_rest(source), x=np.array([3.0])).tolist() == [distance]
