"""Single operations of a compiled program, with what is known of their operands."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autoreward.reward.sandbox.proof.operation import TRANSITIONS, Operation
from autoreward.reward.sandbox.proof.values import Entry, Value, value_of_type

ROWS = Value((None,), "f32", 0)  # [N]
FEATURES = Value((None, 3), "f32", 0)  # [N, 3]
PLAIN = Value((3,), "f32")  # [3], the same for every batch


def known(*entries: Entry) -> Value:
    """A shape or another list of integers that are known."""
    return Value((len(entries),), "i32", None, entries)


def operation(name: str, operands: tuple[Value, ...], told: str, **attributes: Any) -> Operation:
    """One with a single result of this type; a plain integer is an attribute with that value."""
    held = {key: SimpleNamespace(value=value) if isinstance(value, int) else value for key, value in attributes.items()}
    return Operation(name, operands, (value_of_type(told),), held, TRANSITIONS)
