"""What is known of each array of a compiled program: its batch axis, or that it is the same for every batch.

A batch is made of rows: transitions [N, ...] of a reward, episodes [T, N, ...] of a metric. An array either has
exactly one axis of length N, and then its row i depends on row i of the inputs alone, or none, and then it depends
on no row at all. The number N itself may be the size of such an axis and nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from autoreward.records import Finding

KNOWN_LIMIT = 64  # entries of an integer array that are followed: shapes and indices, no data
DTYPES = frozenset({"f32", "i1", "i32"})
"""float32, bool and int32: all that programs of the language compute with."""

_TENSOR = re.compile(r"tensor<((?:(?:\d+|\?)x)*)([A-Za-z]\w*(?:<\w+>)?)>")


class _Symbol:
    """A number that is not known before the program runs."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


BATCH: Final = _Symbol("N")  # the number of rows
COMPARED: Final = _Symbol("N == N")  # outcome of a comparison with it: for an assertion about the inputs only

Entry = int | _Symbol
Bounds = tuple[float, float]
ANYTHING: Final[Bounds] = (-math.inf, math.inf)


@dataclass(frozen=True)
class Value:
    """One array of a program.

    Attributes:
        shape: as its type says; None is an axis whose size is known only when the program runs.
        dtype: as StableHLO writes it.
        axis: its batch axis, or None.
        entries: the numbers in it, row-major, where it is a small array of integers that are known.
        bounds: between which numbers it lies.
    """

    shape: tuple[int | None, ...]
    dtype: str
    axis: int | None = None
    entries: tuple[Entry, ...] | None = None
    bounds: Bounds = ANYTHING

    @property
    def has_size(self) -> bool:
        """Whether the number of rows, or what was learned from it, is in the array."""
        return self.entries is not None and not all(isinstance(entry, int) for entry in self.entries)

    @property
    def elements(self) -> int:
        """How many numbers it holds; a row, where it has the batch axis."""
        return math.prod(size for size in self.shape if size is not None)

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """Its entries where all of them are plain numbers."""
        return None if self.entries is None or self.has_size else tuple(int(entry) for entry in self.entries)  # type: ignore[arg-type]


class ProgramRefused(Exception):
    """A compiled program may not run; `finding` says why."""

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.finding = Finding(rule=rule, severity="error", message=message, remedy=remedy)

    def at(self, line: int) -> None:
        """Say where, unless an operation inside has said it."""
        if self.finding.line is None:
            self.finding = self.finding.model_copy(update={"line": line})


def refuse_form(what: str) -> NoReturn:
    """The program is not of the form that tracing gives."""
    raise ProgramRefused("program.form", f"the compiled program {what}", "Write plain array formulas.")


def value_of_type(text: str) -> Value:
    """An array of a type, e.g. `tensor<?x6xf32>`, of which nothing more is known.

    Raises:
        ProgramRefused: it is no plain array, or of another dtype than programs have.
    """
    match = _TENSOR.fullmatch(text)
    if match is None:
        refuse_form(f"has a value of type {text[:60]}")
    dimensions, dtype = match.groups()
    if dtype not in DTYPES:
        message = f"the program computes with {dtype[:20]}, expected float32, int32 or bool"
        raise ProgramRefused("program.dtype", message, "Use .astype(jnp.float32), jnp.int32 or jnp.bool_.")
    shape = tuple(None if size == "?" else int(size) for size in dimensions.split("x")[:-1])
    return Value(shape, dtype)


def checked_result(declared: Value, axis: int | None, entries: Sequence[Entry] | None = None) -> Value:
    """The result of an operation: its type has to say what the rule of the operation found.

    Args:
        declared: the type that the program gives it.
        axis: its batch axis, as the rule found it.
        entries: its numbers, where the rule knows them.
    """
    open_axes = [place for place, size in enumerate(declared.shape) if size is None]
    if open_axes != ([] if axis is None else [axis]):
        refuse_form(f"has an array of shape {declared.shape} whose batch axis is {axis}")
    if entries is not None and len(entries) == declared.elements <= KNOWN_LIMIT and declared.dtype != "f32":
        return Value(declared.shape, declared.dtype, axis, tuple(entries))
    if entries is not None and any(isinstance(entry, _Symbol) for entry in entries):
        refuse_form("keeps sizes in an array that is no shape")  # they may never be lost sight of
    return Value(declared.shape, declared.dtype, axis)
