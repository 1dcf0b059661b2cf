"""What a person says of how an environment is made becomes part of the line that names it."""

from __future__ import annotations

import pytest

from autoreward.cli.environment_options import with_environment_options
from autoreward.environment.foreign.reference import parse
from autoreward.errors import UsageError


def test_values_are_read_as_numbers_lists_and_words() -> None:
    pairs = ["g=9.8", "fast=true", "goal=[1, 2]", "name=red one"]
    line = with_environment_options("Pendulum-v1", pairs, None, None, ["a"])
    assert parse(line).kwargs == {"g": 9.8, "fast": True, "goal": [1, 2], "name": "red one"}
    assert parse(line).keep == ("a",)


def test_without_options_it_stays_as_it_is() -> None:
    assert with_environment_options("hopper/forward", None, [], None, None) == "hopper/forward"


@pytest.mark.parametrize("pair", ["g", "=3", "a b=3", "g=[1"])
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(UsageError, match="--env-kwargs"):
        with_environment_options("Pendulum-v1", [pair], None, None, None)
