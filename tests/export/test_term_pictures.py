"""Pictures of terms: which files there are, and that equal terms make equal files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autoreward.errors import StorageError
from autoreward.export.term_pictures import Axis, TermShape, term_pictures

GRID = np.linspace(-1.0, 1.0, 11)
SPEED = Axis("torso_velocity.x", "m/s", "velocity of the torso, in $ or not $", GRID, np.array([0.1, 0.2]))
TILT = Axis("tilt", "rad", "how far it leans", GRID, np.array([0.0, 0.5]))
ENDED = Axis("terminated", "1", "whether it fell", np.linspace(0.0, 1.0, 11), np.array([0.0, 1.0]), flag=True)


def shape(place: int, name: str, *axes: Axis, weight: float | None = 1.0) -> TermShape:
    square = np.outer(GRID, GRID) if len(axes) > 1 else None
    return TermShape(place, name, weight, axes, GRID, GRID - 0.1, GRID + 0.1, square)


SHAPES = [
    shape(0, "forward", SPEED),
    shape(1, "same"),
    shape(2, "a/b ../c", SPEED, TILT),
    shape(3, "alive", ENDED, TILT),
    shape(4, "potential", TILT, SPEED, ENDED, weight=None),
    shape(5, "unpaid", TILT, weight=0.0),
]


def test_one_picture_a_term_that_depends_on_anything(tmp_path: Path) -> None:
    files = term_pictures(tmp_path / "terms", "g00c00", SHAPES, "48 states")
    names = ["01_forward.png", "03_a_b_c.png", "04_alive.png", "05_potential.png", "06_unpaid.png"]
    assert [file.name for file in files] == names
    assert all(file.parent == tmp_path / "terms" and file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_equal_terms_make_equal_pictures(tmp_path: Path) -> None:
    first, second = (term_pictures(tmp_path / folder, "g00c00", SHAPES, "48 states") for folder in ("a", "b"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        term_pictures(tmp_path / "file", "g00c00", SHAPES[:1], "48 states")
