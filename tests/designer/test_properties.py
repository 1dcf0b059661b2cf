"""Reading pairs that a model wrote, whatever is around them and in them."""

from __future__ import annotations

import json

import pytest

from autoreward.designer.properties import parse_properties
from autoreward.records import Completion

PAIR = {"better": {"words": "runs", "speed": {"x": 1}}, "worse": {"words": "stands"}, "why": "run"}


def read(text: str, **changes: object) -> tuple[tuple[object, ...], tuple[str, ...]]:
    return parse_properties(Completion(prompt="pairs", text=text, designer="d", **changes))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"pairs": [PAIR]}),
        json.dumps([PAIR]),
        f"Here they are:\n\n```json\n{json.dumps({'pairs': [PAIR]}, indent=1)}\n```\nAll hold.",
        f"<think>[1, 2]</think>\n{json.dumps({'pairs': [PAIR]})}",
    ],
)
def test_a_list_of_pairs(text: str) -> None:
    (pair,), wrong = read(text)
    assert (pair.better.words, pair.better.speed, pair.worse.seconds, wrong) == ("runs", {"x": 1.0}, 1.0, ())


@pytest.mark.parametrize("text", ["", "I would rather not.", "{", '{"pairs": 3}', "[" * 5000, '{"pairs": [}'])
def test_no_list_is_said(text: str) -> None:
    assert read(text) == ((), ("the reply holds no list of pairs in JSON",))


def test_an_empty_list_is_said_to_be_empty() -> None:
    assert read("[]") == read('{"pairs": []}') == ((), ("the list of pairs in the reply is empty",))


def test_a_refusal_is_said() -> None:
    assert read("no", status="refused") == ((), ("the model gave no pairs: refused",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"better": {"words": "runs", "seconds": 0.5}}, "expected 0 (a single step) or 1 and more"),
        ({"better": {"words": "runs", "seconds": 2}}, "do not last equally long"),
        ({"better": {"words": ""}}, "better.words"),
        ({"better": {"words": "runs", "pose": {"x": "far"}}}, "better.pose.x"),
        ({"better": {"words": "runs", "speed": {"x": 1e9}}}, "better.speed.x"),
        ({"better": {"words": "runs", "speed": {"x": float("nan")}}}, "better.speed.x"),
        ({"better": {"words": "runs", "force": 1}}, "better.force"),
        ({"better": {"words": "runs", "find": "mean(x)", "pose": {"x": 1}}}, "either found in episodes or placed"),
        (
            {"worse": {"words": "s", "seconds": 0, "pose": {"x": [1, 2]}}, "better": {"words": "r", "seconds": 0}},
            "one number",
        ),
        ({"better": None}, "better"),
    ],
)
def test_a_pair_that_cannot_be_used_is_left_out_with_the_reason(change: dict[str, object], said: str) -> None:
    pairs, wrong = read(json.dumps({"pairs": [PAIR | change, PAIR, 7]}))
    assert len(pairs) == 1 and len(wrong) == 2
    assert wrong[0].startswith("pair 1: ") and said in wrong[0]


def test_words_are_fit_to_be_shown() -> None:
    (pair,), _ = read(json.dumps([PAIR | {"better": {"words": "runs\u202e\u001b[31m\nfar"}}]))
    assert pair.better.words == "runs far"


def test_no_more_than_twelve() -> None:
    pairs, wrong = read(json.dumps([PAIR] * 40))
    assert (len(pairs), wrong) == (12, ("the last 28 pairs: at most 12 are read",))
