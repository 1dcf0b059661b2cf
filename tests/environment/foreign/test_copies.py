"""Copies are made once; those that stand still show what they would."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autoreward.environment.foreign import copies as copies_module
from autoreward.environment.foreign.copies import CopiesMade, StillCopies
from autoreward.environment.foreign.reference import PinnedInfo, Reference

REFERENCE = Reference(id="own_envs:Counting", info=PinnedInfo(shown={}, hidden={}))


def test_a_copy_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    make = copies_module.make
    monkeypatch.setattr(copies_module, "make", lambda reference: made.append(make(reference)) or made[-1])
    copies = CopiesMade(REFERENCE)
    for count in (2, 3, 1):
        copies.take(count).reset(np.arange(count), np.arange(count))
    assert len(made) == 3


def test_what_stands_still_has_the_shapes_of_what_moves() -> None:
    made = CopiesMade(REFERENCE)
    still, moving = StillCopies(made).take(3), made.take(3)
    for one in (still, moving):
        one.reset(np.arange(3), np.arange(3))
    stood, moved = (one.step(np.zeros((3, 1), np.float32)) for one in (still, moving))
    assert stood.seen is not None and moved.seen is not None
    assert stood.seen.rows.shape == moved.seen.rows.shape
    assert {name: array.shape for name, array in stood.seen.raw.items()} == {
        name: array.shape for name, array in moved.seen.raw.items()
    }
    np.testing.assert_array_equal(stood.seen.rows, np.zeros((3, 2)))
