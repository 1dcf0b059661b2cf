"""Fields that are computed when somebody reads them, each once: most rewards read a tenth of what a robot has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from numpy.typing import NDArray


class LazyFields(Mapping[str, Any]):
    """Fields by name.

    Args:
        makers: for each field what computes it.
    """

    def __init__(self, makers: Mapping[str, Callable[[], NDArray[Any]]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers


def changed(fields: Mapping[str, Any], change: Callable[[Any], Any]) -> LazyFields:
    """The same fields, each changed when it is read."""
    return LazyFields({name: lambda name=name: change(fields[name]) for name in fields})  # type: ignore[misc]


def joined(fields: Mapping[str, Any], more: Mapping[str, Any]) -> LazyFields:
    """The fields, and arrays that go with them."""
    return LazyFields({name: lambda name=name: (more if name in more else fields)[name] for name in (*fields, *more)})  # type: ignore[misc]


def computed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a pack's fields() returned, with the functions among its values called."""
    return {name: value() if callable(value) else value for name, value in fields.items()}
