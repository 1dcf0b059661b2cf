"""What `make test` looks at where there is much alike to look at; `make test-all` looks at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pytest

# One pack without contacts and one whose feet slide on the ground.
ALWAYS = ("inverted_pendulum", "half_cheetah")


def packs(names: Sequence[str], always: Collection[str] = ALWAYS) -> list[Any]:
    """Names of packs (or of whatever there is a list of) as parameters, thorough but for some."""
    return [pytest.param(name, marks=_marks(name in always)) for name in names]


def every(count: int, values: Collection[Any], names: Collection[str] | None = None) -> list[Any]:
    """Values of one parameter, thorough but for one in `count` of them.

    Args:
        names: ids of the values, one each; by default what pytest makes of a value.
    """
    ids: Sequence[str | None] = list(names) if names is not None else [None] * len(values)
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)), marks=_marks(place % count == 0), id=ids[place]
        )
        for place, value in enumerate(values)
    ]


def first_two_of_a_kind(names: Sequence[str]) -> list[Any]:
    """Names as parameters, thorough but for the first two that begin with the same word ("file_open", "file_link")."""
    kinds = [name.partition("_")[0] for name in names]
    return [
        pytest.param(name, marks=_marks(kinds[:place].count(kind) < 2), id=name)
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]


def _marks(always: bool) -> tuple[Any, ...]:
    return () if always else (pytest.mark.thorough,)
