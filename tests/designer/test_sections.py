"""Cutting the answer to a whole round: by headings, by comments, by order, and never inside a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.designer.parse import find_plan, find_program
from autoreward.designer.sections import split_reply

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "replies" / "rewards"
IDS = ["g00c00", "g00c01r1"]


def block(name: str, first: str = "") -> str:
    return f"```python\n{first}def potential(state, params):\n    return state.{name}\n```\n"


def programs(text: str, ids: list[str] = IDS) -> dict[str, str]:
    """By id, the field that its program returns."""
    return {name: find_program(part).strip().rpartition("state.")[2] for name, part in split_reply(text, ids).items()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## g00c00\nA plan.\n" + block("a") + "\n## g00c01r1\n" + block("b"), ["a", "b"]),
        ("Sure!\n**g00c01** (mended)\n" + block("b") + "**g00c00**\n" + block("a"), ["a", "b"]),
        ("# All in one file\n" + block("a", "# g00c00\n") + block("b", "# g00c01\n"), ["a", "b"]),
        (block("a") + "and\n" + block("b"), ["a", "b"]),
        ("## g00c00\n" + block("draft") + "better:\n" + block("a") + "## g00c01\n" + block("b"), ["a", "b"]),
        ("## g00c00\r\n" + block("a").replace("\n", "\r\n") + "## g00c01r1\r\n" + block("b"), ["a", "b"]),
    ],
)
def test_every_program_comes_to_its_id(text: str, found: list[str]) -> None:
    assert programs(text) == dict(zip(IDS, found, strict=True))


def test_what_is_missing_is_left_out() -> None:
    assert programs("## g00c00\n" + block("a")) == {"g00c00": "a"}
    assert programs("## g00c00\nI cannot do that.\n## g00c01\n" + block("b")) == {"g00c01r1": "b"}
    assert programs(block("a")) == {}  # one program for two ids: nobody knows whose it is
    assert programs("No.") == {}


def test_a_single_question_takes_the_whole_answer() -> None:
    assert programs("As asked:\n" + block("a"), ["g03c01"]) == {"g03c01": "a"}


def test_a_heading_inside_a_program_begins_nothing() -> None:
    code = "```python\n\n\n\n\n# g00c01 did this worse\ndef potential(state, params):\n    return state.a\n```\n"
    assert programs("## g00c00\n" + code) == {"g00c00": "a"}


def test_an_answer_that_was_cut_off_holds_no_half_program() -> None:
    text = "## g00c00\n" + block("a") + "## g00c01\n```python\ndef potential(state, params):\n    return sta"
    assert list(split_reply(text, IDS, cut=True)) == ["g00c00"]
    assert list(split_reply(text, IDS)) == IDS  # a fence that was only forgotten


@pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded replies at {RECORDED}")
def test_recorded_replies_are_the_same_programs_and_plans_in_one_answer() -> None:
    """Eight replies of a strong model for each task, as one answer to a whole generation."""
    found = 0
    for folder in sorted(RECORDED.iterdir()):
        single = {file.stem: file.read_text() for file in sorted(folder.glob("*.md"))}
        together = "\n\n".join(f"## {name}\n\n{text}" for name, text in single.items())
        parts = split_reply(together, list(single))
        for name, text in single.items():
            assert find_program(parts[name]) == find_program(text) != ""
            assert find_plan(parts[name]) == find_plan(text)
            found += 1
    assert found == 104
