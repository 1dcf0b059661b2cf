"""What a program sees in the child: read-only namespaces with the allowed members, and read-only field records."""

from __future__ import annotations

import builtins
import difflib
import math
from collections.abc import Mapping
from typing import Any

from autoreward.reward.arrays import Engine
from autoreward.reward.language import grammar

FILENAME = "<reward>"  # of a program, in tracebacks and in the locations of its operations


class ContractViolation(Exception):
    """The program did something the contract excludes, seen while it ran."""

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.remedy = remedy


class Namespace:
    """A read-only set of functions and constants; the module they come from is not reachable through it."""

    def __init__(self, name: str, members: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_members", dict(members))

    def __getattr__(self, name: str) -> Any:
        try:
            return self._members[name]
        except KeyError:
            message = f"{self._name}.{name} is not part of the reward language"
            raise ContractViolation("static.member", message, "Use an allowed function.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise ContractViolation("static.store", f"{self._name}.{name} is assigned", "Namespaces are read only.")


class FieldRecord:
    """The fields of one state as attributes; remembers which ones were read."""

    def __init__(self, name: str, arrays: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_arrays", dict(arrays))
        object.__setattr__(self, "_read", set())

    def __getattr__(self, name: str) -> Any:
        if name not in self._arrays:
            message = f"{self._name}.{name}: there is no such field"
            raise ContractViolation("contract.unknown_field", message, nearest_fields(name, list(self._arrays)))
        self._read.add(name)
        return self._arrays[name]

    def __setattr__(self, name: str, value: Any) -> None:
        message = f"{self._name}.{name} is assigned: records are read only"
        raise ContractViolation("static.store", message, "Give the new value a name of its own.")


def fields_read(record: FieldRecord) -> set[str]:
    """Names of the fields that were read from a record so far."""
    read: set[str] = object.__getattribute__(record, "_read")
    return read


def nearest_fields(name: str, known: list[str]) -> str:
    """The fields that exist, those with the nearest names first."""
    close = difflib.get_close_matches(name, known, n=len(known) or 1, cutoff=0.4)
    return f"Fields: {', '.join(close + [other for other in known if other not in close])}."


def program_globals(engine: Engine) -> dict[str, Any]:
    """Fresh globals for one program, with `jnp` and `np` both standing for the functions of `engine`.

    Args:
        engine: of jax for tracing, of numpy for the twin.
    """
    linalg = Namespace("jnp.linalg", {name: engine.member(f"linalg.{name}") for name in grammar.LINALG_MEMBERS})
    members = {name: engine.member(name) for name in grammar.JNP_MEMBERS}
    arrays = Namespace("jnp", {**members, "linalg": linalg})
    allowed = {name: getattr(builtins, name) for name in grammar.BUILTINS}
    return {
        "__builtins__": {**allowed, "range": _ShortRange(), "True": True, "False": False, "None": None},
        "jnp": arrays,
        "np": arrays,
        "math": Namespace("math", {name: getattr(math, name) for name in grammar.MATH_MEMBERS}),
    }


def forget_loops(module: Mapping[str, Any]) -> None:
    """Counts the turns of loops from zero again: the limit is one for a single evaluation of a program."""
    turns = module["__builtins__"]["range"]
    assert isinstance(turns, _ShortRange)
    turns.forget()


class _ShortRange:
    """`range` with a bound on the turns of one loop and of all loops of a program together: loops are unrolled."""

    def __init__(self) -> None:
        self._turns = 0

    def forget(self) -> None:
        self._turns = 0

    def __call__(self, *bounds: int) -> range:
        turns = range(*bounds)
        # len() of an enormous range raises OverflowError; a slice has an answer for any size
        self._turns += len(turns[: grammar.LOOP_LIMIT + 1])
        if len(turns[: grammar.LOOP_LIMIT + 1]) > grammar.LOOP_LIMIT or self._turns > grammar.LOOP_TOTAL_LIMIT:
            message = f"loops of more than {grammar.LOOP_LIMIT} turns, or {grammar.LOOP_TOTAL_LIMIT} in all"
            raise ContractViolation("trace.loop", message, "Loops are unrolled: use an array expression, jnp.sum.")
        return turns
