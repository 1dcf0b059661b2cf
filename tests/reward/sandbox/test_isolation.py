"""The tiers: found out by trying, noticed when a layer is missing, required or refused, the same for every user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autoreward.doctor import machine
from autoreward.errors import IsolationError
from autoreward.reward.sandbox import isolation, kernel, server
from autoreward.reward.sandbox.isolation import Isolation
from autoreward.reward.sandbox.limits import LAYERS
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.reward.sandbox.seccomp import DENIED, filter_program
from tests.reward.robot import FORWARD, ROBOT
from tests.reward.sandbox.unprotected import REFUSED, boot

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layers are those of Linux")
ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def without(*layers: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_BOOT", boot(*layers))
        yield


@linux
def test_all_layers_hold_here(sandbox: Sandbox) -> None:
    assert sandbox.isolation == Isolation("strong", LAYERS, ())


@linux
@pytest.mark.parametrize(
    ("layer", "tier", "noticed"),
    [
        ("privileges", "basic", "no_new_privs is not set"),
        ("limits", "basic", "RLIMIT_FSIZE"),
        ("landlock", "medium", "write a file"),
        ("seccomp", "basic", "open a UDP socket"),
    ],
)
def test_a_layer_that_is_switched_off_is_noticed(layer: str, tier: str, noticed: str) -> None:
    with without(layer), Sandbox() as sandbox:
        found = sandbox.isolation
        assert found.tier == tier
        assert layer not in found.layers
        assert f"{layer} does not hold" in found.reasons
        assert noticed in found.reasons
        assert sandbox.trace_reward(FORWARD, ROBOT).compiled is not None


@linux
def test_nothing_runs_below_the_required_tier() -> None:
    with without("landlock"):
        with pytest.raises(IsolationError, match="landlock does not hold") as caught, Sandbox("strong"):
            pytest.fail("it opened")
        assert caught.value.exit_code == 9
        assert "--require-isolation medium" in caught.value.remedy
        late = Sandbox("strong")
        try:
            with pytest.raises(IsolationError):
                late.trace_reward(FORWARD, ROBOT)
        finally:
            late.close()
        with Sandbox("medium") as enough:
            assert enough.trace_reward(FORWARD, ROBOT).compiled is not None


@linux
def test_a_kernel_without_landlock_is_told_in_its_words() -> None:
    with without(REFUSED), Sandbox() as sandbox:
        assert sandbox.tier == "medium"
        assert "Function not implemented" in sandbox.isolation.reasons


@linux
def test_a_job_does_not_run_when_a_layer_cannot_be_set() -> None:
    """The self-test passed, then the kernel refuses: nothing runs with less than the verdict will say."""
    with without(REFUSED), Sandbox() as sandbox:
        sandbox._isolation = Isolation("strong", LAYERS, ())
        failure = sandbox.trace_reward(FORWARD, ROBOT).failure
    assert failure is not None
    assert failure.kind == "crash"
    assert "Function not implemented" in failure.message


def test_a_system_without_kernel_layers_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation.sys, "platform", "darwin")
    found = isolation.measure(lambda job: {"gaps": [], "error": None}, ())
    assert found == Isolation("basic", ("limits",), ("darwin has neither Landlock nor seccomp",))


def test_an_architecture_without_a_filter_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel.platform, "machine", lambda: "aarch64")
    with pytest.raises(kernel.LayerError, match="made for x86-64, this is aarch64"):
        kernel.filter_calls()


@pytest.mark.parametrize("answer", ["no reply", {}, {"error": 5, "gaps": []}, {"error": None, "gaps": [1]}, None])
def test_a_self_test_without_a_proper_answer_is_basic(answer: object) -> None:
    found = isolation.measure(lambda job: answer, ())
    assert (found.tier, found.layers) == ("basic", ())
    assert found.missing


@pytest.mark.parametrize("tier", ["strong", "medium", "basic"])
def test_every_gap_of_all_layers_together_is_basic(tier: str) -> None:
    def run(job: dict[str, object]) -> dict[str, object]:
        together = len(job["layers"]) == len(LAYERS)  # type: ignore[arg-type]
        return {"gaps": ["fork"] if together else [], "error": None}

    found = isolation.measure(run, ())
    assert found.tier == "basic"
    assert "all layers together let through: fork" in found.reasons


def test_system_calls_are_named_once_and_the_filter_fits_the_kernel() -> None:
    numbers = [number for calls in DENIED.values() for number in calls.values()]
    assert len(numbers) == len(set(numbers))
    program = filter_program(1)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096  # BPF_MAXINSNS


@linux
def test_the_controller_is_hidden_while_a_sandbox_is_open() -> None:
    code = (
        "import os, sys\n"
        "from autoreward.reward.sandbox import kernel\n"
        "from autoreward.reward.sandbox.sandbox import Sandbox\n"
        "def readable(process):\n"
        "    if (child := os.fork()) == 0:\n"
        "        kernel.drop_privileges(keep_reading=False)\n"
        "        try:\n"
        "            open(f'/proc/{process}/environ').close()\n"
        "        except PermissionError:\n"
        "            os._exit(1)\n"
        "        os._exit(0)\n"
        "    return os.waitpid(child, 0)[1] == 0\n"
        "kernel.drop_privileges(keep_reading=False)  # like an ordinary user: root may always look\n"
        "before = readable(os.getpid())\n"
        "sandbox = Sandbox()\n"
        "print(before, readable(os.getpid()))\n"
        "sandbox.close()\n"
    )
    assert _python(["-c", code]).split() == ["True", "False"]


@linux
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes other users, which only root can")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.parametrize(
    "options",
    [
        ["--reuid=65534", "--regid=65534", "--clear-groups"],
        ["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"],
        ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"],
    ],
    ids=["an ordinary user", "an ordinary user without new privileges", "root without capabilities"],
)
def test_it_is_as_strong_for(options: list[str]) -> None:
    if "--clear-groups" in options:  # the interpreter may lie where only root can read
        options = [*options, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    code = (
        "from autoreward.reward.sandbox.sandbox import Sandbox\n"
        "from tests.reward.robot import FORWARD, ROBOT\n"
        "with Sandbox() as sandbox:\n"
        "    print(sandbox.tier, sandbox.trace_reward(FORWARD, ROBOT).compiled is not None)\n"
    )
    assert _python(["-c", code], ["setpriv", *options]).split() == ["strong", "True"]


@linux
def test_the_doctor_tells_the_tier_and_what_is_missing() -> None:
    (line,) = machine.check_isolation("basic")
    assert (line.status, line.detail.partition(":")[0]) == ("ok", "strong")
    with without("landlock"):
        (line,) = machine.check_isolation("basic")
        assert line.status == "warning"
        assert "landlock does not hold" in line.detail
        assert "container" in line.fix
        (line,) = machine.check_isolation("strong")
        assert line.status == "failure"


def _python(arguments: list[str], prefix: list[str] | None = None) -> str:
    command = [*(prefix or []), sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
