"""A clip as a few pictures with the time burnt in, for models that look at pictures: PNG files, evenly spread."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward import wire

STILLS = 8  # of one clip
STILL_FORM = ".stills"  # the form of a clip that is asked for
SHRINK = 2  # every second pixel: 240 x 180
SCALE = 3  # pixels of a dot of the letters, before shrinking
LIMIT = 1 << 26  # [bytes] of all pictures of a clip
_DOTS = {  # five rows of three dots each
    "0": (7, 5, 5, 5, 7), "1": (2, 6, 2, 2, 7), "2": (7, 1, 7, 4, 7), "3": (7, 1, 7, 1, 7), "4": (5, 5, 7, 1, 1),
    "5": (7, 4, 7, 1, 7), "6": (7, 4, 7, 5, 7), "7": (7, 1, 1, 2, 2), "8": (7, 5, 7, 5, 7), "9": (7, 5, 7, 1, 7),
    ".": (0, 0, 0, 0, 2), "s": (0, 3, 4, 1, 6), " ": (0, 0, 0, 0, 0),
}  # fmt: skip


def encode_stills(path: Path, pictures: Iterator[NDArray[Any]], rate: Fraction) -> None:
    """Eight pictures of a clip as one packet of PNG files, the first and the last among them."""
    shown = list(pictures)
    chosen = np.unique(np.linspace(0, len(shown) - 1, min(STILLS, len(shown))).round().astype(int))
    files = {
        f"{place:02d}": png(stamped(shown[index], f"{index / float(rate):.2f} s")[::SHRINK, ::SHRINK])
        for place, index in enumerate(chosen)
    }
    path.write_bytes(wire.encode({}, files))


def read_stills(packet: bytes) -> tuple[bytes, ...]:
    """The PNG files in what `encode_stills` wrote, in their order."""
    read = wire.read(io.BytesIO(packet).read, LIMIT)
    return tuple(read.parts[name] for name in sorted(read.parts)) if read is not None else ()


def stamped(picture: NDArray[Any], words: str) -> NDArray[Any]:
    """The picture [H, W, 3] uint8 with words in white on black in its upper left corner."""
    letters = [np.array([[row >> bit & 1 for bit in (2, 1, 0, 7)] for row in _DOTS[one]]) for one in words]
    line = np.pad(np.concatenate(letters, axis=1), 1)
    dots = np.kron(line, np.ones((2 * SCALE, 2 * SCALE), int))[: picture.shape[0], : picture.shape[1]]
    marked = picture.copy()
    marked[: dots.shape[0], : dots.shape[1]] = 255 * dots[..., None]
    return marked


def png(picture: NDArray[Any]) -> bytes:
    """A picture [H, W, 3] uint8 as a PNG file."""
    height, width, _ = picture.shape
    rows = b"".join(b"\0" + np.ascontiguousarray(row, np.uint8).tobytes() for row in picture)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
