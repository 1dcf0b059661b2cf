"""Pictures of a clip with the time burnt in, read again without the code that wrote them."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autoreward.environment.stills import encode_stills, png, read_stills, stamped


def decoded(file: bytes) -> NDArray[np.uint8]:
    """A PNG file of ours as a picture [H, W, 3]."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    place, data, size = 8, b"", (0, 0)
    while place < len(file):
        (length,), kind = struct.unpack(">I", file[place : place + 4]), file[place + 4 : place + 8]
        content = file[place + 8 : place + 8 + length]
        assert struct.unpack(">I", file[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + content)
        size = struct.unpack(">II", content[:8]) if kind == b"IHDR" else size
        data += content if kind == b"IDAT" else b""
        place += 12 + length
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(size[1], 1 + 3 * size[0])
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(size[1], size[0], 3)


def test_a_picture_is_read_as_it_was() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    np.testing.assert_array_equal(decoded(png(picture)), picture)


def test_eight_pictures_from_the_first_to_the_last(tmp_path: Path) -> None:
    shades = [np.full((60, 200, 3), shade, np.uint8) for shade in range(50)]
    encode_stills(tmp_path / "x", iter(shades), Fraction(4))
    files = read_stills((tmp_path / "x").read_bytes())
    pictures = [decoded(file) for file in files]
    assert [picture.shape for picture in pictures] == [(30, 100, 3)] * 8
    assert [int(picture[-1, -1, 0]) for picture in pictures] == [0, 7, 14, 21, 28, 35, 42, 49]
    encode_stills(tmp_path / "x", iter(shades[:3]), Fraction(4))
    assert len(read_stills((tmp_path / "x").read_bytes())) == 3


def test_the_time_stands_in_the_corner_and_differs() -> None:
    grey = np.full((60, 200, 3), 90, np.uint8)
    first, second = stamped(grey, "0.25 s"), stamped(grey, "0.50 s")
    assert {0, 255} <= set(np.unique(first)) and (first[-1] == 90).all()
    assert (first != second).any() and (grey == 90).all()
    seven = stamped(grey, "7")[6:36:6, 6:24:6, 0] // 255
    assert seven.tolist() == [[1, 1, 1], [0, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0]]
