"""What is said without naming a run is said of the last one, and which that is, is told."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autoreward import api
from autoreward.ledger import list_runs
from tests.cli.conftest import Workplace


@pytest.fixture
def workplace(workplace: Workplace, tmp_path: Path) -> Workplace:
    """A copy: what is said of its run is said of nobody else's."""
    shutil.copytree(workplace.folder, tmp_path / "workplace")
    return replace(workplace, folder=tmp_path / "workplace")


def last(workplace: Workplace) -> str:
    return list_runs(workplace.folder / "runs")[-1].name


def test_what_may_name_a_run_is_no_word(workplace: Workplace) -> None:
    (workplace.folder / "my runs").mkdir()
    done = workplace("refine", "my runs")
    assert done.code == 2 and "named 'my runs'" in done.err


def test_a_preference_alone_is_about_the_last_run(workplace: Workplace) -> None:
    done = workplace("prefer", "g00c01 > g00c00: calmer", "--rater", "eve")
    assert (done.code, done.out) == (0, "stored: g00c01 is preferred to g00c00: calmer (eve)\n")
    assert done.err == f"run {last(workplace)}\n"
    assert workplace("prefer", last(workplace), "g00c01 = g00c00", "--rater", "eve").err == "", "it was named"


@pytest.mark.parametrize(
    ("arguments", "run", "note", "start"),
    [
        (("the left foot drags",), "last", "the left foot drags", None),
        (("last", "faster"), "NAMED", "faster", None),
        (("--from", "g00c00"), "last", "", "g00c00"),
        (("--from", "g00c00", "more like this"), "last", "more like this", "g00c00"),
        (("NAMED", "slower"), "NAMED", "slower", None),
    ],
)
def test_what_refine_is_told(
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    run: str,
    note: str,
    start: str | None,
) -> None:
    asked: list[tuple[str, str, str | None]] = []

    def refine(folder: str, text: str, *, start: str | None, **_: object) -> object:
        asked.append((Path(folder).name, text, start))
        return api.show(folder)

    monkeypatch.setattr(api, "refine", refine)
    name = last(workplace)
    done = workplace("refine", *(name if one == "NAMED" else one for one in arguments))
    assert asked == [(name, note, start)], done.err
    assert done.err.startswith(f"run {name}\n") == (run == "last")


def test_one_word_alone_is_no_note(workplace: Workplace) -> None:
    done = workplace("refine", "faster")
    assert done.code == 2 and "named 'faster'" in done.err
    assert "As a note: autoreward refine last faster" in done.err
    nothing = workplace("refine")
    assert nothing.code == 2 and "There is no note." in nothing.err


def test_where_there_is_no_run_yet_that_is_said(tmp_path: Path, workplace: Workplace) -> None:
    (tmp_path / "empty").mkdir()
    done = replace(workplace, folder=tmp_path / "empty")("refine", "the left foot drags")
    assert done.code == 2 and "no run" in done.err.lower()
