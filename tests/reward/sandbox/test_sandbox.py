"""Children end when they must, know nothing, leave nothing, and what they send is not believed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import psutil
import pytest

from autoreward import wire
from autoreward.reward.sandbox.sandbox import Sandbox, TraceReply, flat_transitions
from autoreward.reward.sandbox.server import ForkServer
from tests.reward.robot import FORWARD, ROBOT, transitions

HEAD = "WEIGHTS = {'a': 1.0}\ndef reward_terms(state, action, next_state, params):\n"
LOOP = HEAD + "    return {'a': sum(i * j * k for i in range(90) for j in range(90) for k in range(90)) * action[:, 0]}"
SLOW = (
    HEAD
    + "    b = [1] * 100000000\n    return {'a': sum([sum(b) for c in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)]) * action[:, 0]}"
)
GREEDY = HEAD + "    b = [1.0] * 2000000000\n    return {'a': b[0] * action[:, 0]}"


@pytest.mark.parametrize("first", ["", "."])
def test_a_file_of_the_working_folder_takes_the_place_of_no_module(
    first: str, folder_of_shadows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_module("jax")  # by this process, before the folder is on its path: looked at are the children
    # As in a notebook (an empty entry), and as after `python -m` or for a script (its full path).
    monkeypatch.syspath_prepend(str(folder_of_shadows) if first else "")
    with Sandbox() as sandbox:
        assert sandbox.trace_reward(FORWARD, ROBOT, transitions(8)).compiled is not None
    assert not list(folder_of_shadows.glob("imported_*"))


def test_trace_gives_terms_inputs_and_twin(sandbox: Sandbox) -> None:
    reply = sandbox.trace_reward(FORWARD, ROBOT, transitions(8))
    compiled = reply.compiled
    assert compiled is not None
    assert dict(compiled.weights) == {"forward": 1.0, "effort": -0.1}
    assert dict(compiled.params) == {"scale": 2.0}
    assert compiled.has_potential
    assert compiled.inputs == (
        "action", "next_state.goal_offset", "next_state.torso_velocity", "params.scale", "state.goal_offset",
    )  # fmt: skip
    expected = transitions(8).next_state["torso_velocity"][:, 0] / 2.0
    np.testing.assert_allclose(reply.twin["terms"][:, 0], expected, rtol=1e-6)


def test_a_source_gives_the_same_program_in_every_process(sandbox: Sandbox) -> None:
    first = sandbox.trace_reward(FORWARD, ROBOT).compiled
    with Sandbox() as other:
        second = other.trace_reward(FORWARD, ROBOT).compiled
    assert first == second


def test_a_finding_on_the_compiled_program_names_its_line(sandbox: Sandbox) -> None:
    source = FORWARD.replace("jnp.sum(jnp.square(action), axis=-1)", "jnp.sum(action, axis=-1) * jnp.max(action)")
    (finding,) = sandbox.trace_reward(source, ROBOT, transitions(8)).findings
    assert finding.rule == "program.rows"
    assert finding.line is not None
    assert "jnp.max(action)" in source.splitlines()[finding.line - 1]


def test_a_probe_measures_the_batches_it_is_asked_to(sandbox: Sandbox) -> None:
    compiled = sandbox.trace_reward(FORWARD, ROBOT).compiled
    assert compiled is not None
    arrays = {name: array for name, array in flat_transitions(transitions(64)).items() if name in compiled.inputs}
    few = {name: array[:4] for name, array in arrays.items()}
    scale = {"params.scale": np.asarray(2.0, np.float32)}
    reply = sandbox.probe(compiled.program, [few | scale, arrays | scale, few | scale], measured=(0, 1))
    small, large = reply.measured
    assert 4 * 4 * 4 < small.bytes < large.bytes
    assert small.seconds >= 0.0


def test_probe_runs_the_program_on_each_batch(sandbox: Sandbox) -> None:
    compiled = sandbox.trace_reward(FORWARD, ROBOT).compiled
    assert compiled is not None
    arrays = flat_transitions(transitions(4))
    batch = {name: arrays[name] for name in compiled.inputs if name in arrays} | {"params.scale": np.float32(2.0)}
    batch = {name: np.asarray(array) for name, array in batch.items()}
    reply = sandbox.probe(compiled.program, [batch, {n: a[:2] if a.ndim else a for n, a in batch.items()}])
    assert [output["terms"].shape for output in reply.outputs] == [(4, 2), (2, 2)]
    np.testing.assert_allclose(reply.outputs[0]["phi_state"], -np.linalg.norm(batch["state.goal_offset"], axis=-1))


def test_twin_alone(sandbox: Sandbox) -> None:
    reply = sandbox.twin(FORWARD, ROBOT, transitions(3))
    expected = np.square(transitions(3).action).sum(axis=-1)
    np.testing.assert_allclose(reply.twin["terms"][:, 1], expected, rtol=1e-6)


def test_a_child_that_does_not_end_is_killed_at_its_deadline(sandbox: Sandbox) -> None:
    reply = sandbox.trace_reward(SLOW, ROBOT, deadline=1.5)
    assert reply.failure is not None
    assert reply.failure.kind == "deadline"


def test_loops_are_bounded_together(sandbox: Sandbox) -> None:
    assert [finding.rule for finding in sandbox.trace_reward(LOOP, ROBOT).findings] == ["trace.loop"]


def test_memory_is_bounded(sandbox: Sandbox) -> None:
    reply = sandbox.trace_reward(GREEDY, ROBOT)
    assert reply.failure is not None
    assert reply.failure.error == "MemoryError"


def test_a_text_outside_the_language_is_not_run_even_when_the_parent_sends_it(sandbox: Sandbox) -> None:
    reply = sandbox.trace_reward("import os\nos.abort()\n" + FORWARD, ROBOT)
    assert [finding.rule for finding in reply.findings] == ["static.import"]


def test_garbage_as_a_program_ends_in_a_failure(sandbox: Sandbox) -> None:
    reply = sandbox.probe(b"\x00garbage" * 100, [{"action": np.zeros((1, 6), np.float32)}])
    assert reply.failure is not None


def test_several_threads_may_ask_at_once(sandbox: Sandbox) -> None:
    sources = [FORWARD.replace("2.0", f"{number}.0") for number in range(1, 7)]

    def trace(source: str) -> TraceReply:
        return sandbox.trace_reward(source, ROBOT)

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(trace, sources))
    assert [reply.compiled and reply.compiled.params["scale"] for reply in replies] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_lost_fork_server_is_replaced(sandbox: Sandbox) -> None:
    with Sandbox() as other:
        assert other.trace_reward(FORWARD, ROBOT).compiled is not None
        os.kill(_server_of(other), signal.SIGKILL)
        assert other.trace_reward(FORWARD, ROBOT).compiled is not None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(os.geteuid() != 0, reason="the processes of the sandbox are hidden from all but root")
def test_nothing_is_left_behind_and_nothing_of_the_environment_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    before = _descriptors()
    started = Sandbox()
    assert started.trace_reward(FORWARD, ROBOT).compiled is not None
    started.trace_reward(SLOW, ROBOT, deadline=1.0)
    server = psutil.Process(_server_of(started))
    known = dict(entry.split("=", 1) for entry in Path(f"/proc/{server.pid}/environ").read_text().split("\0") if entry)
    assert "sk-secret" not in known.values()
    assert not {"HOME", "PATH", "OPENAI_API_KEY"} & set(known)
    assert server.children(recursive=True) == []
    started.close()
    started.close()
    assert not server.is_running()
    assert _descriptors() == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(os.geteuid() != 0, reason="the processes of the sandbox are hidden from all but root")
def test_children_have_their_group_their_limits_and_no_other_descriptor() -> None:
    server = ForkServer()
    try:
        with server.child() as child:
            pid = child._pid
            child.connection.settimeout(20.0)
            job = {"kind": "reward", "source": SLOW, "deadline": 20.0, "state": {}, "next_state": {}, "action_size": 6}
            job["layers"] = ["limits"]
            child.connection.sendall(wire.encode(job))
            process = psutil.Process(pid)
            while process.rlimit(psutil.RLIMIT_NOFILE) != (0, 0):
                assert process.status() != psutil.STATUS_ZOMBIE
            assert os.getpgid(pid) == pid
            assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
            assert process.rlimit(psutil.RLIMIT_CPU)[1] == 41
            assert 0 < process.rlimit(psutil.RLIMIT_AS)[1] < 8 << 30
            kinds = [str(Path(f"/proc/{pid}/fd/{number}").readlink()).split(":")[0] for number in range(4)]
            assert kinds == ["/dev/null", "pipe", "pipe", "socket"]
        assert not psutil.pid_exists(pid)
    finally:
        server.close()


def test_the_server_ends_when_its_parent_is_killed() -> None:
    script = (
        "import os, signal\n"
        "from autoreward.reward.sandbox.sandbox import Sandbox\n"
        "from tests.reward.robot import FORWARD, ROBOT\n"
        "sandbox = Sandbox()\n"
        "assert sandbox.trace_reward(FORWARD, ROBOT).compiled\n"
        "print(sandbox._children.server._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).resolve().parents[3]
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=root, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    pid = int(ended.stdout)
    if psutil.pid_exists(pid):
        psutil.wait_procs([psutil.Process(pid)], timeout=20)
    assert not psutil.pid_exists(pid)


def _descriptors() -> list[str]:
    return sorted(str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.exists())


def _server_of(sandbox: Sandbox) -> int:
    return sandbox._children.server._process.pid
