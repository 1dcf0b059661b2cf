"""What a person is asked about a run, and what becomes of the answers, on events that were written by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from autoreward.environment.clips import ClipMaker
from autoreward.errors import RenderingError, UnknownNameError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.recordings import write_recordings
from autoreward.people.preferences import preferences, read_statement
from autoreward.recordings import MemberRecording
from autoreward.records import TermSums
from autoreward.runs.preferences import Answer, give_answer, pair_to_show, say_preference, take_back
from autoreward.search.events import TERM_SUMS
from tests.search.stored_run import add_candidate, add_training, member, new_run

NAMES = ("g00c00", "g00c01", "g00c02")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Three trained candidates, of which one moved in a recorded way, and a refused one."""
    with new_run(tmp_path) as run:
        for name in NAMES:
            add_candidate(run, name)
        add_candidate(run, "g00c03", accepted=False)
        add_training(run, "g00", [member(name, 0, 0.5) for name in NAMES])
        for name in NAMES:
            moved = MemberRecording(name, 0, clips={"first": np.zeros((3, 6), np.float32)})
            write_recordings(run, name, [moved])
    return run.path


@pytest.fixture(autouse=True)
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Clips are not drawn; how many frames each would have had."""
    frames: list[int] = []

    def draw(maker: ClipMaker, env: str, qpos: np.ndarray, suffix: str = ".mp4") -> bytes:
        frames.append(len(qpos))
        return b"clip"

    monkeypatch.setattr(ClipMaker, "draw", draw)
    return frames


def withdraw(run: Path, name: str) -> None:
    """A new attempt takes the place of a trained candidate, and is refused."""
    with Run.open(run, write=True) as opened:
        add_candidate(opened, name, accepted=False, key=f"{name}.again")


def test_the_pair_that_is_shown_has_its_clips_and_they_are_drawn_once(run: Path, drawn: list[int]) -> None:
    pair = pair_to_show(run, "anna")
    assert sorted(pair.shown) == ["g00c01", "g00c02"] and pair.remaining == 2 and pair.problem is None
    assert all(clip and Path(clip).read_bytes() == b"clip" for clip in pair.clips.values())
    assert pair_to_show(run, "anna") == pair and drawn == [3, 3]


def test_an_answer_is_stored_with_what_was_shown(run: Path) -> None:
    pair = pair_to_show(run, "anna")
    left, right = pair.shown
    view = give_answer(run, Answer(pair.question or "", "anna", (left, right), "a", (" smoother ",)))
    assert (view.status, view.preferred, view.remaining) == ("stored", left, 1)
    with Run.open(run, write=False) as opened:
        (stored,) = preferences(opened)
    assert (stored.shown, stored.reasons, set(stored.clips)) == ((left, right), ("smoother",), {left, right})


def test_the_second_answer_to_a_question_is_not_counted(run: Path) -> None:
    pair = pair_to_show(run, "anna")
    left, right = pair.shown
    for verdict, status in (("a", "stored"), ("b", "answered before")):
        view = give_answer(run, Answer(pair.question or "", "anna", (left, right), verdict))  # type: ignore[arg-type]
        assert (view.status, view.preferred) == (status, left)
    with Run.open(run, write=False) as opened:
        assert len(preferences(opened)) == 1


@pytest.mark.parametrize(
    "question", ["", "anna/g00c01-g00c02/7", "ben/g00c01-g00c02/0", "anna/g00c00-g00c01/0", "anna/g00c01-g00c02/x"]
)
def test_a_question_that_was_not_asked_has_no_answer(run: Path, question: str) -> None:
    with pytest.raises(UsageError, match=r"no question about|not asked yet"):
        give_answer(run, Answer(question, "anna", ("g00c01", "g00c02"), "a"))


def test_what_is_said_without_being_asked_counts_each_time(run: Path) -> None:
    for _ in range(2):
        assert say_preference(run, read_statement("g00c01 > g00c00: it leans less"), "anna").status == "stored"
    with Run.open(run, write=False) as opened:
        assert [one.preferred for one in preferences(opened)] == ["g00c01", "g00c01"]


def test_who_was_not_trained_cannot_be_preferred(run: Path) -> None:
    with pytest.raises(UsageError, match=r"g00c03 was not trained \(refused\)"):
        say_preference(run, read_statement("g00c03 > g00c00"), "anna")
    with pytest.raises(UnknownNameError) as caught:
        say_preference(run, read_statement("g00c00 > g00c0"), "anna")
    assert "Did you mean 'g00c0" in caught.value.remedy


def test_a_vote_on_a_candidate_that_was_withdrawn_is_refused_and_it_is_asked_no_more(run: Path) -> None:
    pair = pair_to_show(run, "anna")
    left, right = pair.shown
    withdraw(run, left)
    with pytest.raises(UsageError, match=rf"{left} was not trained \(refused\): there is no policy to be preferred"):
        give_answer(run, Answer(pair.question or "", "anna", (left, right), "a"))
    with Run.open(run, write=False) as opened:
        assert preferences(opened) == []
    assert left not in pair_to_show(run, "anna").shown


def test_a_candidate_whose_training_failed_since_takes_no_vote(run: Path) -> None:
    with Run.open(run, write=True) as opened:
        add_training(opened, "g00.more", [member("g00c01", 1, None, status="failed")])
    with pytest.raises(UsageError, match=r"g00c01 was not trained \(failed\)"):
        say_preference(run, read_statement("g00c01 > g00c00"), "anna")


def test_the_newest_is_taken_back_and_asked_again(run: Path) -> None:
    pair = pair_to_show(run, "anna")
    left, right = pair.shown
    give_answer(run, Answer(pair.question or "", "anna", (left, right), "a"))
    assert [one.status for one in take_back(run, "anna")] == ["withdrawn"]
    again = pair_to_show(run, "anna")
    assert sorted(again.shown) == sorted(pair.shown) and again.question != pair.question
    with pytest.raises(UsageError, match="nothing that could be taken back"):
        take_back(run, "ben")


def test_where_nothing_can_be_drawn_the_pair_says_why(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(maker: ClipMaker, env: str, qpos: np.ndarray, suffix: str = ".mp4") -> bytes:
        raise RenderingError("No clip: nothing can be drawn here.", "autoreward doctor")

    monkeypatch.setattr(ClipMaker, "draw", refuse)
    pair = pair_to_show(run, "anna")
    assert list(pair.clips.values()) == [None, None] and "autoreward doctor" in (pair.problem or "")


def test_it_takes_two(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00")
    with pytest.raises(UsageError, match="0 of its candidates can be chosen"):
        pair_to_show(run.path, "anna")


ANSWERING = """
import sys
from pathlib import Path
from autoreward.people.preferences import read_statement
from autoreward.runs.preferences import say_preference

