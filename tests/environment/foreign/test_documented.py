"""Names of the numbers of an observation, out of the table in its documentation."""

from __future__ import annotations

import gymnasium
import pytest

from autoreward.environment.foreign.documented import documented_end, documented_numbers


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ("CartPole-v1", ["cart_position", "cart_velocity", "pole_angle", "pole_angular_velocity"]),
        ("Pendulum-v1", ["cos_theta", "sin_theta", "angular_velocity"]),
        ("MountainCarContinuous-v0", ["position_of_the_car_along_the_x_axis", "velocity_of_the_car"]),
    ],
)
def test_gymnasiums_tables_are_read(env: str, names: list[str]) -> None:
    made = gymnasium.make(env).unwrapped
    numbers = documented_numbers(made, len(names))
    assert [number.name for number in numbers] == names
    assert documented_numbers(made, len(names) + 1) == ()


def test_units_are_those_of_the_table_or_unknown() -> None:
    units = [number.unit for number in documented_numbers(gymnasium.make("Hopper-v5").unwrapped, 11)]
    assert units == ["m", "rad", "rad", "rad", "rad", "m/s", "m/s", "rad/s", "rad/s", "rad/s", "rad/s"]
    cart = documented_numbers(gymnasium.make("CartPole-v1").unwrapped, 4)
    assert [number.unit for number in cart] == ["unknown", "unknown", "rad", "unknown"]


def test_the_end_of_an_episode_is_told_and_the_reward_never() -> None:
    assert "Pole Angle" in documented_end(gymnasium.make("CartPole-v1").unwrapped)
    for env in ("CartPole-v1", "Acrobot-v1", "Hopper-v5", "Pendulum-v1"):
        assert "reward" not in documented_end(gymnasium.make(env).unwrapped).lower()


def test_no_documentation_gives_no_names() -> None:
    class Silent:
        pass

    assert documented_numbers(Silent(), 2) == ()
    assert documented_end(Silent()) == ""
