"""Comments of a program, put back into its text that was written anew."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.export.comments import plain_line, with_comments


def commented(source: str) -> str:
    tree = ast.parse(source)
    return with_comments(ast.unparse(tree), source, tree)


def test_comments_stand_where_they_stood() -> None:
    source = "# first\nx = 1  # behind\n\ndef f(a):\n    # inside\n    return a\n# last\n"
    assert commented(source) == "# first\nx = 1  # behind\n\ndef f(a):\n    # inside\n    return a\n# last\n"


def test_a_comment_within_a_long_statement_goes_above_it() -> None:
    assert commented("x = (\n    1  # one\n    + 2\n)\n") == "# one\nx = 1 + 2\n"


@pytest.mark.parametrize("comment", ["# --- a separator", "# a\u202eb"])
def test_what_would_mislead_is_left_out(comment: str) -> None:
    assert commented(f"x = 1  {comment}\n").strip() == "x = 1"


def test_a_hash_in_a_string_is_no_comment() -> None:
    assert commented("x = '# no'\n").strip() == "x = '# no'"


@given(
    st.lists(st.sampled_from(["x = 1", "# c", "def f(a):\n    # d\n    return a  # e", "y = (1,  # g\n     2)", ""]))
)
def test_the_program_stays_the_same(parts: list[str]) -> None:
    source = "\n".join(parts) + "\n"
    assert ast.dump(ast.parse(commented(source))) == ast.dump(ast.parse(source))


@given(st.text())
def test_a_plain_line_is_one_printable_line(text: str) -> None:
    line = plain_line(text)
    assert line.isprintable() and "\n" not in line
