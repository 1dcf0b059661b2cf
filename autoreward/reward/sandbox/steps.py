"""The steps of a program: the same where it is traced and in numpy, line by line, dtype by dtype and size by size.

What a program does in Python cannot depend on its arrays, which have no truth and no number. So one run in numpy shows
for all numbers whether an export goes the way that was traced.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import zip_longest
from types import FrameType
from typing import Any, NamedTuple

from autoreward.reward.arrays import Array, NumpyEngine, plain
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.reward.sandbox.jax_engine import JaxEngine
from autoreward.reward.sandbox.namespaces import FILENAME, ContractViolation

DTYPES = ("bool", "int32", "float32")
_REMEDY = "Write it with float32 arrays and plain formulas: what differs is a rare form or dtype of a function."


class Step(NamedTuple):
    """An array that a program made."""

    line: int
    dtype: str
    shape: tuple[Any, ...]  # the batch axis is a symbol of jax, or EXPORT_ROWS


class TracedEngine(JaxEngine):
    """Remembers the steps of the last evaluation."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def wrapped(self, result: Any) -> Array:
        _remember(self.steps, result)
        return super().wrapped(result)


class TriedEngine(NumpyEngine):
    """Remembers the steps of the last evaluation."""

    def __init__(self) -> None:
        super().__init__(EXPORT_ROWS)
        self.steps: list[Step] = []

    def wrapped(self, result: Any) -> Array:
        array = super().wrapped(result)
        _remember(self.steps, plain(array))
        return array


def check_same_steps(traced: Sequence[Step], tried: Sequence[Step]) -> None:
    """Both ways of a program are one.

    Raises:
        ContractViolation: they part, with the line.
    """
    for one, other in zip_longest(traced, tried):
        if one is None or other is None or not _same(one, other):
            seen, numpy = (f"{step.dtype} {step.shape}" if step else "nothing" for step in (one, other))
            where = next(step.line for step in (one, other) if step)
            message = f"line {where} makes {seen} where it is trained and {numpy} in numpy, which the export runs in"
            raise ContractViolation("program.differs", message, _REMEDY)


def _same(one: Step, other: Step) -> bool:
    if one.dtype not in DTYPES:
        return True  # the proof refuses it
    if (one.line, one.dtype, len(one.shape)) != (other.line, other.dtype, len(other.shape)):
        return False
    return all(not isinstance(size, int) or size == tried for size, tried in zip(one.shape, other.shape, strict=True))


def _remember(steps: list[Step], made: Any) -> None:
    """Adds what a line of the program made; what stands around the program is not its step."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename != FILENAME:
        frame = frame.f_back
    if frame is not None:
        steps.append(Step(frame.f_lineno, str(made.dtype), tuple(made.shape)))
