"""Bounds for a whole HTTP reply: a deadline, a size that holds for the unpacked text, and the machine it comes from.

A client's read timeout limits the silence between two bytes only: a server that sends a byte a minute never
meets it. And half a megabyte can unpack to half a gigabyte: replies are unpacked here, a piece at a time. And whoever
answers may send a client on to somebody else, who would get the question.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

REPLY_LIMIT = 4 * 2**20  # [bytes] of unpacked text
CONNECT_SECONDS = 10.0
_PIECE = 2**16  # [bytes] unpacked at once
_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 47}  # the window size that tells zlib which format it is


def client_with_deadline(
    seconds: float, clock: Callable[[], float] = time.monotonic, proxies: bool = True
) -> httpx.Client:
    """The OpenAI library's usual HTTP client, with `seconds` for each request in total.

    Args:
        proxies: of the environment are used. A server on this machine is asked without.
    """
    import httpx
    from openai import DefaultHttpxClient

    client = DefaultHttpxClient(
        timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        # Replies take seconds: keeping connections open gains nothing, and one kept over an outage fails once more.
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=proxies,
    )
    bound_replies(client, seconds, clock)
    return client


def bound_replies(client: httpx.Client, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Has a client end each reply that takes longer than `seconds` in total, or unpacks to more than REPLY_LIMIT."""
    import httpx

    class Limited(httpx.SyncByteStream):
        def __init__(self, stream: httpx.SyncByteStream, request: httpx.Request, ends: float, packing: str) -> None:
            self.stream, self.request, self.ends, self.packing = stream, request, ends, packing

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for piece in _unpacked(self._in_time(), self.packing):
                size += len(piece)
                if size > REPLY_LIMIT:
                    raise too_large()
                yield piece

        def _in_time(self) -> Iterator[bytes]:
            for chunk in self.stream:
                if clock() > self.ends:
                    raise httpx.ReadTimeout("the reply came too slowly", request=self.request)
                yield chunk

        def close(self) -> None:
            self.stream.close()

    def started(request: httpx.Request) -> None:
        request.extensions["autoreward_ends"] = clock() + seconds

    def answered(response: httpx.Response) -> None:
        stay_on_machine(response)
        request = response.request
        ends = float(request.extensions["autoreward_ends"])
        remaining = max(0.01, ends - clock())
        request.extensions["timeout"] = {**request.extensions.get("timeout", {}), "read": remaining}
        assert isinstance(response.stream, httpx.SyncByteStream), "this client is not asynchronous"
        packing = response.headers.pop("content-encoding", "identity").strip().lower()
        response.stream = Limited(response.stream, request, ends, packing)

    client.event_hooks = {"request": [started], "response": [answered]}
    client.headers["Accept-Encoding"] = "gzip, deflate"  # what is unpacked here


def stay_on_machine(response: httpx.Response) -> None:
    """Follow a server to another path or to TLS on its own machine, and nowhere else: a hook for each response.

    Raises:
        RedirectedError: it sends to another machine or port.
    """
    import httpx

    if not response.has_redirect_location:
        return
    asked = response.request.url
    try:
        target = asked.join(response.headers["Location"])
    except httpx.InvalidURL:
        return  # the client says so
    secured = (asked.scheme, target.scheme, target.port) == ("http", "https", None)
    if target.host != asked.host or not (secured or (target.scheme, target.port) == (asked.scheme, asked.port)):
        raise RedirectedError(f"{target.scheme}://{target.netloc.decode('ascii', 'replace').rpartition('@')[2]}")


class RedirectedError(Exception):
    """A server sends to another one, which nobody has named; the message is its address."""


class ReplyBoundError(Exception):
    """A reply is too large, or packed in a way that nobody asked for."""


def too_large() -> ReplyBoundError:
    """What is raised in the middle of a reply that does not end."""
    return ReplyBoundError(f"the reply is longer than {REPLY_LIMIT // 2**20} MB of text")


def _unpacked(chunks: Iterator[bytes], packing: str) -> Iterator[bytes]:
    """The bytes of the text, in pieces of bounded size."""
    if packing in ("identity", ""):
        yield from chunks
        return
    if packing not in _PACKED:
        raise ReplyBoundError(f"the reply is packed as {packing[:40]!r}, which was not asked for")
    unpacker = zlib.decompressobj(_PACKED[packing])
    try:
        for chunk in chunks:
            while chunk and not unpacker.eof:
                yield unpacker.decompress(chunk, _PIECE)
                chunk = unpacker.unconsumed_tail
    except zlib.error as error:
        raise ReplyBoundError(f"the packed reply cannot be read ({error})") from None
