"""What a model that looked at two episodes says, read from its reply."""

from __future__ import annotations

import pytest

from autoreward.designer.rater import Seen, parse_rating
from autoreward.records import Completion


def read(text: str, status: str = "answered") -> Seen:
    facts = {"prompt": "p", "text": text, "designer": "openai/eyes", "status": status}
    return parse_rating(Completion.model_validate(facts))


@pytest.mark.parametrize(
    ("better", "verdict"),
    [("A", "a"), (" b. ", "b"), ("Tie", "tie"), ("both bad", "both_bad"), ("BOTH_BAD", "both_bad")],
)
def test_the_four_answers_are_read(better: str, verdict: str) -> None:
    said = f'Well.\n```json\n{{"A": "walks", "B": "falls", "better": "{better}", "why": "it\\nstays up"}}\n```'
    assert read(said) == Seen(verdict, "it stays up")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "A is better", '{"better": "C"}', '{"better": 1}', "[1]", '{"better": "A"'])
def test_what_cannot_be_read_is_no_verdict(text: str) -> None:
    seen = read(text)
    assert seen.verdict is None and seen.why


def test_a_refusal_is_no_verdict() -> None:
    assert read("I cannot look at images.", "refused").verdict is None
