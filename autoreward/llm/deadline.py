"""One deadline for a whole HTTP reply.

A client's read timeout limits the silence between two bytes only: a server that sends a byte a minute never
meets it. Here every reply also ends at its deadline and at a size.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

REPLY_LIMIT = 16 * 2**20  # [bytes]


def client_with_deadline(seconds: float, clock: Callable[[], float] = time.monotonic) -> httpx.Client:
    """The OpenAI library's usual HTTP client (proxies included), with `seconds` for each request in total."""
    import httpx
    from openai import DefaultHttpxClient

    class Limited(httpx.SyncByteStream):
        def __init__(self, stream: httpx.SyncByteStream, request: httpx.Request, ends: float) -> None:
            self.stream, self.request, self.ends = stream, request, ends

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self.stream:
                size += len(chunk)
                if clock() > self.ends:
                    raise httpx.ReadTimeout("the reply came too slowly", request=self.request)
                if size > REPLY_LIMIT:
                    raise httpx.ReadError(f"the reply exceeds {REPLY_LIMIT} bytes", request=self.request)
                yield chunk

        def close(self) -> None:
            self.stream.close()

    def started(request: httpx.Request) -> None:
        request.extensions["autoreward_ends"] = clock() + seconds

    def answered(response: httpx.Response) -> None:
        request = response.request
        ends = float(request.extensions["autoreward_ends"])
        remaining = max(0.01, ends - clock())
        request.extensions["timeout"] = {**request.extensions.get("timeout", {}), "read": remaining}
        assert isinstance(response.stream, httpx.SyncByteStream), "this client is not asynchronous"
        response.stream = Limited(response.stream, request, ends)

    return DefaultHttpxClient(
        timeout=seconds,
        # Replies take seconds: keeping connections open gains nothing, and one kept over an outage fails once more.
        limits=httpx.Limits(max_keepalive_connections=0),
        event_hooks={"request": [started], "response": [answered]},
    )
