"""A program's text made fit to stand inside another file."""

from __future__ import annotations

import pytest

from autoreward.export.source import attributes_read, constant_of, embeddable


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import math\nA = 1  # one\n", "A = 1  # one\n"),
        ("# first\nimport math\n\nA = '''\nimport math\n'''\n", "# first\n\nA = '''\nimport math\n'''\n"),
        ("from typing import (\n    Any,\n)\nA: Any = 1", "A: Any = 1\n"),
        ("import math; A = math.pi  # pi", "A = math.pi\n"),
        ("A = 1  # \x0c form feed\r\nimport math\r\nB = 2\r\n", "A = 1  # \x0c form feed\nB = 2\n"),
    ],
)
def test_imports_go_and_the_rest_stays(source: str, expected: str) -> None:
    assert embeddable(source, ()) == expected


def test_reserved_names_get_another_ending_everywhere() -> None:
    source = "import math\nGAMMA = 1\ndef reward(x, GAMMA=GAMMA):\n    return x.GAMMA\nB = reward(1, GAMMA=2)\n"
    assert embeddable(source, {"GAMMA", "reward"}) == (
        "GAMMA_of_program = 1\n\n"
        "def reward_of_program(x, GAMMA_of_program=GAMMA_of_program):\n    return x.GAMMA\n"
        "B = reward_of_program(1, GAMMA_of_program=2)\n"
    )


def test_local_variables_are_no_clash() -> None:
    source = "def f(x):\n    reward = x  # stays\n    return reward\n"
    assert embeddable(source, {"reward"}) == source


@pytest.mark.parametrize(
    ("source", "value"),
    [('W = {"a": -1.5}', {"a": -1.5}), ("W: dict = {}", {}), ("W = {'a': 1 / 3}", None), ("V = 1", None)],
)
def test_constants(source: str, value: object) -> None:
    assert constant_of(source, "W") == value


def test_attributes() -> None:
    assert attributes_read("def f(s):\n    return jnp.exp(s.tilt[..., 0])\n") == {"exp", "tilt"}
