"""What stands in a generated file reads back as what was meant, in lines that are short enough."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.pack_tools.scaffold.drafts import Draft
from autoreward.pack_tools.scaffold.text import (
    facts,
    literal,
    long_numbers,
    long_text,
    number,
    numbers,
    sentences,
    strings,
)

LINE = 120
WORDS = st.lists(st.sampled_from(["word", "a-hyphen", "'quoted'", "été"]), min_size=1, max_size=60)


@given(st.text(max_size=300))
def test_a_string_reads_back(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@given(WORDS.map(" ".join))
def test_a_long_string_reads_back_from_short_lines(text: str) -> None:
    written = long_text(text)
    assert ast.literal_eval(written) == text
    assert all(len(line) <= LINE for line in written.splitlines())


@given(st.lists(st.integers(-(10**6), 10**6).map(lambda value: value / 1000.0), max_size=60))
def test_numbers_read_back(values: list[float]) -> None:
    assert ast.literal_eval(numbers(values)) == tuple(float(number(value)) for value in values)
    written = long_numbers(values)
    assert ast.literal_eval(written) == ast.literal_eval(numbers(values))
    assert all(len(line) <= LINE for line in written.splitlines())


def test_one_item_is_a_tuple_too() -> None:
    assert (numbers([0.5]), strings(["a"]), numbers([])) == ("(0.5,)", '("a",)', "()")


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_a_list_in_words(names: list[str], text: str) -> None:
    assert sentences(names) == text
    assert sentences(["a", "b"], "or") == "a or b"


def test_a_declaration_reads_back() -> None:
    draft = Draft(
        name="joint_position", expression="data.qpos", meaning="angle of each joint, " * 8, shape=(12,), unit="rad",
        frame="joint", components=tuple(f"a_rather_long_joint_{index}" for index in range(12)), observable=False,
    )  # fmt: skip
    lines = facts(draft)
    assert all(len(line) <= LINE - 8 for line in lines)
    call = ast.parse("dict(\n" + "\n".join(lines) + "\n)", mode="eval").body
    assert isinstance(call, ast.Call)
    assert {one.arg: ast.literal_eval(one.value) for one in call.keywords} == {
        "shape": (12,), "unit": "rad", "frame": "joint", "observable": False, "components": draft.components,
        "meaning": draft.meaning,
    }  # fmt: skip


def test_what_is_usual_is_not_written() -> None:
    assert facts(Draft(name="x", expression="data.x", meaning="x")) == ['unit="1",', 'meaning="x",']
