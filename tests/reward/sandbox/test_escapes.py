"""Every escape of the corpus works on an unprotected machine, and none works on the kernel layers alone.

The reward language refuses all of them before they run (tests/critic/test_corpus.py); here it is switched off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoreward.reward.sandbox import server
from autoreward.reward.sandbox.limits import LAYERS
from autoreward.reward.sandbox.sandbox import Sandbox, TraceReply
from tests.reward.robot import ROBOT
from tests.reward.sandbox.target import Target
from tests.reward.sandbox.unprotected import LANGUAGE, boot
from tests.thorough import first_two_of_a_kind

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are those of Linux")

ESCAPES = Path(__file__).resolve().parents[2] / "corpus" / "escapes"
OTHERWISE_STOPPED = {  # by settings that some systems have, or by not being root
    "process_trace", "process_memory", "kernel_io_uring", "change_attribute", "kernel_watch",
}  # fmt: skip


def _sandbox(*off: str) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_BOOT", boot(*off))
        with Sandbox() as started:
            yield started


@pytest.fixture(scope="module")
def bare() -> Iterator[Sandbox]:
    """Runs any text with nothing in its way."""
    yield from _sandbox(LANGUAGE, *LAYERS)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Sandbox]:
    """Runs any text behind the layers of the kernel."""
    yield from _sandbox(LANGUAGE)


def attack(sandbox: Sandbox, path: Path) -> list[str]:
    """What one escape reached."""
    assert sandbox.tier  # its self-test is over before the target looks at what there is
    with Target() as target:
        reply = sandbox.trace_reward(target.fill(path.read_text("utf-8")), ROBOT, deadline=10.0)
        return target.hits(said(reply))


def said(reply: TraceReply) -> str:
    return str((reply.failure, reply.findings))


def test_the_two_sandboxes_are_what_they_shall_be(bare: Sandbox, guarded: Sandbox) -> None:
    assert bare.isolation.layers == ()
    assert guarded.isolation.layers == LAYERS
    assert (bare.tier, guarded.tier) == ("basic", "strong")


@pytest.mark.parametrize("name", first_two_of_a_kind(sorted(path.stem for path in ESCAPES.glob("*.py"))))
def test_an_escape_works_unprotected_and_not_behind_the_kernel(name: str, bare: Sandbox, guarded: Sandbox) -> None:
    path = ESCAPES / f"{name}.py"
    hit = attack(bare, path)
    if not hit and name in OTHERWISE_STOPPED:
        pytest.skip("this system stops it by itself")
    assert hit, "its canary does not fire: it proves nothing"
    assert attack(guarded, path) == []
