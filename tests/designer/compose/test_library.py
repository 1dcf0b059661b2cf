"""The library for one task: goals of the main aim first, nothing twice, weights against the goal's scale."""

from __future__ import annotations

import pytest

from autoreward.designer.compose.ingredients import cost, goal
from autoreward.designer.compose.library import build_library, unique
from autoreward.designer.compose.words import read_aims
from autoreward.records import EnvSpec
from tests.designer.env_specs import ENV_SPECS, RUNNER, TEXTS


@pytest.mark.parametrize("env", ENV_SPECS.values(), ids=ENV_SPECS)
def test_there_is_always_a_goal_and_nothing_twice(env: EnvSpec) -> None:
    for text in TEXTS:
        library = build_library(env, read_aims(text, env.directions))
        assert library.goals, text
        for part in (library.goals, library.guides, library.costs):
            assert len({one.term.name for one in part}) == len(part), text
        assert all(one.term.weight < 0.0 for one in library.costs), text
        assert all(one.term.weight > 0.0 for one in library.guides), text


def test_the_main_aim_leads() -> None:
    library = build_library(RUNNER, read_aims("Run forward as fast as possible.", RUNNER.directions))
    assert library.goals[0].term.name == "speed_forward"
    assert {one.aim for one in library.serving("thrift")} == {"thrift"}
    assert library.serving("no such aim") == []


def test_the_first_of_a_name_is_kept() -> None:
    first, second, other = goal("a", "x", 1.0, "1"), goal("b", "x", 2.0, "2"), cost("a", "y", -1.0, "3")
    assert unique([first, other, second]) == (first, other)
