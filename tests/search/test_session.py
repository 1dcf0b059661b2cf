"""How a run goes on: with the settings it was started with, under the budgets of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.errors import UsageError
from autoreward.records import Generation
from autoreward.search.events import EXTENDED, GENERATION, Extended
from autoreward.search.session import continue_settings, extend_run, say_what_has_changed
from autoreward.views import DesignEvent, NoteEvent
from tests.search.stored_run import new_run


def test_budgets_change_and_the_search_does_not(tmp_path: Path) -> None:
    before = Settings.model_validate({"design": {"candidates": 3}, "budget": {"max_cost": 1.0, "max_steps": 100}})
    now = Settings.model_validate({"design": {"candidates": 9}, "budget": {"max_cost": 2.0}})
    with new_run(tmp_path, before) as run:
        settings = continue_settings(run, now)
    assert settings.design.candidates == 3
    assert (settings.budget.max_cost, settings.budget.max_steps) == (2.0, 100)


def test_the_way_to_a_model_is_that_of_today_where_something_is_said_of_it(tmp_path: Path) -> None:
    before = Settings.model_validate({"llm": {"temperature": 0.5, "max_output_tokens": 9000, "outage_budget": 60}})
    now = Settings.model_validate({"llm": {"temperature": 0.9, "max_output_tokens": 2000}})
    with new_run(tmp_path, before) as run:
        llm = continue_settings(run, now).llm
        assert (llm.temperature, llm.max_output_tokens, llm.outage_budget) == (0.5, 2000, 60)
        assert continue_settings(run, Settings()).llm == before.llm


@pytest.mark.parametrize(
    ("before", "now", "then"),
    [("strong", "basic", "strong"), ("basic", "strong", "strong"), ("medium", "basic", "medium")],
)
def test_isolation_is_never_lowered(tmp_path: Path, before: str, now: str, then: str) -> None:
    with new_run(tmp_path, Settings.model_validate({"require_isolation": before})) as run:
        settings = continue_settings(run, Settings.model_validate({"require_isolation": now}))
    assert settings.require_isolation == then


def test_a_note_asks_for_one_more_generation(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        run.append(GENERATION, "g00", Generation(index=0, candidates=(), best=None))
        extend_run(run, "the left foot drags", "g00c01")
        (note,) = run.notes()
        (event,) = run.events(EXTENDED)
        with pytest.raises(UsageError, match="empty"):
            extend_run(run, "  ", None)
    assert (note.text, note.candidate) == ("the left foot drags", "g00c01")
    assert event.record(Extended).generations == 2


def test_other_versions_are_told_and_equal_ones_are_not(tmp_path: Path) -> None:
    told: list[DesignEvent] = []
    with new_run(tmp_path) as run:
        say_what_has_changed(run, told.append)
        assert told == []
        (run.path / "versions.json").write_text('{"autoreward": "0.0.9", "prompts": "other", "jax": "0.1"}')
        say_what_has_changed(run, told.append)
    (event,) = told
    assert isinstance(event, NoteEvent)
    assert event.text.startswith("This run was begun with autoreward 0.0.9, jax 0.1 and goes on with autoreward ")
