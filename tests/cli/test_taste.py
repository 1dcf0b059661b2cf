"""`taste` as people and programs call it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from autoreward.views import schemas
from tests.cli.conftest import Workplace
from tests.runs.test_taste import run

__all__ = ["run"]  # the fixture


def test_a_taste_in_words_and_as_json(workplace: Workplace, run: Path) -> None:
    text = workplace("taste", str(run)).out
    assert text.startswith("one taste, from 8 answers, in the terms of g00c00")
    assert "anna: 8 answers; agrees with the metric 0 of 8" in text
    assert "field |pole_angle|: smaller for the preferred one in 8 of 8 choices" in text
    view = json.loads(workplace("taste", str(run), "--json").out)
    jsonschema.validate(view, schemas()["taste"])
    assert view["tastes"][0]["raters"] == ["anna"]


def test_too_few_answers_are_no_taste(workplace: Workplace) -> None:
    done = workplace("taste", "last")
    assert done.code == 2 and "a taste takes 5" in done.err and "autoreward prefer" in done.err
