"""Copies of earlier candidates, and programs that nearly pay the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from autoreward.analyzer import Family, Relative
from autoreward.analyzer.duplicates import find_duplicate
from tests.analyzer.relatives import NAN, relative

if TYPE_CHECKING:
    pass

CURVE = [NAN, 1.0, 2.0, 4.0]


def told(own: Relative, *earlier: Relative) -> str:
    found = find_duplicate(Family(own, None, earlier))
    return found.evidence if found else ""


def test_the_same_program_with_the_same_weights_is_a_duplicate() -> None:
    first, second = relative("g00c00", {"a": 1.0, "b": -0.5}), relative("g00c01", {"a": 1.0, "b": -0.5})
    assert told(second, first) == "it pays the same as g00c00: the program and its parameters are the same."
    assert told(first) == ""


def test_weights_that_are_a_multiple_make_a_duplicate() -> None:
    first, second = relative("g00c00", {"a": 1.0, "b": -0.5}), relative("g00c01", {"a": 3.0, "b": -1.5})
    assert told(second, first).startswith("it pays 3 times what is paid by g00c00")


@pytest.mark.parametrize(
    "other",
    [
        relative("g00c00", {"a": 1.0, "b": -0.4}),  # another proportion
        relative("g00c00", {"a": -1.0, "b": 0.5}),  # the opposite
        relative("g00c00", {"a": 1.0, "b": -0.5}, params={"width": 0.1}),
        relative("g00c00", {"a": 1.0, "b": -0.5}, digest="e"),
        relative("g00c00", {"a": 2.0, "b": -1.0}, potential=True),  # the potential is not scaled
    ],
)
def test_programs_that_nearly_pay_the_same(other: Relative) -> None:
    assert told(relative("g00c01", {"a": 1.0, "b": -0.5}, potential=other.reward.has_potential), other) == ""


def test_equal_own_returns_for_every_seed_show_a_duplicate() -> None:
    first = relative("g00c00", {"a": 1.0}, digest="d", curves={0: CURVE, 1: [1, 2, 3]})
    second = relative("g00c01", {"b": 1.0}, digest="e", curves={0: CURVE, 1: [1, 2, 3]})
    assert told(second, first) == "own return was equal to that of g00c00 all along, for every seed."


@pytest.mark.parametrize(
    "curves",
    [
        {0: CURVE, 1: [1, 2, 3 + 1e-6]},  # one seed in the last digit
        {0: CURVE, 1: [0, 0, 1]},
        {0: [0.0, 0.0, 0.0, 0.0], 1: [1, 2, 3]},
    ],
)
def test_own_returns_that_differ_anywhere(curves: dict[int, list[float]]) -> None:
    first = relative("g00c00", {"a": 1.0}, digest="d", curves={0: CURVE, 1: [1, 2, 3]})
    assert told(relative("g00c01", {"b": 1.0}, digest="e", curves=curves), first) == ""


def test_returns_without_a_story_are_no_proof() -> None:
    nothing = {0: [NAN, 1000.0, 1000.0, 1000.0]}  # an episode that always lasts and pays 1 a step
    first = relative("g00c00", {"a": 1.0}, digest="d", curves=nothing)
    assert told(relative("g00c01", {"b": 1.0}, digest="e", curves=nothing), first) == ""
