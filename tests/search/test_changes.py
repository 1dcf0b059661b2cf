"""What changed from one winner to the next: who won one after the other, and how two programs differ."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from autoreward.config import load_settings
from autoreward.people.preferences import read_statement
from autoreward.records import Generation
from autoreward.runs.preferences import say_preference
from autoreward.search.changes import difference_in_words, successive_winners, winner_changes
from autoreward.search.events import CHANGE, GENERATION, Change
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.session import Session
from tests.search.stored_run import add_candidate, add_training, member, new_run

BEFORE = """WEIGHTS = {'fast': 1.0, 'calm': -0.1, 'high': 0.5}
PARAMS = {'width': 0.3}


def reward_terms(state, action, next_state, params):
    return {'fast': next_state.x, 'calm': jnp.sum(action), 'high': next_state.z / params['width']}
"""


def test_the_difference_of_two_programs_in_words() -> None:
    after = BEFORE.replace("1.0", "2.0").replace("'high': 0.5", "'tall': 0.7").replace("'high': next", "'tall': next")
    after = after.replace("0.3", "0.4").replace("jnp.sum(action)", "jnp.max(action)")
    said = difference_in_words(BEFORE, after)
    assert said == (
        "Added: tall (0.7); removed: high (0.5); rewritten: calm; weights: fast 1 -> 2; parameters: width 0.3 -> 0.4."
    )
    assert difference_in_words(BEFORE, BEFORE) == "Nothing but how it is written."
    assert difference_in_words(BEFORE, "nothing") == "The program was rewritten."


def test_each_winner_after_the_other_and_what_changed_is_asked_once(tmp_path: Path) -> None:
    settings = load_settings({"select": "people"}).settings
    with new_run(tmp_path, settings) as run:
        for name, source in (("g00c00", BEFORE), ("g00c01", BEFORE), ("g01c00", BEFORE.replace("1.0", "3.0"))):
            add_candidate(run, name, source=source)
            add_training(run, f"{name[:3]}-{name}", [member(name, 0, 1.0)])
        for index, best in enumerate(["g00c00", "g00c00"]):
            told = Generation(index=index, candidates=(), best=best, note_ids=())
            run.append(GENERATION, f"g{index:02d}", told)
        say_preference(run.path, read_statement("g01c00 > g00c00"), "anna")
        session = cast(Session, SimpleNamespace(run=run, designer=SimpleNamespace(is_llm=False)))
        board = read_leaderboard(run)
        assert successive_winners(session, 2, board) == ["g00c00", "g01c00"]
        assert winner_changes(session, 2, board) == ("g00c00 -> g01c00: Weights: fast 1 -> 3.",)
        assert winner_changes(session, 2, board) == ("g00c00 -> g01c00: Weights: fast 1 -> 3.",)
        stored = [event.record(Change) for event in run.events(CHANGE)]
    assert [one.by for one in stored] == ["programs"]
