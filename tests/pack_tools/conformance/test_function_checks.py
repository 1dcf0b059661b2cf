"""Single functions of a pack, each check by itself on the pendulum with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.pack_tools.conformance import function_checks as checks
from autoreward.pack_tools.conformance.subject import Subject, prepare_subject
from autoreward.records import Finding

Check = Callable[[Subject], Iterator[Finding]]
ALL = [getattr(checks, name) for name in dir(checks) if name.startswith("check_")]


@pytest.fixture(scope="module")
def subject() -> Subject:
    return prepare_subject(load_pack("inverted_pendulum"))


def told(check: Check, subject: Subject, **changes: Any) -> str:
    return "\n".join(finding.message for finding in check(replace(subject, pack=replace(subject.pack, **changes))))


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.__name__)
def test_a_sound_pack_has_no_findings(check: Check, subject: Subject) -> None:
    assert list(check(subject)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"horizon": 0}, "HORIZON is 0, expected at least 1"),
        ({"frame_skip": -1}, "FRAME_SKIP is -1, expected at least 1"),
        ({"gamma": 0.0}, "GAMMA is 0.0, expected above 0"),
        ({"directions": {"up": (0.0, 0.0, 2.0)}}, "DIRECTIONS['up'] is (0.0, 0.0, 2.0), expected a unit vector"),
        ({"directions": {"up": (1.0, 0.0)}}, "DIRECTIONS['up'] is (1.0, 0.0)"),
        ({"title": " "}, "TITLE is empty"),
    ],
)
def test_constants(subject: Subject, changes: dict[str, Any], said: str) -> None:
    assert said in told(checks.check_constants, subject, **changes)


@pytest.mark.parametrize("name", ["torso height", "class", "_hidden", "a__b", "2nd"])
def test_names_that_a_reward_cannot_write(subject: Subject, name: str) -> None:
    field = subject.pack.fields_declared[0].model_copy(update={"name": name})
    assert f"declares {name!r}" in told(checks.check_declarations, subject, fields_declared=(field,))
    assert told(checks.check_declarations, subject, fields_declared=()).endswith("FIELDS is empty")


def test_components_are_as_many_as_entries(subject: Subject) -> None:
    vector = next(field for field in subject.pack.fields_declared if field.components)
    wrong = vector.model_copy(update={"components": vector.components[1:]})
    assert "components for shape" in told(checks.check_declarations, subject, fields_declared=(wrong,))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: {**found, "extra": found["pole_angle"]}, "returns 'extra', which FIELDS does not declare"),
        (lambda found: {name: found[name] for name in found if name != "pole_angle"}, "does not return 'pole_angle'"),
        (lambda found: {**found, "pole_angle": found["pole_angle"][..., None]}, "'pole_angle' with shape"),
        (lambda found: {**found, "pole_angle": np.nan * found["pole_angle"]}, "values that are not finite"),
        (lambda found: list(found.values()), "fields() returned list, expected a dict"),
    ],
)
def test_fields(subject: Subject, change: Callable[[Any], Any], said: str) -> None:
    fields = subject.pack.fields
    assert said in told(checks.check_fields_returned, subject, fields=lambda *given: change(fields(*given)))


def test_an_observation_has_its_size(subject: Subject) -> None:
    size = subject.pack.observation_size
    assert "observation() returned" in told(checks.check_observation, subject, observation_size=size + 1)


def test_a_termination_is_bool_and_false_at_the_start(subject: Subject) -> None:
    always = told(checks.check_termination, subject, terminated=lambda xp, data, memory: xp.isfinite(data.qpos[..., 0]))
    assert "is true in 6 of 6 states just after reset()" in always
    number = told(checks.check_termination, subject, terminated=lambda xp, data, memory: 0.0 * data.qpos[..., 0])
    assert "expected bool" in number


def test_rows_that_know_of_each_other(subject: Subject) -> None:
    observation = subject.pack.observation

    def mixed(xp: Any, data: Any, memory: Any) -> Any:
        seen = observation(xp, data, memory)
        return seen - xp.mean(seen)

    assert told(checks.check_rows_are_independent, subject, observation=mixed)


def test_a_function_that_computes_otherwise_in_jax(subject: Subject) -> None:
    observation = subject.pack.observation

    def other(xp: Any, data: Any, memory: Any) -> Any:
        return observation(xp, data, memory) + (0.0 if xp is np else 1.0)

    assert "observation" in told(checks.check_numpy_and_jax_agree, subject, observation=other)
