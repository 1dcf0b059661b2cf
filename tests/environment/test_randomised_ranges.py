"""What a pack may declare to differ from simulation to simulation, and what is said of a wrong declaration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.randomised_ranges import in_words, read_ranges
from autoreward.environment.task import pack_for_task
from autoreward.errors import EnvironmentFailedError
from autoreward.records import RandomisedRange

MASS = dict(quantity="mass", of="torso", scale=(0.8, 1.25))


def test_what_is_declared_is_read() -> None:
    assert read_ranges((MASS, dict(quantity="friction", of=["a", "b"], value=[0, 1], together=True)), "p") == (
        RandomisedRange(quantity="mass", of=("torso",), kind="scale", low=0.8, high=1.25),
        RandomisedRange(quantity="friction", of=("a", "b"), kind="value", low=0.0, high=1.0, together=True),
    )


def test_it_is_said_in_words() -> None:
    ranges = read_ranges(
        (
            MASS,
            dict(quantity="mass", of=("a", "b"), value=(1, 2)),
            dict(quantity="friction", of="all", value=(0.4, 1.2), together=True),
        ),
        "p",
    )
    assert in_words(ranges).endswith(
        "for the whole training: mass of torso 0.8 to 1.25 times the model's; mass of a, b 1 to 2 kg; "
        "friction of all geoms 0.4 to 1.2, the same for all of them."
    )
    assert in_words(()) == ""


def test_disturbances_are_said_in_words() -> None:
    ranges = read_ranges(
        (
            dict(quantity="gravity", scale=(0.9, 1.1)),
            dict(quantity="payload", of="torso", value=(0, 2)),
            dict(quantity="centre_of_mass", of="torso", value=(-0.02, 0.02)),
            dict(quantity="push", of="torso", value=(0, 0.5), every=5),
            dict(quantity="noise", of="gyro", value=(0, 0.2)),
            dict(quantity="delay", value=(0, 0.04), together=True),
        ),
        "p",
    )
    assert in_words(ranges).endswith(
        "gravity 0.9 to 1.1 times the model's; payload of torso 0 to 2 kg; centre of mass of torso moved by -0.02 to "
        "0.02 m along each of its axes; pushes of torso along the ground by 0 to 0.5 m/s every 5 s; noise of gyro with "
        "a standard deviation of 0 to 0.2; delay of all parts of the observation 0 to 0.04 s, the same for all of them."
    )


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"mass": 1}, "is {'mass': 1}, expected a tuple of mappings"),
        (({**MASS, "off": 1},), "[0] has unknown keys: off"),
        (({**MASS, "quantity": "colour"},), "[0]: quantity is 'colour', expected one of mass, friction, gain"),
        (({"of": "a", "scale": (1, 2)},), "quantity is None"),
        (({**MASS, "value": (1, 2)},), "gives scale and value, expected either"),
        ((dict(quantity="mass", of="a"),), "gives neither, expected either scale or value"),
        (({**MASS, "scale": (2, 1)},), "scale is (2, 1), expected (low, high), above 0 and low <= high"),
        (({**MASS, "scale": (0, 1)},), "scale is (0, 1), expected (low, high), above 0"),
        (({**MASS, "scale": 2},), "scale is 2, expected (low, high)"),
        (({**MASS, "scale": (1, float("nan"))},), "scale is (1, nan)"),
        (({**MASS, "scale": (1, True)},), "scale is (1, True)"),
        ((dict(quantity="damping", of="a", value=(-1, 1)),), "value is (-1, 1), expected (low, high), from 0"),
        (({**MASS, "of": ()},), "of is (), expected a name, several different names, or 'all'"),
        (({**MASS, "of": ("a", "a")},), "of is ('a', 'a')"),
        (({**MASS, "together": 1},), "together is 1, expected true or false"),
        ((dict(quantity="push", of="torso", value=(0, 1)),), "every is None, expected the seconds"),
        ((dict(quantity="push", of="all", value=(0, 1), every=1),), "expected the body that is pushed"),
        (({**MASS, "every": 1},), "every is 1, but only a push"),
        ((dict(quantity="gravity", value=(9, 10)),), "the gravity is given as a value, expected scale"),
        ((dict(quantity="noise", value=(-1, 1)),), "value is (-1, 1), expected (low, high), from 0"),
        ((MASS, MASS), "[1]: the mass of torso is declared twice"),
        ((MASS, {**MASS, "of": "all"}), "[1]: the mass of all is declared twice"),
    ],
)
def test_a_wrong_declaration_is_named(declared: Any, said: str) -> None:
    with pytest.raises(EnvironmentFailedError) as caught:
        read_ranges(declared, "mine/pack.py: RANDOMISE")
    assert caught.value.message.startswith("mine/pack.py: RANDOMISE")
    assert said in caught.value.message
    assert "dict(quantity=" in caught.value.remedy or caught.value.remedy == "Declare it once."


def test_a_task_replaces_the_ranges_of_its_pack(tmp_path: Path) -> None:
    pack = replace(load_pack("hopper"), folder=tmp_path, randomise=read_ranges((MASS,), "p"))
    stated = "text: t\nmeaning: m\nunit: '1'\nreference: 1.0\n"
    own = "randomise:\n  - {quantity: friction, of: all, scale: [0.5, 1.5], together: true}\n"
    for name, more in (("same", ""), ("own", own), ("none", "randomise: []\n"), ("wrong", "randomise: 1\n")):
        (tmp_path / "tasks" / name).mkdir(parents=True)
        (tmp_path / "tasks" / name / "task.yaml").write_text(stated + more)
    assert pack_for_task(pack, "same").randomise == pack.randomise
    (range_,) = pack_for_task(pack, "own").randomise
    assert (range_.quantity, range_.of, range_.low, range_.together) == ("friction", ("all",), 0.5, True)
    assert pack_for_task(pack, "none").randomise == ()
    with pytest.raises(EnvironmentFailedError, match=r"tasks/wrong/task.yaml: randomise is 1, expected a list"):
        pack_for_task(pack, "wrong")
