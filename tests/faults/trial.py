"""Tries a fault on the program itself: a real server on loopback, a process of its own, an empty folder."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoreward.process_environment import worker_environment
from tests.commands import Finished, run_process
from tests.faults.case import FOLDER, SEARCH, Case
from tests.loopback import Answer, LoopbackServer, Recorded, fails, packed, program_for, refuses, says

TINY = ["design.final_seeds=1", "design.evaluation_episodes=1", "design.clips=false", "design.distinct=0"]
TINY += ["design.properties=0", "ppo.num_envs=4", "ppo.num_steps=64", "ppo.num_minibatches=2", "ppo.hidden=[8]"]
Run = Callable[..., Finished]  # as those of tests.commands
BUG = ["bug in autoreward", "Traceback"]


@dataclass(frozen=True)
class Seen:
    """What came of a fault."""

    exit: int
    calls: int
    output: str  # of all commands, printed on both streams
    stored: str  # every file of the run, and every request

    def short(self) -> str:
        """For a table."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return f"exit {self.exit}, {self.calls} calls: {lines[-1] if lines else 'silence'}"

    def wrong(self, case: Case) -> list[str]:
        """What is not as it should be."""
        found = [] if self.exit in case.exit else [f"exit {self.exit}, expected {case.exit}"]
        if case.calls and not case.calls[0] <= self.calls <= case.calls[1]:
            found.append(f"{self.calls} calls, expected {case.calls[0]} to {case.calls[1]}")
        found += [f"does not say {one!r}" for one in case.says if not re.search(one, self.output)]
        found += [f"says {one!r}" for one in BUG if one in self.output]
        found += [f"holds {one!r}" for one in case.never if re.search(one, self.output + self.stored)]
        return found


def tried(case: Case, run: Run = run_process) -> Seen:
    """Runs a case; what is the shell's doing always in processes of its own."""
    with tempfile.TemporaryDirectory() as name, _served(case) as (url, server):
        folder = Path(name)
        port = url.rpartition(":")[2].removesuffix("/v1")
        environment = _environment(case, folder, url, port)
        if case.shell is not None:
            done = [_run_shell(folder, case.shell, environment)]
        else:
            commands = [_filled(one, url, port) for one in (case.command or [*design(), *case.args], *case.then)]
            done = [run(folder, *one, environment=environment) for one in commands]
        files = [path.read_bytes().decode("latin-1") for path in sorted(folder.rglob("*")) if path.is_file()]
        sent = [json.dumps(request.body) for request in server.requests] if server else []
        output = "\n".join(one.out + one.err for one in done)
        return Seen(done[0].code, len(sent), output, "\n".join(files + sent))


def design() -> list[str]:
    """The smallest search there is."""
    sets = [part for one in TINY for part in ("--set", one)]
    search = ["design", "--env", "inverted_pendulum", "--task", "balance", *SEARCH, "--yes", *sets]
    return [*search, "--model", "openai/m", "--base-url", "{url}"]


def _filled(command: list[str], url: str, port: str) -> list[str]:
    return [part.replace("{url}", url).replace("{port}", port) for part in command]


def _environment(case: Case, folder: Path, url: str, port: str) -> dict[str, str]:
    places = {one: str(folder / one.lower()) for one in ("HOME", "XDG_CONFIG_HOME")}
    given = {one: value.replace("{url}", url).replace("{port}", port) for one, value in case.env.items()}
    root = str(FOLDER.parent.parent)
    environment = worker_environment(
        **{"PYTHONPATH": root, "OPENAI_API_KEY": "sk-canary-0123456789abcdef", **places, **given}
    )
    return {name: value for name, value in environment.items() if value != "UNSET"}


def _run_shell(folder: Path, line: str, environment: dict[str, str]) -> Finished:
    command = ["sh", "-c", line.replace("{python}", sys.executable)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@contextmanager
def _served(case: Case) -> Iterator[tuple[str, LoopbackServer | None]]:
    if case.listener is None:
        default = answer(case.default) if case.default != "program" else program_for
        script = [program_for if one == "program" else answer(one) for one in case.answers]
        place = iter(range(10**9))

        def turn(request: Recorded) -> Answer:
            number = next(place)
            chosen = script[number] if number < len(script) else default
            return chosen(request) if callable(chosen) else chosen

        with LoopbackServer(default=turn, models=tuple(case.models or ("m",))) as server:
            yield server.url, server
        return
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    if case.listener == "none":
        listener.close()
        yield url, None
        return
    threading.Thread(target=_greet, args=(listener,), daemon=True).start()
    with listener:
        yield url, None


def _greet(listener: socket.socket) -> None:
    """Speaks as SSH does to everybody who comes."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # closed: the case is over
        with connection:
            connection.sendall(b"SSH-2.0-x\r\n")
            connection.settimeout(1.0)
            try:
                connection.recv(10_000)
            except OSError:
                continue


def answer(told: Any) -> Answer:
    """An answer as the list writes it.

    A mapping: `file` (of cases/llm), `fails` with a status and words, `refuses` with words, `body` or `text` as they
    are, `packed` megabytes of blanks; anything else is a field of `loopback.Answer`. `program: true` puts a valid
    program into `text`.
    """
    fields = dict(told)
    if "file" in fields:
        return _from_file(FOLDER / "cases" / "llm" / fields["file"])
    if "fails" in fields:
        status = fields.pop("fails")
        return fails(status, **fields)
    if "refuses" in fields:
        words = fields.pop("refuses")
        return refuses(words, **fields)
    if "packed" in fields:
        return packed(b" " * (fields["packed"] * 2**20))
    if "body" in fields:
        body = fields.pop("body")
        return Answer(body=body.encode("latin-1"), **fields)
    if fields.pop("program", False):
        fields["text"] = fields.get("text", "") + program_for(Recorded("", {}, {})).text
    return says(fields.pop("text", ""), **fields)


def _from_file(path: Path) -> Answer:
    told = json.loads(path.read_text(encoding="utf-8"))
    body = told.get("raw") or json.dumps(told["body"])
    return Answer(status=told["status"], body=body.encode())
