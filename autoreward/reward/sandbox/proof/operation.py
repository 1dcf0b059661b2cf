"""One operation of a compiled program as its rule sees it, and the words for what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from autoreward.reward.sandbox.proof.values import Entry, ProgramRefused, Value, checked_result, refuse_form

_WORDS = {
    "concatenate": "a concatenation or roll",
    "dot_general": "a product",
    "dynamic_gather": "an index",
    "dynamic_iota": "numbering with jnp.arange",
    "dynamic_pad": "a concatenation or padding",
    "dynamic_reshape": "a reshape",
    "dynamic_slice": "a slice",
    "gather": "an index",
    "pad": "a concatenation or padding",
    "real_dynamic_slice": "a slice",
    "reduce": "a sum, mean, max or another reduction",
    "reduce_window": "a cumulative sum, product or maximum",
    "reverse": "a flip",
    "slice": "a slice",
    "sort": "a sort or median",
}


@dataclass(frozen=True)
class Batch:
    """How a batch is spoken of."""

    row: str  # "row" or "episode"
    rows: str
    cure: str


TRANSITIONS = Batch(
    "row",
    "rows",
    "Each row is one transition and means the same in any batch: use axis=-1 and x[..., i], and "
    "jnp.take_along_axis(x, index[..., None], axis=-1) for an entry of each row; never mean, max, sort or cumsum over "
    "axis 0, x[0] or x[::-1]. A field of shape [] has no axis but the batch.",
)


EPISODES = Batch(
    "episode",
    "episodes",
    "Axis 0 is time, axis 1 the episodes, and each counts for itself: reduce and index over axis 0 and the axes of the "
    "field only.",
)


@dataclass(frozen=True)
class Operation:
    """One operation, with what is known of its operands.

    Attributes:
        name: without its dialect.
        operands: what it takes.
        results: their types, as the program declares them.
        attributes: of MLIR, by name.
        batch: the words for findings.
    """

    name: str
    operands: tuple[Value, ...]
    results: tuple[Value, ...]
    attributes: Any
    batch: Batch

    def integers(self, name: str, default: Sequence[int] = ()) -> tuple[int, ...]:
        """An attribute that is a list of integers."""
        return tuple(int(number) for number in self.attributes[name]) if name in self.attributes else tuple(default)

    def integer(self, name: str) -> int:
        """An attribute that is an integer."""
        return int(self.attributes[name].value)

    def mixes(self) -> NoReturn:
        """Refuse: rows would depend on each other."""
        what = _WORDS.get(self.name, self.name)
        message = f"{what} runs over the {self.batch.rows} of the batch: one {self.batch.row} would depend on others"
        raise ProgramRefused("program.rows", message, self.batch.cure)

    def counts(self) -> NoReturn:
        """Refuse: the number of rows would be a number of the program."""
        rows = self.batch.rows
        message = (
            f"the number of {rows} is used as a number: arithmetic with it or with x.size, or an index, flip, mean or "
            f"cumsum over the {rows}"
        )
        raise ProgramRefused("program.batch_size", message, f"It may be a size in a shape only. {self.batch.cure}")


def common_axis(operation: Operation, values: Sequence[Value]) -> int | None:
    """The batch axis of operands of equal shape."""
    if any(value.has_size for value in values):
        operation.counts()
    axes = {value.axis for value in values}
    if len(axes) > 1:
        operation.mixes()
    return axes.pop() if axes else None


def one_result(operation: Operation, axis: int | None, entries: Sequence[Entry] | None = None) -> tuple[Value, ...]:
    """The result of an operation that has one, checked against its declared type."""
    if len(operation.results) != 1:
        refuse_form(f"has {operation.name} with {len(operation.results)} results")
    return (checked_result(operation.results[0], axis, entries),)
