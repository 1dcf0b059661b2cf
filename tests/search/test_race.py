"""A race for seeds: who is trained on what, that it ends early, and that a kill at any moment of it changes nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.errors import ConfigError
from autoreward.ledger import Run, list_runs
from autoreward.ledger.recordings import read_recordings
from autoreward.records import MemberSpec, TrainingResult
from autoreward.search import race
from autoreward.search.events import CONFIRMED, RACE, TRAINING, RaceRound
from autoreward.search.leaderboard import CONFIRM_SEED, is_final, read_leaderboard
from autoreward.search.session import Session
from autoreward.views import RaceEvent
from tests.search.conftest import as_text, outcome
from tests.search.mortal import Killed, Mortal, Step
from tests.search.stored_run import add_candidate, add_training, member, new_run

TINY: dict[str, Any] = {
    "model": "compose", "candidates": 3, "generations": 1, "seeds": 1, "race": 2, "n_timesteps": 512, "final_seeds": 1,
    "distinct": 0,
    "evaluation_episodes": 1, "clips": False, "num_envs": 4, "num_steps": 64, "num_minibatches": 2, "hidden": [8],
}  # fmt: skip


def settings(folder: Path, **changes: Any) -> Settings:
    return load_settings({**TINY, "runs": str(folder), **changes}).settings


def search(folder: Path, events: list[Any] | None = None) -> None:
    """Start the search of a folder, or go on with it."""
    listen = (lambda event: None) if events is None else events.append
    if list_runs(folder):
        api.resume("last", settings=settings(folder), on_event=listen)
    else:
        api.design(env="inverted_pendulum", task="balance", settings=settings(folder), on_event=listen)


class MortalInRaces(Mortal):
    """Dies where a race stores something."""

    def _reach(self, step: Step) -> None:
        if self._dead or step[1] in (TRAINING, RACE, CONFIRMED) or step[1].endswith("g00c02/trajectory.npz"):
            super()._reach(step)


@pytest.mark.usefixtures("warm")
def test_a_race_and_its_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Any] = []
    search(tmp_path / "whole", events)
    check_trainings(tmp_path / "whole")
    (told,) = [event for event in events if isinstance(event, RaceEvent)]
    assert sum(told.seeds.values()) == 2 and "human" in told.seeds and set(told.probability_best) > {"human"}
    mortal = MortalInRaces(monkeypatch)
    while ended_by_death(tmp_path / "killed"):
        mortal.rise()
    assert as_text(outcome(tmp_path / "killed")) == as_text(outcome(tmp_path / "whole"))
    assert {step[1] for step in mortal.died_at if step[0] == "event"} == {TRAINING, RACE, CONFIRMED}


def ended_by_death(folder: Path) -> bool:
    try:
        search(folder)
    except Killed:
        return True
    return False


def check_trainings(folder: Path) -> None:
    """Populations of two throughout; the human reward takes part; the end is confirmed on seeds that nobody had."""
    (path,) = list_runs(folder)
    with Run.open(path, write=False) as run:
        trained = {event.key: event.record(TrainingResult).members for event in run.events(TRAINING)}
        rounds = {event.key: event.record(RaceRound) for event in run.events(RACE)}
        board = read_leaderboard(run)
        kept = {entry.id: read_recordings(run, entry.id, ["curves", "policy"]) for entry in board.entries}
    races = [key for key in trained if not key.startswith("final")]
    assert races == ["g00.0", "g00.1", "g00.r0", "g00.confirm"]
    assert {len(trained[key]) for key in races} == {2}
    assert {one.candidate for one in trained["g00.0"]} == {"g00c00", "g00c01"}
    assert [one.candidate for one in trained["g00.1"]] == ["g00c02", "g00c02"]  # the freed slot trains a further seed
    assert [one.status for one in board.human] == ["trained"]
    best, other = (one for one in trained["g00.confirm"])
    assert best.candidate != other.candidate and best.seed == other.seed >= CONFIRM_SEED and not is_final(best)
    planned = {MemberSpec(candidate=one.candidate, seed=one.seed) for one in (best, other)}
    assert set(rounds["g00.confirm"].members) == planned
    for entry in board.entries:
        assert sorted(one.seed for one in kept[entry.id]) == sorted(one.seed for one in entry.members)


# --- Decisions, on runs that never ran ----------------------------------------------------------------------


def fake(run: Run, **facts: Any) -> Session:
    session = {"run": run, "settings": run.settings, "human": None, "generations": 1, "metric": None, "started": None}
    return cast(Session, SimpleNamespace(**{**session, **facts}))


def raced(folder: Path, rows: dict[str, tuple[float, ...]], **changes: Any) -> Run:
    run = new_run(folder, settings(folder, **changes))
    for name in rows:
        add_candidate(run, name)
    add_training(run, "g00.0", [member(name, seed, one) for name, row in rows.items() for seed, one in enumerate(row)])
    return run


CLEAR = {"g00c00": (1.0, 1.1, 0.9), "g00c01": (9.0, 9.1, 8.9), "g00c02": (2.0, 2.1, 1.9)}
NOISE = {"g00c00": (1.0, 9.0, 5.0), "g00c01": (2.0, 10.0, 6.0), "g00c02": (4.0, 3.0, 8.0)}


def test_what_is_decided_gets_no_further_seeds(tmp_path: Path) -> None:
    with raced(tmp_path, CLEAR) as run:
        assert race._plan(fake(run), 0, 0) is None


def test_what_is_not_gets_the_next_ones(tmp_path: Path) -> None:
    with raced(tmp_path, NOISE, race=4) as run:
        planned = race._plan(fake(run), 0, 0)
        again = race._plan(fake(run), 0, 0)
    assert planned is not None and planned == again
    assert len(planned.members) == 4 and len(set(planned.members)) == 4
    by_candidate: dict[str, list[int]] = {}
    for one in planned.members:
        by_candidate.setdefault(one.candidate, []).append(one.seed)
    assert all(seeds == list(range(3, 3 + len(seeds))) for seeds in by_candidate.values())


def test_the_human_reward_is_tried_before_anything_is_said_of_it(tmp_path: Path) -> None:
    with raced(tmp_path, {**NOISE, "g00c03": (9.0, 9.5, 8.5)}, race=2) as run:
        planned = race._plan(fake(run, human="source"), 0, 0)
    assert planned is not None and "human" in {one.candidate for one in planned.members}
    assert 0.0 < planned.probability_best["human"] < 1.0


def test_a_race_goes_on_after_the_last_generation_while_a_budget_has_room(tmp_path: Path) -> None:
    """512 steps a member: two members a round, and one a seed in the end. 9 members have taken 100 steps each."""
    with raced(tmp_path, NOISE, max_steps=900 + 2 * 2 * 512 + 512) as run:
        assert race._goes_on(fake(run), 0, 0)
        assert race._goes_on(fake(run), 0, 1)
        assert not race._goes_on(fake(run, generations=2), 0, 1)
        assert not race._goes_on(fake(run, human="source"), 0, 1)  # the end takes one member more
    with raced(tmp_path / "free", NOISE) as run:
        assert not race._goes_on(fake(run), 0, 1)


def test_the_confirmation_says_what_the_fresh_seeds_say(tmp_path: Path) -> None:
    with raced(tmp_path, NOISE, race=4) as run:
        planned = race._plan_confirmation(fake(run), "g00c01", "g00c00")
        assert [(one.candidate, one.seed - CONFIRM_SEED) for one in planned.members] == [
            ("g00c01", 0), ("g00c01", 1), ("g00c00", 0), ("g00c00", 1),
        ]  # fmt: skip
        fresh = {"g00c01": (3.0, 6.0), "g00c00": (1.0, 3.0)}
        rows = [member(name, CONFIRM_SEED + seed, one) for name, row in fresh.items() for seed, one in enumerate(row)]
        add_training(run, "g00.confirm", rows)
        told = race._confirmation(fake(run), "g00c01", "g00c00")
        assert read_leaderboard(run).entries[1].successes == (2.0, 10.0, 6.0, 3.0, 6.0)
    # the differences are 2 and 3
    assert told.difference is not None and told.difference.fitness.mean == 2.5
    assert told.difference.probability is not None and told.difference.probability > 0.9


def test_race_and_halving_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two ways to spend"):
        settings(tmp_path, halving=True)
