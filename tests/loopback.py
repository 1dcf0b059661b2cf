"""A real HTTP server on 127.0.0.1 that speaks the OpenAI chat completions protocol, with answers made to order.

In a test:

    with LoopbackServer([fails(429, retry_after=0), says("hello")]) as server:
        ...  # ask server.url; then look at server.requests

As a process of its own (for tests that kill the client), where every answer depends on the question alone:

    python tests/loopback.py --log requests.jsonl [--delay 0.1]      prints {"url": ...}; ends with its standard input
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import gzip
import hashlib
import json
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

PROGRAM = '''"""Small actions, in a proportion of its own."""

WEIGHTS = {"small": -NUMBER, "middle": -1.0}


def reward_terms(state, action, next_state, params):
    return {
        "small": jnp.sum(jnp.square(action), axis=-1),
        "middle": jnp.abs(next_state.observation[..., 0]),
    }
'''
NO_TEXT = b"caf\xe9 \xff\xfe \xed\xa0\x80 \xf0\x9f "  # Latin-1, no start, half of a pair, a cut emoji


@dataclass(frozen=True)
class Answer:
    """What the server does with one request."""

    status: int = 200
    text: str = ""  # of the assistant's message
    body: bytes | None = None  # sent instead of a completion
    headers: tuple[tuple[str, str], ...] = ()
    input_tokens: int = 100
    output_tokens: int = 50
    choices: int = 1
    usage: bool = True
    told_usage: Any = None  # sent as the usage instead of the counts above
    finish: str | None = "stop"  # why the reply ends
    message: dict[str, Any] | None = None  # instead of one with the text
    model: str | None = None  # that answers; None: the one that was asked
    spoiled: bool = False  # the text begins with bytes that are no text in any encoding that JSON may have
    cut_to: float = 1.0  # share of the body that is sent before the connection closes
    drip: float = 0.0  # [s] between the bytes of the body
    delay: float = 0.0  # [s] before anything is sent
    hang: bool = False  # nothing is sent until the server closes


def says(text: str, **changes: Any) -> Answer:
    """A completion with this text."""
    return Answer(text=text, **changes)


def fails(status: int, code: str = "", message: str = "as ordered", retry_after: float | str | None = None) -> Answer:
    """An error in OpenAI's form."""
    body = json.dumps({"error": {"message": message, "type": code or "error", "code": code or None}}).encode()
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return Answer(status=status, body=body, headers=headers)


def refuses(message: str, param: str | None = None, status: int = 400, code: str | None = None) -> Answer:
    """A refusal of one parameter, in OpenAI's form."""
    told = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Answer(status=status, body=json.dumps({"error": told}).encode())


def packed(body: bytes, how: str = "gzip") -> Answer:
    """A body that is sent packed."""
    return Answer(body=gzip.compress(body), headers=(("Content-Encoding", how),))


def broken_json() -> Answer:
    """Status 200 with a body that is no JSON."""
    return Answer(body=b'{"choices": [{"message": {"content": "half')


def truncated() -> Answer:
    """A completion of which half arrives before the connection closes."""
    return Answer(text="the rest of this never arrives", cut_to=0.5)


def empty_choices() -> Answer:
    """A completion without any choice."""
    return Answer(choices=0)


def hangs() -> Answer:
    """A request that is accepted and never answered."""
    return Answer(hang=True)


@dataclass(frozen=True)
class Recorded:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    def key(self) -> str:
        """Equal for equal questions."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()


@dataclass
class LoopbackServer:
    """Answers by `script` in turn, then by `default`, an Answer or a function of the request."""

    script: Sequence[Answer] = ()
    default: Answer | Callable[[Recorded], Answer] = field(default_factory=lambda: says("ok"))
    models: tuple[str, ...] = ("test-model",)
    log: Path | None = None  # every question as a line of JSON, written before it is answered

    def __post_init__(self) -> None:
        self.requests: list[Recorded] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """The base URL a client takes."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Recorded) -> Answer:
        """Records a request and says what to do with it."""
        with self._lock:
            place = len(self.requests)
            self.requests.append(request)
            if self.log is not None:
                with self.log.open("a") as file:
                    file.write(json.dumps({"key": request.key(), "body": request.body}) + "\n")
        if place < len(self.script):
            return self.script[place]
        return self.default(request) if callable(self.default) else self.default


