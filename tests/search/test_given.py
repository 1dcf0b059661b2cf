"""Weights that people like become one more candidate of the next generation."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from autoreward.config import DesignSettings, Settings
from autoreward.designer.program import read_program
from autoreward.ledger import Run
from autoreward.records import Candidate
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.given import given_candidates, with_weights
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.session import Session
from autoreward.search.term_sums import term_sums
from tests.runs.test_taste import NAMES, STEPS, run

__all__ = ["run"]  # the fixture


def given(folder: Path, sandbox: Sandbox, select: str) -> tuple[Candidate, ...]:
    """What the generation after the first is given."""
    settings = Settings(design=DesignSettings.model_validate({"select": select}))
    with Run.open(folder, write=True) as opened:
        session = SimpleNamespace(run=opened, settings=settings, sandbox=sandbox, task=opened.task)
        return given_candidates(cast(Session, session), 1)


def test_what_people_like_is_tried_where_they_choose_and_decided_once(
    run: Path, warm_processes: tuple[Sandbox, object]
) -> None:
    sandbox = warm_processes[0]
    assert [one.designer for one in given(run, sandbox, "metric") if one.designer == "taste"] == []
    (liked,) = [one for one in given(run, sandbox, "people") if one.designer == "taste"]
    program = read_program(liked.source)
    assert program is not None
    weights = {term.name: term.weight for term in program.terms}
    assert weights["calm"] > 1.0 > weights["centred"] and liked.id == "g01c00" and liked.parents == ("g00c00",)
    assert liked in given(run, sandbox, "metric"), "it is decided once"


def test_sums_are_those_of_the_program(run: Path, warm_processes: tuple[Sandbox, object]) -> None:
    with Run.open(run, write=False) as opened:
        entry = read_leaderboard(opened).find("g00c01")
        assert entry is not None
        found = term_sums(opened, entry, [*NAMES, "g00c09"], warm_processes[0])
    assert found is not None and list(found.sums) == NAMES
    assert found.sums["g00c02"] == pytest.approx((-0.2 * (STEPS - 1), -0.4 * (STEPS - 1)), rel=1e-5)


def test_other_weights_are_those_of_the_same_terms(run: Path) -> None:
    with Run.open(run, write=False) as opened:
        board = read_leaderboard(opened)
    assert '"calm": 2.0' in (with_weights(board, "g00c00", {"centred": 1.0, "calm": 2.0}) or "")
    assert with_weights(board, "g00c00", {"calm": 2.0}) is None
    assert with_weights(board, "g07c00", {"calm": 2.0}) is None
