"""Ctrl-C while a model thinks: the first says at once what is in flight, the second leaves it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from autoreward.process_environment import worker_environment
from tests.faults.case import FOLDER
from tests.faults.trial import design
from tests.loopback import LoopbackServer, hangs


def test_ctrl_c_tells_what_is_in_flight_and_a_second_one_leaves_it(tmp_path: Path) -> None:
    with LoopbackServer(default=hangs()) as server:
        command = [sys.executable, "-m", "autoreward", *(part.replace("{url}", server.url) for part in design())]
        environment = worker_environment(PYTHONPATH=str(FOLDER.parent.parent), OPENAI_API_KEY="sk-test-0123")
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            seen = interrupted(process, server)
    assert process.returncode == 130
    assert any("1 request is in flight" in line and "Ctrl-C again" in line for line in seen), seen


def interrupted(process: subprocess.Popen[str], server: LoopbackServer) -> list[str]:
    """What a search prints that is interrupted while its first request hangs, and again once it has said so."""
    while not server.requests and process.poll() is None:
        server.closing.wait(0.05)
    process.send_signal(signal.SIGINT)
    seen = []
    assert process.stderr is not None
    for line in process.stderr:  # ends with the process
        seen.append(line)
        if "in flight" in line:
            process.send_signal(signal.SIGINT)
    return seen
