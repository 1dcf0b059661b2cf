"""What a program prints, sends or leaves to the next child: nothing of it is believed, shown raw or kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autoreward.reward.sandbox import server
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import FORWARD, ROBOT
from tests.reward.sandbox.unprotected import LANGUAGE, boot

HEAD = "WEIGHTS = {'a': 1.0}\n"
FORGED = """
import os
from autoreward import wire
data = {"weights": [["a", 1.0]], "params": {}, "has_potential": False, "inputs": ["action"], "digest": "x"}
os.write(3, wire.encode(data, {"program": PROGRAM}))
os._exit(0)
"""


@pytest.fixture(scope="module")
def lenient() -> Iterator[Sandbox]:
    """Runs any text behind the layers of the kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_BOOT", boot(LANGUAGE))
        with Sandbox() as started:
            yield started


@pytest.mark.parametrize("program", [b"", b"garbage", b"\x00" * 100_000])
def test_a_forged_reply_is_inspected_like_any_other(lenient: Sandbox, program: bytes) -> None:
    reply = lenient.trace_reward(FORGED.replace("PROGRAM", repr(program)), ROBOT)
    assert reply.compiled is None
    assert [finding.rule for finding in reply.findings] == ["program.form"]


def test_a_program_of_another_reward_must_fit_what_the_reply_says(lenient: Sandbox) -> None:
    compiled = lenient.trace_reward(FORWARD, ROBOT).compiled
    assert compiled is not None
    reply = lenient.trace_reward(FORGED.replace("PROGRAM", repr(compiled.program)), ROBOT)
    assert [finding.rule for finding in reply.findings] == ["program.form"]


@pytest.mark.parametrize(
    "data", ["[]", "{'findings': [{'rule': 5}]}", "{'error': 7}", "{'weights': [['a', float('inf')]]}", "None"]
)
def test_a_reply_of_another_form_is_no_reply(lenient: Sandbox, data: str) -> None:
    source = f"import os\nfrom autoreward import wire\nos.write(3, wire.encode({data}))\nos._exit(0)\n"
    reply = lenient.trace_reward(source, ROBOT)
    assert reply.failure is not None
    assert reply.failure.kind in ("reply", "crash")


def test_a_reply_longer_than_the_limit_is_not_read(lenient: Sandbox) -> None:
    source = "import os\nos.write(3, b'\\xff' * 64)\nos._exit(0)\n"
    reply = lenient.trace_reward(source, ROBOT)
    assert reply.failure is not None
    assert reply.failure.kind == "crash"


def test_printed_text_is_cut_and_cannot_move_the_cursor(lenient: Sandbox) -> None:
    source = "import os\nos.write(1, b'x' * 500000 + b'\\x1b]0;owned\\x07\\x1b[2Jaccepted')\nos._exit(1)\n"
    failure = lenient.trace_reward(source, ROBOT).failure
    assert failure is not None
    assert failure.kind == "crash"
    assert "\x1b" not in failure.message
    assert "\x07" not in failure.message
    assert failure.message.endswith("accepted")
    assert len(failure.message) < 3_000


def test_the_message_of_an_error_cannot_move_the_cursor(lenient: Sandbox) -> None:
    failure = lenient.trace_reward(HEAD + "raise ValueError('\\x1b[31mred\\u202e' + 'x' * 100000)\n", ROBOT).failure
    assert failure is not None
    assert "\x1b" not in failure.message
    assert "\u202e" not in failure.message
    assert len(failure.message) <= 1_000


def test_a_child_leaves_nothing_to_the_next(lenient: Sandbox) -> None:
    """Not even in modules that both inherited from the fork server."""
    poison = "import math\nfrom autoreward.reward import inspection, tracing\n"
    poison += "math.pi = 3.0\ntracing.PLATFORMS = ()\ntracing.scalars = None\n"
    before = lenient.trace_reward(FORWARD, ROBOT).compiled
    assert lenient.trace_reward(poison, ROBOT).compiled is None
    assert lenient.trace_reward(FORWARD, ROBOT).compiled == before
