"""Text may be made of indices, names and constants; never of arrays, records or shapes, nor as wide as one likes."""

from __future__ import annotations

import pytest

from autoreward.reward.language.rules import parse

PROGRAM = """
NAMES = ("left", "right")
GAINS = {{"left": 1.0, "right": 2.0}}
WEIGHTS = {{"a": 1.0}}


def reward_terms(state, action, next_state, params):
    x = next_state.speed
    n = x.shape[0]
    {line}
    return {{"a": x}}
"""


def rules(line: str) -> set[str]:
    return {finding.rule for finding in parse(PROGRAM.format(line=line), ["speed"]).findings}


@pytest.mark.parametrize(
    "line",
    [
        'z = {f"joint_{i}": x for i in range(3)}',
        'z = {f"joint_{i + 1}": x for i in range(3)}',
        'z = {f"{name}_speed": x * gain for name, gain in GAINS.items()}',
        'z = {f"{name}_{i}": x for i, name in enumerate(NAMES)}',
        'z = {f"{a}_{b}": x for a, b in zip(NAMES, (1, 2))}',
        'z = [f"{NAMES[i]}" for i in range(2)]',
        'z = ["joint_" + str(i) for i in reversed(range(3))]',
        "z = x % 2.0",
    ],
)
def test_indices_names_and_constants(line: str) -> None:
    assert rules(line) == set()


@pytest.mark.parametrize(
    "line",
    [
        'z = f"{x}"',
        'z = f"{n}"',
        'z = f"{state}"',
        'z = f"{x.shape}"',
        'z = f"{1.0:>999999999}"',
        'z = [f"{i:d}" for i in range(3)]',
        'z = [f"{i!s}" for i in range(3)]',
        'z = [f"{q}" for q in (x, n)]',
        'z = [f"{i}" for i in range(3) for i in (x,)]',
        'z = [f"{row}" for row in x]',
        "z = str(next_state)",
        "z = str(x.shape)",
        "z = list(map(str, [n]))",
        'z = "%s" % n',
    ],
)
def test_what_is_no_index_is_no_text(line: str) -> None:
    assert "static.value_text" in rules(line)
