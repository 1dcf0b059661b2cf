"""Whole episodes: what is wrong only after some steps, on the pendulum with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.pack_tools.conformance.episode_checks import ENVS, STEPS, check_episodes, play
from autoreward.pack_tools.conformance.subject import Subject, prepare_subject


@pytest.fixture(scope="module")
def subject() -> Subject:
    return prepare_subject(load_pack("inverted_pendulum"))


def told(subject: Subject, **changes: Any) -> list[str]:
    found = check_episodes(replace(subject, pack=replace(subject.pack, **changes)))
    return [f"{finding.severity}: {finding.message}" for finding in found]


def test_a_sound_pack_has_no_findings(subject: Subject) -> None:
    assert told(subject) == []


def test_the_same_seeds_play_the_same_episodes(subject: Subject) -> None:
    one, other = play(subject.pack, "random"), play(subject.pack, "random")
    np.testing.assert_array_equal(one.next_state["pole_angle"], other.next_state["pole_angle"])
    assert one.rollout.action.shape[:2] == (STEPS, ENVS)


def test_extreme_actions_are_held(subject: Subject) -> None:
    held = play(subject.pack, "high")
    assert (held.rollout.action == held.env.actions.high).all()


def fields_of(subject: Subject, change: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    fields = subject.pack.fields

    def changed(xp: Any, data: Any, memory: Any) -> Any:
        return {**fields(xp, data, memory), "pole_angle": change(xp, data)}

    return changed


def test_what_becomes_infinite_after_some_steps(subject: Subject) -> None:
    wrong = fields_of(subject, lambda xp, data: xp.where(xp.abs(data.qpos[..., 1]) > 0.05, xp.inf, data.qpos[..., 1]))
    assert "error: inverted_pendulum: fields() gives pole_angle values that are not finite after some steps" in told(
        subject, fields=wrong
    )


def test_what_never_changes_is_a_warning(subject: Subject) -> None:
    (one,) = told(subject, fields=fields_of(subject, lambda xp, data: 0.0 * data.qpos[..., 1]))
    assert one.startswith("warning: inverted_pendulum: fields() gives pole_angle the same value 0 in 64 random steps")


def test_randomness_of_ones_own_is_found(subject: Subject) -> None:
    rng = np.random.default_rng(0)
    drawn = fields_of(subject, lambda xp, data: data.qpos[..., 1] + rng.standard_normal(data.qpos.shape[:-1]))
    said = "two rollouts with the same seeds and actions differ in pole_angle"
    assert any(said in one for one in told(subject, fields=drawn))
