"""What single words tell about a task."""

from __future__ import annotations

import pytest

from autoreward.designer.compose.words import aims_of, read_aims, stem, stems

FLAT = {"forward": (0.0, -1.0, 0.0), "up": (0.0, 0.0, 1.0)}


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("run runs running", "run"),
        ("fast faster fastest", "fast"),
        ("steady steadier steadily", "steadi"),
        ("fall falls falling", "fall"),
        ("balance balances balanced balancing", "balanc"),
        ("smooth smoother smoothly", "smooth"),
        ("speed speeds speedily", "speed"),
        ("slow slower slowly", "slow"),
        ("jump jumped", "jump"),
        ("tumble tumbling", "tumbl"),
    ],
)
def test_forms_of_a_word_have_one_stem(words: str, same: str) -> None:
    assert {stem(word) for word in words.split()} == {same}


@pytest.mark.parametrize(("name", "verb"), [("hopper", "hop"), ("swimmer", "swim"), ("walker", "walk")])
def test_the_name_of_a_machine_is_no_wish(name: str, verb: str) -> None:
    assert stem(name) != stem(verb)
    assert read_aims(f"Make the {name} stand still.", FLAT).main == "posture"


def test_names_fall_into_their_words() -> None:
    assert stems("torso_velocity [m/s]") == stems("TORSO velocity m s")


@pytest.mark.parametrize(
    ("text", "main"),
    [
        ("Run forward as fast as possible.", "travel"),
        ("Move ahead", "travel"),
        ("Reach the goal.", "reach"),
        ("Jump!", "height"),
        ("Rotate slowly", "turn"),
        ("Keep the pole upright.", "posture"),
        ("Hold still", "still"),
        ("Qwertz", "posture"),
        ("forward!", "travel"),
        ("upward!", "height"),
    ],
)
def test_the_main_aim(text: str, main: str) -> None:
    assert read_aims(text, FLAT).main == main


def test_directions_are_the_declared_ones_or_their_opposites() -> None:
    assert read_aims("Run forward", FLAT).direction == (0.0, -1.0, 0.0)
    assert read_aims("Run backwards", FLAT).direction == (0.0, 1.0, 0.0)
    assert read_aims("Run", FLAT).direction_name == "forward"
    assert read_aims("Run to the left", FLAT).direction == (0.0, -1.0, 0.0)  # left is not declared
    assert read_aims("Run east", {"east": (1.0, 0.0, 0.0), **FLAT}).direction == (1.0, 0.0, 0.0)
    assert read_aims("Run", {}).direction is None


@pytest.mark.parametrize(
    ("text", "speed"), [("Walk at 1.5 m/s.", 1.5), ("at 2 metres per second", 2.0), ("in 3 m", None)]
)
def test_a_stated_speed(text: str, speed: float | None) -> None:
    assert read_aims(text, FLAT).speed == speed


@pytest.mark.parametrize(
    ("note", "aims"),
    [
        ("make it smoother please", {"steady"}),
        ("it uses too much energy, less effort", {"thrift"}),
        ("faster!", {"fast", "travel"}),
        ("it falls over", {"posture"}),
        ("nice", set()),
    ],
)
def test_words_of_notes(note: str, aims: set[str]) -> None:
    assert aims_of(stems(note)) == aims
