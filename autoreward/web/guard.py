"""Who may ask the page anything: the person who was given its address, from this machine, and no other site.

The address holds a token; the first request with it is answered with a cookie, and the address without it. A request
whose Host is not ours (DNS rebinding), one that changes something and comes from another Origin, and one without the
cookie are refused before any page is made.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SAFE = ("GET", "HEAD")
COOKIE_AGE = 30 * 24 * 3600  # [s]


@dataclass(frozen=True)
class Access:
    """What gives access to one server."""

    port: int
    token: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a browser on this machine may call us."""
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    @property
    def cookie(self) -> str:
        """Its name; cookies do not know ports, and several pages may be served here."""
        return f"autoreward_{self.port}"

    def is_token(self, given: str | None) -> bool:
        """Whether it is the token; takes equally long whatever is given."""
        return given is not None and hmac.compare_digest(given.encode(), self.token.encode())


class Guard:
    """Refuses requests of anybody else, and adds the headers that keep a page in its place."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        answer: Callable[[Scope, Receive, Send], Awaitable[None]] = refusal if refusal is not None else self._app

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await answer(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        """What is answered in place of a page; None: the page."""
        access, host = self._access, request.headers.get("host", "")
        if host not in access.hosts:
            return PlainTextResponse("This page is served to this machine only.\n", 421)
        if request.method not in SAFE and request.headers.get("origin") != f"http://{host}":
            return PlainTextResponse("This request comes from another page.\n", 403)
        given = request.query_params.get("token")
        if given is not None and request.method in SAFE and access.is_token(given):
            return self._welcome(request)
        if not access.is_token(request.cookies.get(access.cookie)):
            return PlainTextResponse("Open the address that `autoreward ui` has printed: it holds the token.\n", 403)
        return None

    def _welcome(self, request: Request) -> Response:
        """A cookie in place of the token, and the same address without it."""
        rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
        path = "/" + request.url.path.lstrip("/")  # never another host
        response = RedirectResponse(path + (f"?{urlencode(rest)}" if rest else ""), 303)
        response.set_cookie(
            self._access.cookie, self._access.token, max_age=COOKIE_AGE, httponly=True, samesite="strict"
        )
        return response
