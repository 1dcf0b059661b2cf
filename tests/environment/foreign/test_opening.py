"""Opened in a process of its own: what a designer sees, and that the environment's own reward is none of it."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
import pytest

from autoreward.environment.foreign import opening_worker
from autoreward.environment.foreign.opening import open_foreign
from autoreward.environment.foreign.opening_worker import opened
from autoreward.environment.foreign.reference import parse, read_reference
from autoreward.environment.undirected import undirected_episodes
from autoreward.errors import EnvironmentFailedError, UsageError
from autoreward.workflows.sample import sample_of


@pytest.fixture(autouse=True)
def a_short_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is opened in this process; in one of its own it is looked at for longer."""
    monkeypatch.setattr(opening_worker, "STEPS", 64)
    monkeypatch.setattr(opening_worker, "INFO_STEPS", 200)


def line(env: str) -> str:
    found = read_reference(env)
    assert found is not None
    return found.text


def test_what_tells_the_reward_is_hidden_and_listed() -> None:
    environment = open_foreign(line("own_envs:Reach"))
    names = {field.name for field in environment.spec.fields}
    assert {"achieved_goal", "desired_goal", "info_power", "observation", "time", "terminated"} <= names
    assert {field.name for field in environment.hidden} == {
        "env_reward", "info_is_success", "info_reward_near", "info_far", "info_closeness",
    }  # fmt: skip
    assert not names & {field.name for field in environment.hidden}
    shown = {*environment.transitions.state, *environment.transitions.next_state}
    assert not shown & {field.name for field in environment.hidden}
    said = " ".join(environment.pack.foreign.notes)  # type: ignore[union-attr]
    assert "reward_near (its name)" in said and "closeness (it goes along with the reward" in said
    assert "mission" in said
    assert "not known: time is counted in steps" in said
    assert environment.spec.field("time").unit == "steps"  # type: ignore[union-attr]
    again = parse(environment.path or "")
    assert again.info is not None and "far" in again.info.hidden


@pytest.mark.parametrize(
    ("env", "hidden"),
    [
        ("HalfCheetah-v5", {"info_reward_forward", "info_reward_ctrl", "info_x_velocity"}),
        ("Ant-v5", {"info_reward_forward", "info_reward_ctrl", "info_reward_contact", "info_reward_survive"}),
    ],
)
def test_gymnasiums_robots_do_not_tell_theirs(env: str, hidden: set[str]) -> None:
    facts, spec, arrays = opened(parse(line(env)))
    assert hidden <= {field.name for field in facts.hidden}
    visible = {field.name for field in spec.fields} - {field.name for field in facts.hidden}
    assert not [name for name in visible if "reward" in name]
    assert not [name for name in arrays if "reward" in name]
    assert spec.field("torso_position") is not None


@pytest.mark.thorough
def test_meta_world_does_not_tell_its_own() -> None:
    pytest.importorskip("metaworld")
    facts, _, arrays = opened(parse(line("Meta-World/drawer-open-v3")))
    told = {"info_success", "info_grasp_success", "info_grasp_reward", "info_in_place_reward", "info_unscaled_reward"}
    assert told <= {field.name for field in facts.hidden}
    assert not [name for name in arrays if "reward" in name or "success" in name]


def test_a_key_that_a_person_names_is_shown() -> None:
    shown = parse(line("own_envs:Reach")).model_copy(update={"keep": ("far", "nothing")})
    facts, _, _ = opened(shown)
    assert "info_far" in {field.name for field in facts.fields}
    assert any("--show-info: nothing is no number" in note for note in facts.notes)


def test_opening_the_pinned_line_again_gives_the_same() -> None:
    facts, spec, arrays = opened(parse(line("CartPole-v1")))
    again = opened(parse(facts.reference))
    assert again[0].fields == facts.fields and again[1] == spec
    for name, array in arrays.items():
        if name == "steps_a_second":
            continue
        np.testing.assert_array_equal(array, again[2][name])


