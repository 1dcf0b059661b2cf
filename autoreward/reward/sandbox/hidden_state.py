"""What a program could keep between two calls: all that its module reaches, as a value that can be compared.

A program is traced once and exported as Python. If a call changes a list in a tuple, in a default, in a closure or
behind a bound method, the export drifts away from what was trained. What a program does in Python is the same at every
call as long as nothing of this changes, so one comparison around a call decides. Runs in the child only.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from autoreward.reward.sandbox.guards import REMAINDER
from autoreward.reward.sandbox.namespaces import ContractViolation

OF_LANGUAGE = ("__builtins__", "jnp", "np", "math", REMAINDER)
_PLAIN = (bool, int, float, str, bytes, complex, type(None), type(...), range)
_SEQUENCES: tuple[Any, ...] = (list, tuple, set, frozenset, type({}.keys()), type({}.values()), type({}.items()))
_REMEDY = "Build a new value in every call: a reward keeps nothing between calls."


class _Same:
    """Stands for an object whose inside cannot change; equal to itself alone, and keeps it alive."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._value is self._value

    __hash__ = None  # type: ignore[assignment]


def module_state(module: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each name of a module; two are equal where nothing that the name reaches has changed.

    Raises:
        ContractViolation: a name reaches an iterator, which its first reader uses up.
    """
    seen: dict[int, int] = {}
    return {name: _frozen(value, name, seen) for name, value in module.items() if name not in OF_LANGUAGE}


def check_unchanged(module: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Nothing has changed since `before`.

    Raises:
        ContractViolation: something has.
    """
    for name, value in module_state(module).items():
        if name not in before or before[name] != value:
            raise ContractViolation("static.store", f"{name} is changed while the program runs", _REMEDY)


def _frozen(value: Any, name: str, seen: dict[int, int]) -> Any:
    """Containers by content, each one once: what is met again counts by the place where it was met first."""
    if isinstance(value, _PLAIN):
        return (type(value).__name__, repr(value))
    if id(value) in seen:
        return ("again", seen[id(value)])
    seen[id(value)] = len(seen)
    parts = _parts(value, name)
    if parts is None:
        return _Same(value)
    return (type(value).__name__, [_frozen(part, name, seen) for part in parts])


def _parts(value: Any, name: str) -> list[Any] | None:
    """What a value is made of; None where nothing in it can change."""
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    if isinstance(value, _SEQUENCES):
        return [*value]
    if isinstance(value, FunctionType):
        cells = [_content(cell) for cell in value.__closure__ or ()]
        return [value.__defaults__, value.__kwdefaults__, *cells]
    if isinstance(value, BuiltinFunctionType | MethodType):
        return [value.__self__] if _changes(value.__self__) else None
    if hasattr(type(value), "__next__"):
        message = f"{name} keeps a {type(value).__name__}, which the first call uses up"
        raise ContractViolation("static.store", message, "Write it out as a list, or make it inside the function.")
    if hasattr(value, "tobytes") and hasattr(value, "setflags"):  # an array of numpy: it can be changed in place
        return [str(value.dtype), str(value.shape), value.tobytes()]
    return None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return None


def _changes(owner: Any) -> bool:
    return isinstance(owner, dict | list) or hasattr(owner, "setflags")
