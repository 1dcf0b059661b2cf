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

import numpy as np

from autoreward.reward.arrays import Array, NumpyEngine, plain
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.reward.sandbox.jax_engine import JaxEngine
from autoreward.reward.sandbox.namespaces import FILENAME, ContractViolation

DTYPES = ("bool", "int32", "float32")
ROUNDING = {"float32": 1e-5}  # by how much what a module makes may differ; by ten times as much of its size
_REMEDY = "Write it with float32 arrays and plain formulas: what differs is a rare form or dtype of a function."


class Step(NamedTuple):
    """An array that a program made."""

    line: int
    dtype: str
    shape: tuple[Any, ...]  # the batch axis is a symbol of jax, or EXPORT_ROWS


class Steps:
    """What a program made: its module first, with the numbers; then the last evaluation of its functions."""

    def __init__(self) -> None:
        self.made: list[Step] = []
        self.numbers: list[Any] | None = []  # of each step of the module; None: its functions run

    def begin(self) -> None:
        """An evaluation begins."""
        self.made.clear()
        self.numbers = None

    def remember(self, made: Any) -> None:
        """Adds what a line of the program made; what stands around the program is not its step."""
        frame: FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_filename != FILENAME:
            frame = frame.f_back
        if frame is None:
            return
        self.made.append(Step(frame.f_lineno, str(made.dtype), tuple(made.shape)))
        if self.numbers is not None:
            self.numbers.append(np.asarray(made))


class TracedEngine(JaxEngine):
    """Remembers the steps, and makes arrays of the three dtypes only: numpy has no other, and Python can ask for it."""

    def __init__(self) -> None:
        self.steps = Steps()

    def wrapped(self, result: Any) -> Array:
        if str(result.dtype) not in DTYPES:
            message = f"the program computes with {result.dtype!s:.20}, expected float32, int32 or bool"
            raise ContractViolation("program.dtype", message, "Use .astype(jnp.float32), jnp.int32 or jnp.bool_.")
        self.steps.remember(result)
        return super().wrapped(result)


class TriedEngine(NumpyEngine):
    """Remembers the steps."""

    def __init__(self) -> None:
        super().__init__(EXPORT_ROWS)
        self.steps = Steps()

    def wrapped(self, result: Any) -> Array:
        array = super().wrapped(result)
        self.steps.remember(plain(array))
        return array


def check_same_constants(traced: Steps, tried: Steps) -> None:
    """What the module of a program made, before any function of it was called, is the same both ways.

    Raises:
        ContractViolation: it is not, with the line.
    """
    check_same_steps(traced.made, tried.made)
    for step, one, other in zip(traced.made, traced.numbers or (), tried.numbers or (), strict=True):
        slack = ROUNDING.get(step.dtype, 0.0)
        if not np.allclose(one, other, rtol=10 * slack, atol=slack, equal_nan=True):
            message = f"line {step.line} makes other numbers in training than in numpy, which the export runs in"
            raise ContractViolation("program.differs", message, _REMEDY)


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
    if (one.line, one.dtype, len(one.shape)) != (other.line, other.dtype, len(other.shape)):
        return False
    return all(not isinstance(size, int) or size == tried for size, tried in zip(one.shape, other.shape, strict=True))
