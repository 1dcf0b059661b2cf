"""Messages between processes: a JSON head and named binary parts. Never a pickle.

    b"ARW1" | head length (uint32) | head (JSON: {"data": ..., "parts": [[name, length], ...]}) | parts

Used on the pipes to the sandboxed children and to the trainer worker. A reader states how many bytes it will
take at most, so that the other side cannot fill its memory.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAGIC = b"ARW1"
_HEAD = struct.Struct("<4sI")
_ARRAY = struct.Struct("<H")
_DTYPE = re.compile(r"[<|](b1|[iu][1248]|f[248])")  # booleans, integers and floats, little-endian

Reader = Callable[[int], bytes]  # at most n bytes; b"" at the end of the stream


class Packet(NamedTuple):
    """One message."""

    data: Any  # what JSON can say
    parts: Mapping[str, bytes]


class WireError(Exception):
    """The other side closed early, or sent something that is not a message of this form or is too large."""


def encode(data: Any, parts: Mapping[str, bytes] | None = None) -> bytes:
    """The bytes of one message."""
    parts = parts or {}
    head = json.dumps({"data": data, "parts": [[name, len(part)] for name, part in parts.items()]}).encode()
    return b"".join([_HEAD.pack(MAGIC, len(head)), head, *parts.values()])


def read(reader: Reader, limit: int) -> Packet | None:
    """The next message, or None where the stream ended between two messages.

    Raises:
        WireError: the stream ended inside a message, is of another form, or states more than `limit` bytes.
    """
    start = _exactly(reader, _HEAD.size, may_end=True)
    if start is None:
        return None
    magic, length = _HEAD.unpack(start)
    if magic != MAGIC or length > limit:
        raise WireError(f"expected a message of at most {limit} bytes, got {start!r}")
    try:
        head = json.loads(_exactly(reader, length) or b"")
        sizes = [(str(name), int(size)) for name, size in head["parts"]]
        data = head["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError(f"the head of a message is not as expected: {error}") from error
    if any(size < 0 for _, size in sizes) or sum(size for _, size in sizes) > limit:
        raise WireError(f"the parts of a message exceed {limit} bytes")
    return Packet(data, {name: _exactly(reader, size) or b"" for name, size in sizes})


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
    """Arrays of numbers as parts: the length of a head, the head (JSON: [dtype, shape]), the numbers in C order."""
    packed = {}
    for name, array in arrays.items():
        array = np.asarray(array, order="C")
        if not _DTYPE.fullmatch(array.dtype.str):
            raise ValueError(f"{name} has dtype {array.dtype}, expected numbers")
        head = json.dumps([array.dtype.str, array.shape]).encode()
        packed[name] = b"".join([_ARRAY.pack(len(head)), head, array.tobytes()])
    return packed


def unpack_arrays(parts: Mapping[str, bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of `pack_arrays`, each of exactly the size that its bytes have.

    Not numpy's own format: its reader makes room for whatever size a head states, and parses the head with `ast`, which
    fails now and then where two threads do so at once (CPython 3.11).

    Raises:
        WireError: a part is no such array.
    """
    return {name: _unpacked(name, part) for name, part in parts.items()}


def _unpacked(name: str, part: bytes) -> NDArray[Any]:
    try:
        start = _ARRAY.size + _ARRAY.unpack_from(part)[0]
        dtype, shape = json.loads(part[_ARRAY.size : start])
        if not _DTYPE.fullmatch(dtype):
            raise WireError(f"{name:.60} is not an array of numbers")
        sizes = tuple(int(size) for size in shape)
        if min(sizes, default=0) < 0 or math.prod(sizes) * np.dtype(dtype).itemsize != len(part) - start:
            raise WireError(f"{name:.60} has another size than its head states")
        return np.frombuffer(part, dtype, offset=start).reshape(sizes).copy()
    except (ValueError, TypeError, RecursionError, struct.error) as error:
        raise WireError(f"{name:.60} is not an array: {error}") from error


def _exactly(reader: Reader, count: int, may_end: bool = False) -> bytes | None:
    chunks: list[bytes] = []
    missing = count
    while missing:
        chunk = reader(min(missing, 1 << 20))
        if not chunk:
            if may_end and missing == count:
                return None
            raise WireError(f"the stream ended {missing} bytes before the end of a message")
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)
