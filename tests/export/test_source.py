"""A program's text made fit to stand inside another file."""

from __future__ import annotations

import ast
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.errors import UsageError
from autoreward.export.source import attributes_read, checked_tree, program_text, renamed, with_numbers
from autoreward.reward.language.rules import parse
from tests.reward.robot import ROBOT

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "accepted"
ACCEPTED = sorted(CORPUS.glob("*.py"))


def embeddable(source: str, fields: Collection[str], reserved: Collection[str]) -> str:
    """The text of the checked program."""
    return program_text(renamed(checked_tree(source, fields), reserved), source)


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A = 1\ndef f(x=A):\n    return x.A * A", "A_ = 1\n\ndef f(x=A_):\n    return x.A * A_"),
        ("A = 1\ndef f(A):\n    return A\nB = f(A=A)", "A_ = 1\n\ndef f(A):\n    return A\nB = f(A=A_)"),
        ("A = 1\ndef f():\n    A = 2\n    return A", "A_ = 1\n\ndef f():\n    A = 2\n    return A"),
        ("A = 1\nB = lambda A: A\nC = lambda x=A: A", "A_ = 1\nB = lambda A: A\nC = lambda x=A_: A_"),
        ("A = 1\nB = [A for A in (A, 2)]", "A_ = 1\nB = [A for A in (A_, 2)]"),
        ("A = 1\nB = {A: x for x in (1, A) if A}", "A_ = 1\nB = {A_: x for x in (1, A_) if A_}"),
        ("A = 1\nA_of_program = 2", "A__ = 1\nA_ = 2"),
        ("A = {'A': 1}\nB = dict(A=A)", "A_ = {'A': 1}\nB = dict(A=A_)"),
        ("def A():\n    def A(): pass\n    return A()", "def A_():\n\n    def A():\n        pass\n    return A()"),
        ("def f():\n    def g(): return A\nA = 1", "def f():\n\n    def g():\n        return A_\nA_ = 1"),
    ],
)
def test_reserved_names_of_the_module_get_another_ending(source: str, expected: str) -> None:
    assert ast.unparse(renamed(ast.parse(source), {"A", "Z"})) == expected.replace("A_", "A_of_program")


def test_local_variables_are_no_clash() -> None:
    source = "def f(x):\n    reward = x  # stays\n    return reward\n"
    assert embeddable(source, FIELDS, {"reward"}) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("W = {'a': -0.5, 'b': 2}", "W = {'a': -0.5, 'b': 2}"),  # the same numbers: as it was written
        ("W = {'a': -1 / 2, 'b': 2.0}", "W = {'a': -1 / 2, 'b': 2.0}"),
        ("W: dict = {'a': 1.0, 'b': 2.0}", "W = {'a': -0.5, 'b': 2.0}"),
        ("V = {'a': 1.0}", "V = {'a': 1.0}"),
    ],
)
def test_numbers_are_replaced_where_they_differ(source: str, expected: str) -> None:
    tree = with_numbers(checked_tree(source, ()), {"W": {"a": -0.5, "b": 2.0}})
    assert ast.unparse(tree) == expected


def test_attributes() -> None:
    assert attributes_read(ast.parse("def f(s):\n    return jnp.exp(s.tilt[..., 0])\n")) == {"exp", "tilt"}
