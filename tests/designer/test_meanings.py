"""What a language model says of fields: read as far as it can be used."""

from __future__ import annotations

import json

import pytest

from autoreward.designer.meanings import parse_meanings
from autoreward.designer.prompts import render_meanings
from autoreward.records import Completion, FieldMeaning, FieldSpec
from tests.designer.env_specs import RUNNER

FIELDS = {
    "speed": FieldSpec(name="speed", meaning="observation 0", unit="unknown"),
    "place": FieldSpec(name="place", shape=(2,), meaning="observation 1", unit="unknown"),
}


def answered(text: str) -> Completion:
    return Completion(prompt="meanings", text=text, designer="m")


def test_a_reply_is_read_in_the_order_of_the_fields() -> None:
    said = {
        "place": {"unit": "m", "frame": "world", "meaning": "of the hand", "components": ["x", "y"]},
        "speed": {"unit": "m/s", "frame": "", "meaning": "of\nthe hand", "components": []},
    }
    found, wrong = parse_meanings(answered(f"Here:\n```json\n{json.dumps({'fields': said})}\n```"), FIELDS)
    assert list(found) == ["speed", "place"] and not wrong
    assert found["place"] == FieldMeaning(unit="m", frame="world", meaning="of the hand", components=("x", "y"))
    assert found["speed"].meaning == "of the hand" and found["speed"].frame == "none"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"height": {"meaning": "x"}}, "no such field"),
        ({"speed": {"meaning": "what the reward is made of"}}, "how the environment pays"),
        ({"speed": {"unit": "m"}}, "meaning"),
        ({"speed": "fast"}, "speed"),
        ({"place": {"meaning": "x", "components": ["x", "y", "z"]}}, "3 components"),
        ({"speed": {"meaning": "x" * 400}}, "300"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_said(said: dict[str, object], why: str) -> None:
    found, wrong = parse_meanings(answered(json.dumps({"fields": said})), FIELDS)
    assert not found and len(wrong) == 1 and why in wrong[0]


@pytest.mark.parametrize("text", ["no JSON", "{", '{"fields": [1]}', "[" * 5000, '{"other": {}}'])
def test_no_reply_raises(text: str) -> None:
    found, wrong = parse_meanings(answered(text), FIELDS)
    assert not found and len(wrong) == 1


def test_a_prompt_has_fields_ranges_and_documentation() -> None:
    (message,) = render_meanings(RUNNER, "The pole is 0.6 m long.", "meanings").messages
    assert "torso_pitch" in message.content and "The pole is 0.6 m long." in message.content
    (message,) = render_meanings(RUNNER, "", "meanings").messages
    assert "wrote nothing" in message.content
