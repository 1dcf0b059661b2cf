"""Where a person wants a result: a place that cannot be has its own name in the message, and a cure that fits it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from autoreward.cli.main import app
from tests.cli.conftest import Workplace

ROBOT = str(Path(__file__).resolve().parents[1] / "models" / "arm.xml")
NOWHERE = "/proc/nowhere"  # cannot be made, by root either
SERVER = ["--model", "openai/m", "--base-url", "http://127.0.0.1:9/v1"]
# Each command that writes where it is told to: its words, PLACE for the path, and the ending that this has.
WRITING: dict[str, tuple[list[str], str]] = {
    "export": (["last", "-o", "PLACE"], ""),
    "video": (["last", "-o", "PLACE"], ".gif"),
    "compare": (["last:g00c00", "human", "-n", "0", "-o", "PLACE"], ".png"),
    "report": (["last", "-o", "PLACE"], ""),
    "taste": (["last", "-o", "PLACE"], ""),
    "track": (["last", "-o", "PLACE"], ""),
    "metric": (["balance it", "--env", "inverted_pendulum", *SERVER, "-o", "PLACE"], ".py"),
    "init": (["PLACE", "--env", "inverted_pendulum"], ".yaml"),
    "envs new": (["PLACE", "--mjcf", ROBOT], ""),
}
ASKED = {"envs describe"}  # a model is asked before anything is written
OUTSIDE = {"init", "envs new"}  # name the place without an option


def with_output(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that has the option -o."""
    if any("-o" in parameter.opts for parameter in command.params):
        yield " ".join(path)
    for name, below in getattr(command, "commands", {}).items():
        yield from with_output(below, (*path, name))


def test_every_command_that_writes_is_tried() -> None:
    assert set(with_output(typer.main.get_command(app))) | OUTSIDE == set(WRITING) | ASKED


def refused(workplace: Workplace, name: str, place: str) -> tuple[int, str]:
    """The exit code, and the words without line breaks."""
    words, ending = WRITING[name]
    done = workplace(*name.split(), *(place + ending if word == "PLACE" else word for word in words))
    said = " ".join(done.err.split())
    assert place in said, said
    assert "--set runs" not in said and ".tmp" not in said and "bug in autoreward" not in said, said
    assert "-o" in said or name in OUTSIDE, said
    return done.code, said


@pytest.mark.parametrize("name", WRITING)
def test_a_place_that_cannot_be_made(workplace: Workplace, name: str) -> None:
    assert refused(workplace, name, f"{NOWHERE}/new")[0] == 10


@pytest.mark.parametrize("name", WRITING)
def test_a_file_in_place_of_a_folder(workplace: Workplace, tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").write_text("mine")
    code, said = refused(workplace, name, f"{tmp_path}/taken/new")
    assert (code, "taken is a file, expected a folder" in said) == (2, True), said


@pytest.mark.parametrize("name", WRITING)
def test_something_of_somebody_else_stays(workplace: Workplace, tmp_path: Path, name: str) -> None:
    place = tmp_path / "taken"
    file = place.with_suffix(WRITING[name][1])
    file.write_text("mine")
    assert refused(workplace, name, str(place))[0] == 2
    assert file.read_text() == "mine"


@pytest.mark.parametrize("name", [name for name, (_, ending) in WRITING.items() if ending])
def test_a_folder_is_no_file(workplace: Workplace, tmp_path: Path, name: str) -> None:
    (tmp_path / f"taken{WRITING[name][1]}").mkdir()
    code, said = refused(workplace, name, f"{tmp_path}/taken")
    assert (code, "is a folder" in said) == (2, True), said
