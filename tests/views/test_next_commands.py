"""What to type after a search."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from autoreward.views.next_commands import go_on_command, next_commands, run_name


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("runs/20260101-120000_hopper_ab12", "ab12"),
        ("elsewhere/20260101-120000_hopper_ab12", "elsewhere/20260101-120000_hopper_ab12"),
        ("my runs/x_ab12", "'my runs/x_ab12'"),
    ],
)
def test_a_run_is_named_so_that_a_command_finds_it(folder: str, name: str) -> None:
    assert run_name(folder) == name


def test_with_a_best_candidate_it_can_be_shown_refined_and_exported() -> None:
    commands = [shlex.split(command) for command in next_commands("my runs/x_ab12", "g01c02")]
    assert [command[1] for command in commands] == ["show", "refine", "export"]
    assert commands[0][2] == "my runs/x_ab12:g01c02"


ENDS = {
    "budget": ["resume", "show"],
    "interrupted": ["resume", "show"],
    "error": ["resume", "show"],
    "killed": ["resume", "show"],
    "waiting": ["reply", "resume", "show"],
    "no_valid_candidate": ["show", "refine"],
    "done": ["show", "refine"],
    "target_not_met": ["show", "refine"],
}


@pytest.mark.parametrize("status", ENDS)
@pytest.mark.parametrize("best", [None, "g01c02"])
def test_what_goes_on_with_a_run_stands_first(status: str, best: str | None) -> None:
    commands = [shlex.split(command) for command in next_commands("runs/x_ab12", best, status)]
    assert [command[1] for command in commands][: len(ENDS[status])] == ENDS[status]
    assert all(command[2].startswith("ab12") for command in commands if command[1] != "guide")


def test_a_run_that_runs_is_looked_at() -> None:
    assert next_commands("runs/x_ab12", "g00c00", "running") == ("autoreward show ab12",)


def test_a_budget_is_continued_with_a_larger_one() -> None:
    first = next_commands("runs/x_ab12", "g00c00", "budget", "budget.max_tokens=4000")[0]
    assert first == "autoreward resume ab12 --set budget.max_tokens=4000"
    assert go_on_command("runs/x_ab12", "done") == ""


def test_nothing_of_a_run_is_more_than_a_word() -> None:
    for command in next_commands("runs/x_; rm -rf y", "g00c00; rm z", "budget", "a=$(rm q)"):
        assert not {"rm", "-rf"} & set(shlex.split(command))


def test_an_export_is_proposed_where_none_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert next_commands("runs/x_ab12", "g00c00")[-1] == "autoreward export ab12 -o best_reward"
    (tmp_path / "best_reward").mkdir()
    assert next_commands("runs/x_ab12", "g00c00")[-1] == "autoreward export ab12 -o best_reward_ab12"
