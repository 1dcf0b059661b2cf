"""What fields mean, as a person's file says it: on the way from `--fields FILE.yaml` to what a designer sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.environment.foreign.documented import documentation
from autoreward.environment.foreign.layout import Layout
from autoreward.environment.foreign.making import make
from autoreward.environment.foreign.meanings import MeaningsFile, meanings_text, read_meanings
from autoreward.environment.foreign.reference import parse, with_options
from autoreward.errors import UsageError
from autoreward.records import FieldMeaning, FieldSpec

SAID = FieldMeaning(unit="rad/s", frame="joint", meaning="of the pole; counter-clockwise is positive")


def test_a_file_comes_back_and_its_head_says_how_to_use_it(tmp_path: Path) -> None:
    file = tmp_path / "pole.yaml"
    content = MeaningsFile(env="Pendulum-v1", fields={"angular_velocity": SAID})
    text = meanings_text(content, file, "openai/some")
    file.write_text(text, encoding="utf-8")
    assert read_meanings(file) == content
    assert f"--env Pendulum-v1 --fields {file}" in text and "openai/some" in text


def test_designers_see_what_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "pole.yaml"
    file.write_text("fields:\n  angular_velocity: {unit: rad/s, frame: joint, meaning: of the pole}\n")
    line = with_options("Pendulum-v1", fields=str(file))
    file.unlink()  # the line carries what it said
    reference = parse(line)
    fields = {spec.name: spec for spec in Layout(reference, make(reference)).specs}
    assert fields["angular_velocity"] == FieldSpec(
        name="angular_velocity", unit="rad/s", frame="joint", meaning="of the pole"
    )
    assert fields["cos_theta"].unit == "unknown"


def test_a_file_may_name_the_function_that_makes_the_fields(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("function: own_envs:fields\nfields:\n  gap: {unit: m, meaning: to the goal}\n")
    reference = parse(with_options("own_envs:Reach", fields=str(file)))
    assert reference.fields == "own_envs:fields" and reference.meanings["gap"].unit == "m"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ("fields: {}", "fields"),
        ("fields: {speed: {units: m}}", "speed"),
        ("fields: {speed: 3}", "speed"),
        ("more: 1\nfields: {speed: {meaning: x}}", "more"),
        ("a: [", "did not find expected"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: str, seen: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(content)
    with pytest.raises(UsageError, match=seen):
        with_options("Pendulum-v1", fields=str(file))


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ("{speed: {meaning: x}}", "no field 'speed'"),
        ("{cos_theta: {meaning: x, components: [a, b]}}", "2 components"),
    ],
)
def test_what_does_not_fit_the_environment_is_refused(tmp_path: Path, fields: str, seen: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(f"fields: {fields}")
    reference = parse(with_options("Pendulum-v1", fields=str(file)))
    with pytest.raises(UsageError, match=seen):
        Layout(reference, make(reference))


def test_documentation_is_told_without_how_the_environment_pays() -> None:
    text = documentation(make(parse("gymnasium:Pendulum-v1")).unwrapped)
    assert "angular velocity" in text.lower()
    assert "reward" not in text.lower() and "theta_dt" not in text

    class Paying:
        """A thing that moves.

        ## Rewards
        The distance counts.

        ### Details
        Squared.

        ## Observation
        The place [m].
        It is solved at 1.
        """

    assert documentation(Paying()).split("\n") == ["A thing that moves.", "", "## Observation", "The place [m]."]
