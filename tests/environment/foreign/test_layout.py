"""What is read of an environment: fields by name, its clock, a person's own function."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gymnasium
import pytest

from autoreward.environment.foreign.layout import HORIZON, Layout, action_names, horizon_of, period_of
from autoreward.environment.foreign.reference import PinnedInfo, Reference
from autoreward.errors import UsageError
from tests.environment.foreign import own_envs

INFO = PinnedInfo(shown={"far": (), "late": ()}, hidden={"is_success": ()}, at_reset=("far", "is_success"))
REACH = Reference(id="own_envs:Reach", info=INFO)


def layout(**changes: Any) -> Layout:
    return Layout(REACH.model_copy(update=changes), own_envs.Reach())


def test_a_dict_gives_its_parts_by_name() -> None:
    facts = layout().describe()
    shapes = {field.name: field.shape for field in facts.fields}
    parts = {"achieved_goal": (2,), "desired_goal": (2,), "mode": (), "observed_observation": (2,)}
    assert shapes == {**parts, "info_far": (), "info_late": ()}
    assert {field.unit for field in facts.fields if field.name != "mode"} == {"unknown"}
    assert [field.name for field in facts.hidden] == ["env_reward", "info_is_success"]
    assert [field.name for field in facts.fields if field.next_state_only] == ["info_late"]


def test_a_persons_function_takes_the_place_of_what_is_found() -> None:
    facts = layout(fields="own_envs:fields", info=PinnedInfo(shown={}, hidden={})).describe()
    far, between = facts.fields
    assert (far.name, far.shape, far.unit, far.meaning) == ("far", (), "m", "how far it is from the goal")
    assert (between.name, between.shape, between.unit) == ("between", (2,), "unknown")


def test_a_function_that_makes_no_fields_is_refused() -> None:
    with pytest.raises(UsageError, match=r"returned list.*expected a dict of names"):
        layout(fields="own_envs:wrong_fields")
    with pytest.raises(UsageError, match=r"own_envs\.no_fields is nothing"):
        layout(fields="own_envs:no_fields")


def test_choices_and_unlimited_numbers_are_said() -> None:
    assert "2 choices among 2, 3 actions" in Layout(Reference(id="own"), own_envs.Choices()).describe().action
    free = Layout(Reference(id="own"), own_envs.Unbounded()).describe()
    assert "entries [0, 1] have no limits" in free.action
    assert (free.action_low, free.action_high) == ((-1.0, 0.0, -2.0), (1.0, 1.0, 4.0))
    assert free.free_actions == {0: (None, None), 1: (0.0, None)}


def test_the_clock_is_what_something_tells() -> None:
    assert period_of(gymnasium.make("Hopper-v5"))[1] == "dt"
    assert period_of(gymnasium.make("CartPole-v1")) == (0.02, "tau")
    assert period_of(own_envs.Counting()) == (0.1, "render_fps")
    assert period_of(own_envs.Reach()) == (1.0, "")


def test_the_horizon_is_the_time_limit() -> None:
    assert horizon_of(Reference(id="a"), gymnasium.make("CartPole-v1")) == 500
    assert horizon_of(Reference(id="a", kwargs={"max_episode_steps": 7}), own_envs.Counting()) == 7
    assert horizon_of(Reference(id="a"), own_envs.Counting()) == HORIZON


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ({"action_names": ["left", "right"]}, ("left", "right")),
        ({"get_action_meanings": lambda: ["NOOP", "FIRE"]}, ("NOOP", "FIRE")),
        ({"action_names": [1, 2]}, ()),
        ({"action_names": "left"}, ()),
        ({}, ()),
    ],
)
def test_what_an_environment_calls_its_choices(stated: dict[str, object], names: tuple[str, ...]) -> None:
    assert action_names(SimpleNamespace(**stated)) == names


def test_designers_are_told_what_choices_are() -> None:
    env = gymnasium.make("CartPole-v1")
    env.unwrapped.action_names = ["push left", "push right"]  # type: ignore[attr-defined]
    words = Layout(Reference(id="CartPole-v1"), env).describe().action
    assert words.endswith("else 0; 0 to 1 are push left, push right")
