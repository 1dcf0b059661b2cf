"""A program's text made fit to stand inside another file."""

from __future__ import annotations

import ast
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.errors import UsageError
from autoreward.export.source import attributes_read, checked_tree, constant_of
from autoreward.export.source import embeddable as embeddable_tree
from autoreward.reward.language.rules import parse
from tests.reward.robot import ROBOT

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "accepted"
ACCEPTED = sorted(CORPUS.glob("*.py"))


def embeddable(source: str, fields: Collection[str], reserved: Collection[str]) -> str:
    """The text of the checked program."""
    return embeddable_tree(source, checked_tree(source, fields), reserved)


FIELDS = ("torso_up", "GAMMA")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import math\nA = 1  # one\n", "A = 1  # one\n"),
        ("# first\nimport math\n\nA = '''\nimport math\n'''\n", "# first\nA = '\\nimport math\\n'\n"),
        ("from typing import (\n    Any,\n)\nA: Any = 1", "A = 1\n"),
        ("import math; A = math.pi  # pi", "A = math.pi  # pi\n"),
        ("A = 1  # old Mac\rimport math\rB = 2\r", "A = 1  # old Mac\nB = 2\n"),
        ("A = (1,  # one\n     2)  # two", "# one\n# two\nA = (1, 2)\n"),
        ("A = 1\n# --- How it is applied: float32", "A = 1\n"),
        ("A = 1\n# the end", "A = 1\n# the end\n"),
        (
            "def f(x):  # head\n    # body\n    if x:\n        # inner\n        return 1\n    return x.sum()  # end\n",
            "# head\ndef f(x):\n    # body\n    if x:\n        # inner\n        return 1\n    return x.sum()  # end\n",
        ),
        (
            "def f(x: float, y: 'jnp.ndarray' = None) -> float:\n    z: float\n    return x",
            "def f(x, y=None):\n    pass\n    return x\n",
        ),
    ],
)
def test_the_checked_tree_is_written_with_its_comments(source: str, expected: str) -> None:
    assert embeddable(source, FIELDS, ()).strip() == expected.strip()


@pytest.mark.parametrize("name", [path.stem for path in ACCEPTED])
def test_what_is_written_is_the_checked_tree(name: str) -> None:
    source = (CORPUS / f"{name}.py").read_text("utf-8")
    fields = [field.name for field in ROBOT.fields]
    written = embeddable(source, fields, ())
    assert ast.dump(ast.parse(written)) == ast.dump(checked_tree(source, fields))
    kept = [line.strip() for line in source.splitlines() if line.strip().startswith("# ")]
    assert all(comment in written for comment in kept)


@given(
    st.lists(
        st.sampled_from(
            ["A = 1", "# note", "def f(x):", "    return x", "    # in", "  # odd", "", "B = [", "]", "1,", "if 1:"]
        )
    )
)
def test_comments_never_change_the_program(lines: list[str]) -> None:
    source = "\n".join(lines)
    parsed = parse(source, FIELDS)
    if parsed.tree is not None and parsed.runnable:
        assert ast.dump(ast.parse(embeddable(source, FIELDS, ()))) == ast.dump(parsed.tree)


@pytest.mark.parametrize(
    "source", ["import os", "A = 1\nA[open('x')]: float", "def f(x: open('y')): return x", "A = ("]
)
def test_what_the_rules_refuse_is_never_written(source: str) -> None:
    with pytest.raises(UsageError, match="not in the reward language"):
        embeddable(source, FIELDS, ())


def test_reserved_names_get_another_ending_everywhere() -> None:
    source = "import math\nGAMMA = 1\ndef reward(x, y=2):\n    return x.GAMMA * GAMMA\nB = reward(1, y=2)\n"
    assert embeddable(source, FIELDS, {"GAMMA", "reward"}) == (
        "GAMMA_of_program = 1\n\n"
        "def reward_of_program(x, y=2):\n    return x.GAMMA * GAMMA_of_program\n"
        "B = reward_of_program(1, y=2)\n"
    )


def test_local_variables_are_no_clash() -> None:
    source = "def f(x):\n    reward = x  # stays\n    return reward\n"
    assert embeddable(source, FIELDS, {"reward"}) == source


@pytest.mark.parametrize(
    ("source", "value"),
    [('W = {"a": -1.5}', {"a": -1.5}), ("W: dict = {}", {}), ("W = {'a': 1 / 3}", None), ("V = 1", None)],
)
def test_constants(source: str, value: object) -> None:
    assert constant_of(checked_tree(source, ()), "W") == value


def test_attributes() -> None:
    assert attributes_read(ast.parse("def f(s):\n    return jnp.exp(s.tilt[..., 0])\n")) == {"exp", "tilt"}
