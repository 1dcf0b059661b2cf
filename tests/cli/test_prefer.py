"""`prefer`: in one line, as JSON, and with the keys of a terminal."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import jsonschema
import pytest

from autoreward import api
from autoreward.cli import prefer
from autoreward.cli.options import Globals
from autoreward.cli.output import Output
from autoreward.cli.prefer import PairByPair
from autoreward.config import Settings
from autoreward.environment.clips import ClipMaker
from autoreward.ledger import Run, list_runs
from autoreward.people.preferences import preferences
from autoreward.search.events import PROMPTS, PromptSet
from autoreward.search.leaderboard import read_leaderboard
from autoreward.views import schemas
from tests.cli.conftest import DESIGN, SMALL, Workplace, autoreward
from tests.runs.test_preferences import NAMES, run, withdraw

__all__ = ["run"]  # the fixture


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClipMaker, "draw", lambda maker, env, qpos: b"clip")


@pytest.fixture
def workplace(workplace: Workplace, tmp_path: Path) -> Workplace:
    """A copy: what is said of its candidates, and their clips that are none, are nobody else's."""
    shutil.copytree(workplace.folder, tmp_path / "workplace")
    return dataclasses.replace(workplace, folder=tmp_path / "workplace")


def test_a_preference_in_one_line(workplace: Workplace) -> None:
    done = workplace("prefer", "last", "g00c01 > g00c00: smoother", "--rater", "anna", "--json")
    view = json.loads(done.out)
    jsonschema.validate(view, schemas()["prefer"])
    assert (view["preferred"], view["status"], view["rater"]) == ("g00c01", "stored", "anna")
    text = workplace("prefer", "last", "g00c01 = g00c00", "--rater", "anna").out
    assert text == "stored: g00c00 and g00c01 are equally good (anna)\n"


def test_best_and_worst_of_a_generation_in_one_line(workplace: Workplace) -> None:
    done = workplace("prefer", "last", "g00c01 > rest > g00c00: smoother", "--rater", "eve")
    assert done.out == "stored: g00c01 is preferred to g00c00: smoother (eve)\n"  # there are no others
    assert workplace("prefer", "last", "g00c01 > rest > g00c01").code == 2


def test_the_next_pair_without_a_terminal(workplace: Workplace) -> None:
    view = json.loads(workplace("prefer", "--rater", "ben", "--json").out)
    jsonschema.validate(view, schemas()["prefer.next"])
    assert sorted(view["shown"]) == ["g00c00", "g00c01"]
    text = workplace("prefer", "last", "--rater", "ben").out
    assert text.startswith("1 to go: g00c0") and "video.mp4" in text


@pytest.mark.parametrize("said", ["g00c01 better g00c00", "g00c01 > g00c09", "g00c01 > g00c01", ""])
def test_what_says_nothing_is_an_error_with_a_cure(workplace: Workplace, said: str) -> None:
    done = workplace("prefer", "last", said)
    assert done.code == 2 and len(done.err.splitlines()) == 2


def ask(run: Path, keys: str) -> str:
    """What the terminal shows to somebody who presses these keys."""
    pressed: Iterator[str] = iter(keys)
    with redirect_stdout(io.StringIO()) as shown:
        asking = PairByPair(Output(Globals()), Settings(), str(run), "anna")
        asking.ask(lambda: next(pressed))
    assert next(pressed, None) is None, "every key was read"
    return shown.getvalue()


def stored(run: Path) -> list[str]:
    with Run.open(run, write=False) as opened:
        return [one.verdict for one in preferences(opened)]


def test_a_pair_is_answered_with_one_key_and_then_told(run: Path) -> None:
    shown = ask(run, "1t")
    assert len(stored(run)) == 2
    before_the_answer, _, after = shown.partition("stored: ")
    assert not any(name in before_the_answer for name in NAMES)
    assert "is preferred to" in after and "Nothing is left to be asked" in after


def test_an_undo_asks_again_and_both_bad_is_an_answer(run: Path) -> None:
    shown = ask(run, "1ubq")
    assert "taken back: " in shown
    assert stored(run) == ["both_bad"]


