"""What the next generation is told: from whom it starts, which programs it sees, and what came of each plan."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from autoreward.config import load_settings
from autoreward.ledger import Run
from autoreward.records import Brief
from autoreward.search.briefs import write_prompts
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.session import Session
from tests.designer.env_specs import RUNNER
from tests.search.stored_run import add_candidate, add_training, member, new_run


def program(**terms: str) -> str:
    entries = ", ".join(f"'{name}': {expression}" for name, expression in terms.items())
    head = "def reward_terms(state, action, next_state, params):"
    return f"WEIGHTS = {dict.fromkeys(terms, 1.0)}\n{head}\n    return {{{entries}}}\n"


FAST = program(fast="next_state.speed")
FASTER = FAST.replace("1.0", "2.0")
HIGH = program(high="next_state.height")


def told(run: Run, candidates: int, index: int = 1) -> list[Brief]:
    settings = load_settings({"candidates": candidates}).settings
    session = SimpleNamespace(run=run, settings=settings, task=run.task, env=RUNNER)
    prompts = write_prompts(cast(Session, session), index, read_leaderboard(run).before(index), ()).prompts
    return [prompt.reward_brief for prompt in prompts]


def fill(run: Run) -> None:
    """Three candidates, best first: two of one structure and one of another, and what they came to."""
    for name, source in (("g00c00", FAST), ("g00c01", FASTER), ("g00c02", HIGH)):
        add_candidate(run, name, source=source)
    rows = {"g00c00": (10.0, 12.0, 11.0), "g00c01": (9.0, 13.0, 10.0), "g00c02": (1.0, 2.0, 1.5)}
    add_training(run, "g00", [member(name, seed, row[seed]) for name, row in rows.items() for seed in range(3)])


def test_the_runner_up_is_the_best_of_another_structure(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run)
        leaders = read_leaderboard(run).leaders
    assert [entry.id for entry in leaders] == ["g00c00", "g00c02", "g00c01"]


@pytest.mark.parametrize(
    ("candidates", "starts"),
    [
        (1, ["g00c00"]),
        (3, ["g00c00"] * 3),
        (4, ["g00c00", "g00c00", "g00c02", None]),
        (6, ["g00c00"] * 4 + ["g00c02", None]),
    ],
)
def test_one_slot_starts_from_another_structure_and_one_afresh(
    tmp_path: Path, candidates: int, starts: list[str | None]
) -> None:
    with new_run(tmp_path) as run:
        fill(run)
        briefs = told(run, candidates)
    assert [brief.parent.id if brief.parent else None for brief in briefs] == starts


def test_where_all_have_one_structure_nobody_starts_from_the_second(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00", source=FAST)
        add_candidate(run, "g00c01", source=FASTER)
        add_training(run, "g00", [member("g00c00", 0, 2.0), member("g00c01", 0, 1.0)])
        briefs = told(run, 4)
    assert [brief.parent.id if brief.parent else None for brief in briefs] == ["g00c00"] * 3 + [None]
    assert [one.id for one in briefs[0].leaders] == ["g00c00", "g00c01"]


def test_what_was_planned_what_it_was_made_from_and_what_happened(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        fill(run)
        add_candidate(run, "g01c00", source=HIGH, parents=("g00c00",), plan="Rise. Expected: 20 m.")
        add_training(run, "g01", [member("g01c00", seed, 3.0) for seed in range(3)])
        first, second = told(run, 2, index=2)[0].history
    (one,) = second.candidates
    assert (one.plan, one.parent, one.parent_success, one.success) == ("Rise. Expected: 20 m.", "g00c00", 11.0, 3.0)
    assert one.by_seed == (3.0, 3.0, 3.0)
    # g00c01 - g00c00 is -1, 1, -1: its interval holds 0; g00c02 and g01c00 are 7 and more behind
    assert [candidate.within_noise for candidate in (*first.candidates, one)] == [False, True, False, False]


def test_a_refused_candidate_comes_with_its_findings(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00", accepted=False)
        (brief,) = told(run, 1)
    (one,) = brief.history[0].candidates
    assert brief.parent is None and brief.leaders == ()
    assert one.analysis == "static.import: imports os Remove it."
