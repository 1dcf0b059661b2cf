"""A child answers, says why not, or is ended; it never outlives whoever asked it."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest

from autoreward import process_environment, wire
from autoreward.asked_child import ask, start_child

PATIENT, LIMIT = 60.0, 1000  # [s], [bytes]
ECHO = """
import sys
from autoreward import wire
asked = wire.read(sys.stdin.buffer.read, 1000)
sys.stdout.buffer.write(wire.encode(asked.data))
"""


def child(monkeypatch: pytest.MonkeyPatch, code: str) -> subprocess.Popen[bytes]:
    monkeypatch.setattr(process_environment, "child_command", lambda *_: [sys.executable, "-c", code])
    return start_child("any.module", {"OMP_NUM_THREADS": "1"})


def test_it_answers_what_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = ask(child(monkeypatch, ECHO), wire.encode({"env": "hopper"}), PATIENT, LIMIT)
    assert reply.packet is not None and reply.packet.data == {"env": "hopper"} and reply.code == 0


def test_without_an_answer_its_last_words_are_why(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = ask(child(monkeypatch, "import sys; sys.exit('\\n no light \\n')"), b"", PATIENT, LIMIT)
    assert (reply.packet, reply.code, reply.last_words()) == (None, 1, "no light")
    silent = ask(child(monkeypatch, "import os; os._exit(3)"), b"", PATIENT, LIMIT)
    assert silent.packet is None and silent.last_words() == "the process ended with 3"


@pytest.mark.parametrize("said", ["ARW1 and then", "x" * 50])
def test_half_an_answer_is_none(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    assert ask(child(monkeypatch, f"print({said!r}, end='')"), b"", PATIENT, LIMIT).packet is None


def test_an_answer_is_heard_though_the_end_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    late = ECHO + "sys.stdout.flush()\nimport os\nos._exit(139)\n"
    reply = ask(child(monkeypatch, late), wire.encode("clip"), PATIENT, LIMIT)
    assert reply.packet is not None and reply.packet.data == "clip"


def test_what_it_leaves_holds_nothing_up_and_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    leaves = f"import subprocess\nleft = subprocess.Popen(['sleep', '3600'])\n{ECHO.replace('asked.data', 'left.pid')}"
    reply = ask(child(monkeypatch, leaves), wire.encode("clip"), PATIENT, LIMIT)
    assert reply.packet is not None
    psutil.wait_procs([psutil.Process(reply.packet.data)] if psutil.pid_exists(reply.packet.data) else [], PATIENT)
    assert not psutil.pid_exists(reply.packet.data)


def test_what_it_leaves_in_a_session_of_its_own_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    start = "left = subprocess.Popen(['sleep', '3600'], start_new_session=True)"
    leaves = f"import subprocess\n{start}\n{ECHO.replace('asked.data', 'left.pid')}"
    reply = ask(child(monkeypatch, leaves), wire.encode("clip"), PATIENT, LIMIT)
    assert reply.packet is not None and reply.code == 0
    psutil.Process(reply.packet.data).kill()  # nobody else may end it: it asked for that


def test_a_question_and_an_answer_that_fill_the_pipes_are_heard_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    much = {"text": "x" * 1_000_000}
    reply = ask(child(monkeypatch, ECHO.replace("1000", "10**7")), wire.encode(much), PATIENT, 10**7)
    assert reply.packet is not None and reply.packet.data == much


def test_what_is_late_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = child(monkeypatch, "while True: pass")
    with pytest.raises(TimeoutError, match="not done within 0 s"):
        ask(endless, b"", 0.0, LIMIT)
    assert endless.returncode == -signal.SIGKILL


@pytest.mark.parametrize("left", ["", "import os, sys\nif os.fork(): sys.exit()\nos.setsid()\n"])
def test_who_writes_for_ever_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, left: str) -> None:
    endless = child(monkeypatch, f"{left}while True: print('x' * 1000)")
    if left:  # what it has left in a session of its own goes on writing, until nobody reads
        assert ask(endless, b"", PATIENT, LIMIT).packet is None and endless.returncode == 0
        return
    with pytest.raises(TimeoutError, match="not done within"):
        ask(endless, b"", 0.5, LIMIT)
    assert endless.returncode == -signal.SIGKILL


def test_no_key_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")
    seen = "import os, sys; sys.exit(str('canary' in str(os.environ)))"
    assert ask(child(monkeypatch, seen), b"", PATIENT, LIMIT).last_words() == "False"
