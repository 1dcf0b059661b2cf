"""Messages between processes come back equal, and a hostile one is an error and nothing else."""

from __future__ import annotations

import io
import json
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autoreward import wire


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_arrays_come_back_equal(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    back = wire.unpack_arrays(wire.pack_arrays({"x": array}))["x"]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    back[...] = 1  # it is nobody else's


def test_nan_and_the_order_in_memory() -> None:
    array = np.array([[np.nan, -0.0], [np.inf, 1.0]], np.float32).T
    back = wire.unpack_arrays(wire.pack_arrays({"x": array}))["x"]
    assert array.tobytes() == back.tobytes()


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.array([1j]), np.zeros(1, "i4,f4")])
def test_only_numbers_are_sent(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected numbers"):
        wire.pack_arrays({"x": array})


def part(head: object, body: bytes = b"") -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<H", len(text)) + text + body


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\x05",
        b"\xff\xff[]",
        part(b"not json"),
        part(b"[" * 60_000),
        part([]),
        part({"dtype": "<f4"}),
        part(["O", [1]], b"12345678"),
        part(["|V8", [1]], b"12345678"),
        part(["i4,i4", [1]], b"12345678"),
        part([5, [1]], b"1234"),
        part(["<f4", [2]], b"1234"),
        part(["<f4", [10**15]], b"1234"),
        part(["<f4", [-1, -1]], b"1234"),
        part(["<f4", [0, -5]]),
        part(["<f4", [1] * 100], b"1234"),
        part(["<f4", ["x"]], b"1234"),
        part(["<f4", 1], b"1234"),
        part(["<f4", None], b"1234"),
        part(["<f4", [1]], b"123"),
        b"\x93NUMPY\x01\x00",
    ],
)
def test_a_hostile_part_is_an_error(hostile: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.unpack_arrays({"x": hostile})


def test_several_threads_may_read_at_once() -> None:
    parts = wire.pack_arrays({str(i): np.full(3, i, np.float32) for i in range(50)})
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: wire.unpack_arrays(parts), range(200)))
    assert all(result["7"].tolist() == [7.0, 7.0, 7.0] for result in results)


def test_a_message_comes_back() -> None:
    stream = io.BytesIO(wire.encode({"a": [1, None]}, {"x": b"\x00\x01", "y": b""}))
    packet = wire.read(stream.read, 1_000)
    assert packet == ({"a": [1, None]}, {"x": b"\x00\x01", "y": b""})
    assert wire.read(stream.read, 1_000) is None


@pytest.mark.parametrize(
    "message",
    [
        b"ARW",
        b"XXXX\x00\x00\x00\x00",
        b"ARW1\xff\xff\xff\xff",
        b"ARW1\x02\x00\x00\x00[]",
        wire.encode({}, {"x": b"abc"})[:-1],
        b"ARW1\x27\x00\x00\x00" + b'{"data": 1, "parts": [["x", -5]], "y":0}'[:39],
        wire.encode({}, {"x": b"a" * 2_000}),
    ],
)
def test_a_hostile_message_is_an_error(message: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.read(io.BytesIO(message).read, 1_000)
