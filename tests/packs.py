"""Which packs `make test` looks at where looking takes long; `make test-all` looks at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

# One without contacts and one whose feet slide on the ground.
ALWAYS = ("inverted_pendulum", "half_cheetah")


def packs(names: Sequence[str], always: Sequence[str] = ALWAYS) -> list[Any]:
    """Names of packs as parameters, thorough where they are not looked at always."""
    return [pytest.param(name, marks=() if name in always else pytest.mark.thorough) for name in names]