@pytest.mark.parametrize(
    ("env", "kwargs", "note"),
    [
        ("own_envs:IgnoresSeeds", {}, "It ignores the seed of reset()"),
        ("own_envs:Choices", {}, "Its reward is a vector of 2"),
        ("own_envs:Counting", {}, "How long a step lasts is taken from its render_fps"),
    ],
)
def test_what_a_person_should_know_is_said(env: str, kwargs: Mapping[str, object], note: str) -> None:
    facts, _, _ = opened(parse(line(env)).model_copy(update={"kwargs": kwargs}))
    assert any(note in one for one in facts.notes), facts.notes


def test_fewer_copies_are_made_of_what_takes_long_to_make(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = len(os.sched_getaffinity(0))
    assert opening_worker.most_copies(0.5) is None
    assert opening_worker.most_copies(60.0 * cores / 20) == 16  # 20 in the time that there is
    assert opening_worker.most_copies(1000.0 * cores) == 1
    monkeypatch.setattr(opening_worker, "LONG", 0.0)
    facts, _, _ = opened(parse(line("own_envs:Counting")))
    assert facts.parsed.info is not None and facts.parsed.info.most_copies is not None
    again, _, _ = opened(parse(facts.reference))
    assert again.parsed.info == facts.parsed.info


def test_one_that_prints_disturbs_nothing() -> None:
    assert open_foreign(line("own_envs:Chatters")).spec.observation_size == 2


@pytest.mark.parametrize(
    ("env", "error", "seen"),
    [
        ("own_envs:Pictures", EnvironmentFailedError, "is an image, 64 x 64 x 3 bytes"),
        ("own_envs:Raises", EnvironmentFailedError, "the gripper is stuck"),
        ("own_envs:ReturnsNan", EnvironmentFailedError, "not finite"),
    ],
)
def test_what_cannot_be_used_is_said(env: str, error: type[Exception], seen: str) -> None:
    with pytest.raises(error, match=seen):
        opened(parse(line(env)))


def test_the_sentence_of_the_process_is_said_here() -> None:
    with pytest.raises(UsageError, match="There is no environment 'CartPole-v9' here"):
        open_foreign(line("CartPole-v9"))


def test_a_process_that_ends_is_said() -> None:
    with pytest.raises(EnvironmentFailedError, match="the process that opened it ended with status 3"):
        open_foreign(line("own_envs:Exits"))


def test_episodes_that_nobody_designed_are_played_there_too() -> None:
    reference = parse(line("own_envs:Reach")).model_copy(update={"kwargs": {"max_episode_steps": 20}})
    environment = open_foreign(reference.text)
    episodes = undirected_episodes(environment.pack)
    assert (episodes.of("random").sum(), episodes.of("motionless").sum(), episodes.of("held").sum()) == (24, 4, 12)
    assert episodes.valid.shape == (20, 40) and episodes.valid.all()
    assert not {"env_reward", "info_far"} & set(episodes.fields)
    hand = episodes.fields["achieved_goal"]
    still, held = hand[:, episodes.of("motionless")], hand[:, episodes.of("held")]
    np.testing.assert_array_equal(still[0], still[-1])
    step = held[1] - held[0]
    np.testing.assert_allclose(held[2] - held[1], step, atol=1e-6)
    assert episodes.movement(0).shape == (20, 1 + 2)


def test_rewards_are_compared_on_what_was_seen_when_it_was_opened() -> None:
    environment = open_foreign(line("own_envs:make_short"))
    sample = sample_of(environment, [])
    assert environment.ends is not None and environment.ends.shape == (512, 8)
    assert sample.size == 512 * 8
    assert {stop - start for start, stop in sample.spans} == {2}  # its episodes
    rows = sample.flat["next_state.observation"][:4]
    np.testing.assert_array_equal(rows[:, 1], [1, 2, 1, 2])  # steps of one copy, one after the other
    assert environment.steps_a_second is not None and environment.steps_a_second > 0
