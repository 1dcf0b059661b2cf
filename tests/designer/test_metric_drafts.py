"""What is read of a reply that drafts a metric."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.designer.metric_drafts import draft_id, parse_metric_draft, parse_questions, read_head
from autoreward.records import Completion

PROGRAM = "def success(trajectory, params):\n    return {}\n"
RECORDED = Path(__file__).resolve().parents[3] / "shared" / "replies" / "metrics"


def reply(text: str, status: str = "answered") -> Completion:
    return Completion.model_validate({"prompt": "m01", "text": text, "designer": "openai/scripted", "status": status})


def test_sentence_unit_reference_and_program() -> None:
    text = f"Success is the distance along +x.\n\nunit: m (of at most 8 s)\nreference: 10\n\n```python\n{PROGRAM}```\n"
    draft = parse_metric_draft(reply(text), "m01")
    assert draft.sentence == "Success is the distance along +x."
    assert (draft.unit, draft.reference, draft.source) == ("m", 10.0, PROGRAM)
    metric = draft.as_metric()
    assert (metric.origin, metric.meaning, metric.code) == ("model", draft.sentence, PROGRAM)


@pytest.mark.parametrize(
    ("stated", "unit"),
    [
        ("m/s", "m/s"),
        ("s (of 10 s)", "s"),
        ("success rate, 0/1", "1"),
        ("share of the last 5 s", "1"),
        ("score from 0 to 1", "1"),
        ("metres of net forward distance", "1"),  # no symbol, an explanation
        ("", "1"),
        ("m\u2028import os", "m import os"),
    ],
)
def test_a_unit_is_a_symbol(stated: str, unit: str) -> None:
    assert read_head(f"Far.\nunit: {stated}\nreference: 1\n")[1] == unit


@pytest.mark.parametrize(
    ("stated", "reference"),
    [
        ("0.95", 0.95),
        ("-1.5 cm", -1.5),
        ("about 1e3", 1000.0),
        ("none", None),
        ("", None),
        ("1e999", None),
        ("9" * 2000, None),
    ],
)
def test_a_reference_is_a_number_or_nothing(stated: str, reference: float | None) -> None:
    assert read_head(f"Far.\nunit: m\nreference: {stated}\n")[2] == reference


def test_marks_thoughts_and_controls_do_not_reach_the_sentence() -> None:
    text = f"<think>\nunit: kg\n</think>\n**Far\x1b[31m away.**\n**unit:** m\n- reference: 2\n```python\n{PROGRAM}```"
    draft = parse_metric_draft(reply(text), "m01")
    assert "\x1b" not in draft.sentence and draft.sentence.startswith("Far")
    assert (draft.unit, draft.reference) == ("m", 2.0)


@pytest.mark.parametrize("text", ["", "I cannot say.", "```", "unit: m", "\x00" * 50])
def test_a_reply_without_a_program_has_no_source_or_one_that_the_critic_refuses(text: str) -> None:
    assert "def success" not in parse_metric_draft(reply(text), "m01").source


@pytest.mark.parametrize("text", ["I cannot say.", "unit: m\nSure, I will help with that."])
def test_prose_says_nothing_of_what_counts(text: str) -> None:
    """Else it would become the sentence of the program that comes when it is asked again."""
    draft = parse_metric_draft(reply(text), "m01")
    assert (draft.sentence, draft.unit, draft.reference) == ("", "1", None)


def test_a_refusal_is_no_draft() -> None:
    refused = parse_metric_draft(reply(f"```python\n{PROGRAM}```", "refused"), "m01")
    assert (refused.source, refused.sentence) == ("", "")


def test_ids_count_from_one() -> None:
    assert [draft_id(number) for number in (0, 9)] == ["m01", "m10"]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded replies are not beside this checkout")
def test_every_recorded_draft_is_read() -> None:
    files = sorted(RECORDED.glob("*/*.md"))
    assert len(files) == 78
    for file in files:
        draft = parse_metric_draft(reply(file.read_text()), "m01")
        assert draft.sentence.endswith((".", "...")), file
        assert draft.reference is not None, file
        assert draft.source.startswith(('"""', "PARAMS", "def")), file
        assert len(draft.unit) <= 12, file


def test_questions_name_known_drafts_in_words_fit_to_be_shown() -> None:
    text = """Sure. {"questions": [{"text": "How\\u001b[2J?", "options": [
        {"text": "a", "drafts": ["m01", "m77"]}, {"text": "b", "drafts": ["m02"]}, {"text": "c", "drafts": []}]},
        {"text": "Only one way", "options": [{"text": "a", "drafts": ["m01"]}]}]}"""
    (question,) = parse_questions(reply(text), ["m01", "m02"])
    assert "\x1b" not in question.text
    assert [(option.text, option.drafts) for option in question.options] == [("a", ("m01",)), ("b", ("m02",))]


@pytest.mark.parametrize(
    "text", ["", "no", "{", "{}", '{"questions": 3}', '{"questions": [{"text": 1}]}', "[]", "{" * 9000]
)
def test_a_reply_without_questions_has_none(text: str) -> None:
    assert parse_questions(reply(text), ["m01", "m02"]) == ()