number = 0
while True:
    number += 1
    say_preference(Path(sys.argv[1]), read_statement(f"g00c00 > g00c01: {number}"), sys.argv[2])
    print(number, flush=True)
"""


def test_two_raters_at_once_and_a_kill_lose_no_answer(run: Path) -> None:
    raters = [
        subprocess.Popen([sys.executable, "-c", ANSWERING, str(run), name], stdout=subprocess.PIPE, text=True)
        for name in ("anna", "ben")
    ]
    acknowledged = {"anna": 0, "ben": 0}
    for name, rater in zip(acknowledged, raters, strict=True):
        assert rater.stdout is not None
        acknowledged[name] = [int(rater.stdout.readline()) for _ in range(5)][-1]
    for name, rater in zip(acknowledged, raters, strict=True):
        rater.kill()
        assert rater.stdout is not None
        acknowledged[name] = max([acknowledged[name], *map(int, rater.stdout.read().split())])
        rater.wait()
        rater.stdout.close()
    with Run.open(run, write=False) as opened:
        told = preferences(opened)
    for name, count in acknowledged.items():
        said = _numbers([one.reasons for one in told if one.rater == name])
        assert said == list(range(1, len(said) + 1)) and count <= len(said) <= count + 1


def _numbers(reasons: Sequence[tuple[str, ...]]) -> list[int]:
    return [int(one) for several in reasons for one in several]


def test_the_pair_that_the_terms_leave_open_is_asked_about(run: Path) -> None:
    sums = {"g00c00": (0.0, 1.0), "g00c01": (1.0, 0.0), "g00c02": (0.01, 0.99)}
    measured = TermSums(program="g00c00", terms=("up", "fast"), weights=(1.0, 0.0), sums=sums)
    with Run.open(run, write=True) as opened:
        opened.append(TERM_SUMS, "g00", measured)
    assert set(pair_to_show(run, "anna").shown) == {"g00c00", "g00c02"}, "nobody could tell these two apart"
    say_preference(run, read_statement("g00c00 > g00c02"), "anna")
    assert "g00c01" in pair_to_show(run, "anna").shown, "the new one comes before what is still disputed"
