"""Bounds for a whole reply: a deadline between its bytes, and a size that holds for the unpacked text."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from autoreward.llm.deadline import REPLY_LIMIT, RedirectedError, ReplyBoundError, bound_replies


class Chunks(httpx.SyncByteStream):
    """A reply in pieces, each of which takes a second of this clock."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.now = pieces, 0.0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.now += 1.0
            yield piece

    def clock(self) -> float:
        return self.now


def fetched(pieces: list[bytes], packing: str = "", seconds: float = 10.0) -> bytes:
    stream = Chunks(pieces)
    headers = {"content-encoding": packing} if packing else {}
    answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, headers=headers, stream=stream)  # noqa: E731
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        bound_replies(client, seconds, stream.clock)
        return client.get("http://127.0.0.1/").content


def test_a_reply_comes_whole() -> None:
    assert fetched([b"a", b"b"]) == b"ab"


@pytest.mark.parametrize(
    ("packing", "pack"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_packed_reply_is_unpacked(packing: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"hello" * 10_000)
    assert fetched([packed[:9], packed[9:]], packing) == b"hello" * 10_000


def test_a_byte_now_and_then_ends_at_the_deadline() -> None:
    with pytest.raises(httpx.ReadTimeout, match="too slowly"):
        fetched([b"a"] * 20, seconds=5.0)


def test_a_reply_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(ReplyBoundError, match="longer than 4 MB"):
        fetched([b"x" * REPLY_LIMIT, b"x"])
    with pytest.raises(ReplyBoundError, match="longer than 4 MB"):
        fetched([gzip.compress(bytes(REPLY_LIMIT + 1))], "gzip")


@pytest.mark.parametrize(("packing", "words"), [("br", "packed as 'br'"), ("gzip", "cannot be read")])
def test_what_cannot_be_unpacked(packing: str, words: str) -> None:
    with pytest.raises(ReplyBoundError, match=words):
        fetched([b"not packed at all"], packing)


@pytest.mark.parametrize(
    ("location", "followed"),
    [
        ("/v2/chat", True), ("http://127.0.0.1/v2", True), ("https://127.0.0.1/v2", True),
        ("http://127.0.0.1:81/v2", False), ("https://127.0.0.1:8443/v2", False), ("http://login.hotel/", False),
        ("//elsewhere/v1", False), ("http://user:secret@127.0.0.1.evil/", False),
    ],
)  # fmt: skip
def test_a_server_is_followed_on_its_own_machine_only(location: str, followed: bool) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"Location": location}) if len(asked) == 1 else httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
        bound_replies(client, 10.0)
        if followed:
            assert client.post("http://127.0.0.1/v1", content=b"q").status_code == 200
            return
        with pytest.raises(RedirectedError) as caught:
            client.post("http://127.0.0.1/v1", content=b"q")
    assert len(asked) == 1 and "secret" not in str(caught.value)
