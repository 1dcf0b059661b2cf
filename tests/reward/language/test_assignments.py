"""`x += y` means the same in numpy and where it is compiled."""

from __future__ import annotations

import ast

import pytest

from autoreward.reward.language.assignments import write_out_assignments
from autoreward.reward.language.rules import checked_text, parse
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("x += 1", "x = x + 1"),
        ("x *= y - 1", "x = x * (y - 1)"),
        ("x[0] -= y", "x[0] = x[0] - y"),
        ("for i in range(3):\n    x **= i", "for i in range(3):\n    x = x ** i"),
    ],
)
def test_it_is_written_out(written: str, meant: str) -> None:
    tree = ast.parse(written)
    write_out_assignments(tree)
    assert ast.unparse(tree) == meant


def test_another_name_of_the_same_array_keeps_its_value(sandbox: Sandbox) -> None:
    source = """WEIGHTS = {"first": 1.0, "second": 1.0}


def reward_terms(state, action, next_state, params):
    first = action[..., 0] * 1.0
    second = first
    second += jnp.where(action[..., 0] > 0.0, 1.0, 0.0)
    return {"first": first, "second": second}
"""
    parsed = parse(source, [field.name for field in ROBOT.fields])
    assert parsed.runnable and parsed.tree is not None
    assert "second = second + " in (checked_text(parsed.tree) or "")
    rows = transitions(16)
    twin = sandbox.twin(source, ROBOT, rows).twin
    assert twin is not None
    assert (twin["terms"][:, 0] == rows.action[:, 0]).all()
    assert (twin["terms"][:, 1] - twin["terms"][:, 0] >= 0.0).all()
