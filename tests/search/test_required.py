"""What all policies of a search have to keep to: charged, told, shown, and the same after a resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.cli.tables import candidates
from autoreward.config import load_settings
from autoreward.errors import ConfigError, UnknownNameError, UsageError
from autoreward.ledger import Run, list_runs
from autoreward.records import Candidate, MemberResult, Requirements, Verdict
from autoreward.search.entry import Entry
from autoreward.search.events import PROMPTS, REQUIREMENTS, TRAINING, PromptSet
from autoreward.search.leaderboard import measure_fitness
from autoreward.search.required import never_met
from autoreward.search.selection import MetricSelection
from autoreward.views import NoteEvent
from tests.search.test_loop import TINY

IN_REACH, OUT_OF_REACH = "mean(abs(cart_velocity)) <= 1000", "cart_velocity >= 1000 in 95 %"


@pytest.mark.usefixtures("warm")
def test_a_search_is_charged_told_and_shown_and_goes_on_with_the_same(tmp_path: Path) -> None:
    events: list[Any] = []
    settings = load_settings({**TINY, "runs": str(tmp_path), "require": (IN_REACH, OUT_OF_REACH)}).settings
    view = api.design(env="inverted_pendulum", task="balance", settings=settings, on_event=events.append)
    (path,) = list_runs(tmp_path)
    with Run.open(path, write=False) as run:
        stored = run.get(REQUIREMENTS, "", Requirements)
        assert stored is not None and [one.text for one in stored.items] == [IN_REACH, OUT_OF_REACH]
        first, later = (run.get(PROMPTS, name, PromptSet) for name in ("g00", "g01"))
        trainings = [event.data for event in run.events(TRAINING)]
    assert first is not None and later is not None
    assert f"keep to this: {IN_REACH}; {OUT_OF_REACH}." in first.prompts[0].messages[0].content
    assert f"{IN_REACH}: 100 % of its evaluation episodes meet it" in later.prompts[0].messages[1].content
    trained = [one for one in view.candidates if one.status == "trained"]
    assert trained
    for one in trained:
        within, beyond = one.required
        assert (within.text, within.met, beyond.met, beyond.value) == (IN_REACH, 1.0, 0.0, 0.0)
        assert 0.0 <= within.value < 1000.0
    heads = [str(column.header) for column in candidates(view).columns]
    assert {IN_REACH, OUT_OF_REACH} <= set(heads)
    said = [event.text for event in events if isinstance(event, NoteEvent)]
    assert any(OUT_OF_REACH in text and "may be out of reach" in text for text in said)
    assert not any(IN_REACH in text and "may be out of reach" in text for text in said)
    again = api.resume(str(path), settings=settings)
    assert again.candidates == view.candidates
    with Run.open(path, write=False) as run:
        assert [event.data for event in run.events(TRAINING)] == trainings


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("cart_velocty <= 1", UnknownNameError, "cart_velocty"),
        ("mean(cart_velocity) <= 1 rad", UsageError, "is in m/s, not in rad"),
        ("observation <= 1", UsageError, "shape"),
    ],
)
def test_what_cannot_be_required_is_said_before_a_run_is_made(
    text: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    settings = load_settings({**TINY, "runs": str(tmp_path), "require": (text,)}).settings
    with pytest.raises(error, match=said):
        api.design(env="inverted_pendulum", task="balance", settings=settings)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("other", [{"shaping_only": True}, {"halving": True}, {"algo": "sac"}])
def test_what_does_not_go_with_it_is_said(other: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"(?i)require"):
        load_settings({"require": (IN_REACH,), **other})


def entry(name: str, success: float, met: float) -> Entry:
    member = MemberResult(candidate=name, seed=0, status="trained", success=success, progress=0.0, env_steps=1,
                          requirements={"slow": met}, required={"slow": 1.0})  # fmt: skip
    candidate = Candidate(id=name, generation=0, parents=(), source="", designer="compose")
    fitness, progress = measure_fitness([member], 10)
    return Entry(
        candidate, Verdict(candidate=name, status="accepted", tier="basic"), (member,), None, fitness, progress
    )


def test_those_that_keep_to_it_come_first() -> None:
    """The fastest breaks it in 2 of 10 episodes."""
    several = [entry("g00c00", 9.0, 0.8), entry("g00c01", 1.0, 1.0), entry("g00c02", 2.0, 0.95)]
    assert [one.id for one in MetricSelection().rank(several)] == ["g00c02", "g00c01", "g00c00"]
    assert never_met(member for one in several for member in one.members) == []