def test_an_answer_about_a_candidate_that_was_withdrawn_is_not_stored_and_the_next_pair_is_asked(run: Path) -> None:
    def keys() -> Iterator[str]:
        withdraw(run, "g00c01")  # while the first pair, of it and g00c02, is shown
        yield "1"
        yield "2"

    pressed = keys()
    with redirect_stdout(io.StringIO()) as shown:
        PairByPair(Output(Globals()), Settings(), str(run), "anna").ask(lambda: next(pressed))
    refused, _, after = shown.getvalue().partition("Not stored: g00c01 was not trained (refused)")
    assert "stored: " not in refused and "stored: " in after
    with Run.open(run, write=False) as opened:
        (said,) = preferences(opened)
    assert {said.a, said.b} == {"g00c00", "g00c02"}


def test_other_keys_say_which_there_are(run: Path) -> None:
    shown = ask(run, "xuw\x03")
    assert "'x' is none of the keys" in shown and "nothing that could be taken back" in shown
    assert "no choice yet" in shown and stored(run) == []


def test_a_reason_is_noted_for_the_next_prompt(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefer.typer, "prompt", lambda *_, **__: "smoother")
    ask(run, "2wq")
    with Run.open(run, write=False) as opened:
        (note,) = opened.notes()
        (said,) = preferences(opened)
    assert (note.candidate, note.text) == (said.preferred, f"better than {said.other}: smoother")


@pytest.mark.thorough
def test_people_choose_what_a_run_comes_to(tmp_path: Path) -> None:
    """From a text without a task or metric: the run waits, people choose, it goes on, and starts where they want."""
    begin = ["design", "Stand still.", "--env", "inverted_pendulum", "--model", "compose", "--select", "people", *SMALL]
    waiting = autoreward(tmp_path, *begin, "--json")
    assert waiting.code == 8
    error = json.loads(waiting.out.splitlines()[-1])["error"]
    assert "nobody has compared g00c00, g00c01" in error["message"] and "autoreward prefer" in error["remedy"]
    shown = json.loads(autoreward(tmp_path, "show", "--json").out)
    assert shown["status"] == "waiting" and shown["next"][0].startswith("autoreward prefer ")
    assert autoreward(tmp_path, "resume").code == 8, "nothing has changed"

    assert autoreward(tmp_path, "prefer", "last", "g00c01 > g00c00: calmer").code == 0
    done = autoreward(tmp_path, "resume", "--json")
    assert done.code == 0, done.err
    (shown,) = [json.loads(line) for line in autoreward(tmp_path, "show", "--json").out.splitlines()]
    assert shown["best"]["candidate"] == "g00c01" and shown["metric"] is None
    assert shown["choice"] == {"select": "people", "people": "g00c01", "metric": None, "agree": None}
    assert "people prefer g00c01" in autoreward(tmp_path, "show").out

    refused = autoreward(tmp_path, "refine", "last", "--from", "g00c07")
    assert refused.code == 2 and "g00c07" in refused.err
    again = autoreward(tmp_path, "refine", "last", "--from", "g00c00", "--json")
    assert again.code == 8, again.err
    (folder,) = list_runs(tmp_path / "runs")
    with Run.open(folder, write=False) as run:
        (prompts,) = [event.record(PromptSet) for event in run.events(PROMPTS) if event.key == "g01"]
    starts = [prompt.brief.parent.id for prompt in prompts.prompts if prompt.brief and prompt.brief.parent]
    assert starts and set(starts) == {"g00c00"}
    assert "g00c01 is preferred to g00c00: calmer" in str(prompts.prompts[0].brief)


@pytest.mark.thorough
def test_weights_that_a_person_set_are_tried_in_the_next_generation(tmp_path: Path) -> None:
    assert autoreward(tmp_path, *DESIGN).code == 0
    (folder,) = list_runs(tmp_path / "runs")
    with Run.open(folder, write=False) as run:
        entry = read_leaderboard(run).find("g00c01")
    assert entry is not None and entry.verdict is not None and entry.verdict.reward is not None
    weights = {name: 3.0 * weight for name, weight in entry.verdict.reward.weights.items()}
    api.propose(f"{folder}:g00c01", weights, rater="anna")
    assert autoreward(tmp_path, "refine", "last", "bolder").code == 0
    assert autoreward(tmp_path, "refine", "last", "once more").code == 0
    with Run.open(folder, write=False) as run:
        entries = {entry.id: entry for entry in read_leaderboard(run).entries}
    tried = entries["g01c00"]
    assert (tried.candidate.designer, tried.candidate.parents, tried.status) == ("person", ("g00c01",), "trained")
    assert tried.verdict is not None and tried.verdict.reward is not None
    assert dict(tried.verdict.reward.weights) == pytest.approx(weights, rel=1e-2)
    assert entries["g02c00"].candidate.designer == "compose", "it is tried once"
