"""What to type after a search."""

from __future__ import annotations

import shlex

import pytest

from autoreward.views.next_commands import next_commands, run_name


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


def test_without_one_it_is_looked_at_and_continued() -> None:
    assert next_commands("runs/x_ab12", None) == ("autoreward show ab12", "autoreward resume ab12", "autoreward guide")
