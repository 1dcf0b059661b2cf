"""Errors raised on purpose: the exit codes of the table, a message and a remedy that are safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from autoreward import errors
from autoreward.errors import AutorewardError, UnknownNameError


def below(kind: type[AutorewardError]) -> Iterator[type[AutorewardError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from below(one)


def test_the_table_has_every_error_with_its_exit_code() -> None:
    told = dict(re.findall(r"(\w+Error)\s+(\d+)\s", errors.__doc__ or ""))
    ours = {kind for kind in below(AutorewardError) if kind.__module__ == errors.__name__}
    assert {kind.__name__: str(kind.exit_code) for kind in ours} == told


def test_the_remedy_stands_below_the_message() -> None:
    error = AutorewardError("who, what was seen.", "the cure")
    assert str(error) == "who, what was seen.\n  the cure"
    assert str(AutorewardError("alone.")) == "alone."


def test_what_a_terminal_would_obey_is_made_harmless() -> None:
    error = AutorewardError("red \x1b[31m and \u202eback", "so \x07")
    assert "\x1b" not in str(error) and "\u202e" not in str(error) and "\x07" not in str(error)


@pytest.mark.parametrize(("name", "hint"), [("hoper", "Did you mean 'hopper'?"), ("zzz", "")])
def test_the_nearest_name_is_proposed(name: str, hint: str) -> None:
    told = str(UnknownNameError("environment", name, ["hopper", "ant"]))
    assert name in told and (hint in told if hint else "Did you mean" not in told)