def _handler(owner: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the client was killed or had read enough
                super().handle()

        def do_GET(self) -> None:
            found = self.path.endswith("/models")
            listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in owner.models]}
            self._send(Answer(status=200 if found else 404), json.dumps(listed if found else {}).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            answer = owner.answer(Recorded(self.path, dict(self.headers), body))
            if wrong := wrong_parts(body):
                answer = refuses(wrong)
            if answer.hang or answer.delay:
                owner.closing.wait(None if answer.hang else answer.delay)
            if not answer.hang:
                self._send(answer, answer.body if answer.body is not None else _completion(answer, body))

        def _send(self, answer: Answer, body: bytes) -> None:
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.end_headers()
                self._send_body(answer, body)
            except OSError:
                self.close_connection = True  # the client was killed or gave up: nobody is there to tell

        def _send_body(self, answer: Answer, body: bytes) -> None:
            sent = body[: int(len(body) * answer.cut_to)]
            if answer.drip:
                for byte in sent:
                    if owner.closing.wait(answer.drip):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
            else:
                self.wfile.write(sent)
            self.close_connection = self.close_connection or answer.cut_to < 1.0

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the requests are recorded."""

    return Handler


def wrong_parts(body: dict[str, Any]) -> str:
    """What is wrong with the parts of the messages of a request; "" where they are as the protocol wants them."""
    for message in body.get("messages", ()):
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part.get("type") == "text" and isinstance(part.get("text"), str):
                continue
            if part.get("type") != "image_url" or message["role"] != "user":
                return f"a part of type {part.get('type')} in a message of {message['role']}"
            if not png_of(part).startswith(b"\x89PNG\r\n"):
                return "an image that is no PNG file"
    return ""


def png_of(part: dict[str, Any]) -> bytes:
    """The file in an image part; b"" where there is none."""
    head, _, data = part["image_url"]["url"].partition(",")
    return base64.b64decode(data, validate=True) if head == "data:image/png;base64" else b""


def images_of(body: dict[str, Any]) -> list[bytes]:
    """All image files of a request, in order."""
    contents = [message["content"] for message in body["messages"] if isinstance(message["content"], list)]
    return [png_of(part) for content in contents for part in content if part["type"] == "image_url"]


def _completion(answer: Answer, body: dict[str, Any]) -> bytes:
    message = answer.message or {"role": "assistant", "content": answer.text}
    reply: dict[str, Any] = {
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": 0,
        "model": answer.model or body.get("model", ""),
        "choices": [{"index": i, "message": message, "finish_reason": answer.finish} for i in range(answer.choices)],
    }
    if answer.told_usage is not None:
        reply["usage"] = answer.told_usage
    elif answer.usage:
        total = answer.input_tokens + answer.output_tokens
        reply["usage"] = {
            "prompt_tokens": answer.input_tokens,
            "completion_tokens": answer.output_tokens,
            "total_tokens": total,
        }
    sent = json.dumps(reply).encode()
    return sent.replace(b'"content": "', b'"content": "' + NO_TEXT, 1) if answer.spoiled else sent


def program_for(request: Recorded) -> Answer:
    """A valid reward program whose numbers depend on the question alone, so that asking again gives the same."""
    number = 1 + int(request.key()[:6], 16) % 999
    return says(f"A plan.\n\n```python\n{PROGRAM.replace('NUMBER', f'{number / 1000:.3f}')}```\n")


def main() -> None:
    """Serves until standard input ends."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--log", type=Path, required=True, help="every question is appended here")
    arguments.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    arguments.add_argument("--models", default="test-model", help="what /v1/models lists, with commas between")
    chosen = arguments.parse_args()

    def answer(request: Recorded) -> Answer:
        return says(program_for(request).text, delay=chosen.delay)

    with LoopbackServer(default=answer, models=tuple(chosen.models.split(",")), log=chosen.log) as server:
        sys.stdout.write(json.dumps({"url": server.url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
