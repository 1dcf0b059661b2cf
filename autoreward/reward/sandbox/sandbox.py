"""The sandbox as the rest of the package sees it: source in, checked programs and findings out.

Every job runs in a child of its own: own process group, empty environment, limits, and a deadline that this side
keeps and enforces with SIGKILL. Nothing that comes back is believed: sizes, types and names are checked, and the
program itself is inspected.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from autoreward import wire
from autoreward.records import CompiledMetric, CompiledReward, EnvSpec, Finding, Tier, Transitions
from autoreward.reward.sandbox.inspection import inspect_program
from autoreward.reward.sandbox.isolation import Isolation, measure
from autoreward.reward.sandbox.kernel import hide_process
from autoreward.reward.sandbox.replies import (
    Failure,
    Measured,
    ReplyError,
    compiled_metric,
    compiled_reward,
    metric_inputs,
    plain,
    read_failure,
    read_findings,
    read_measured,
    reward_inputs,
)
from autoreward.reward.sandbox.server import Child, ForkServer, ServerGone

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRACE_DEADLINE = 20.0  # [s] wall clock
PROBE_DEADLINE = 20.0
SELF_TEST_DEADLINE = 20.0
REPLY_LIMIT = 64 << 20  # [bytes]
OUTPUT_KEPT = 2_000  # [bytes] at the end of what a child prints, for the finding of a crash
METRIC_OUTPUTS = {"success": 1, "progress": 1}  # ranks
STARTS = 2  # times a job is tried when the fork server itself is gone

Arrays = dict[str, "NDArray[Any]"]


@dataclass(frozen=True)
class TraceReply:
    """What tracing a reward gave: a compiled reward, or findings, or a failure."""

    compiled: CompiledReward | None = None
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    twin: Arrays = field(default_factory=dict)  # terms [N, K], phi_state, phi_next [N] by numpy, where asked for
    twin_failure: Failure | None = None


@dataclass(frozen=True)
class MetricReply:
    """What tracing a metric gave."""

    compiled: CompiledMetric | None = None
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class ProbeReply:
    """Outputs of a program on each batch, in order, or a failure."""

    outputs: tuple[Arrays, ...] = ()
    failure: Failure | None = None
    measured: tuple[Measured, ...] = ()  # of the batches it was asked for


class Sandbox:
    """Runs candidate code in short-lived children of one fork server. Methods may be called from several threads.

    Before the first job it finds out which layers of isolation hold here; every job then has to set them all.

    Args:
        required: the tier below which nothing runs.
    """

    def __init__(self, required: Tier = "basic") -> None:
        hide_process()  # this process has the key
        self._required = required
        self._server = ForkServer()
        self._lock = threading.Lock()
        self._measuring = threading.Lock()
        self._isolation: Isolation | None = None
        self._closed = False

    def __enter__(self) -> Self:
        if self._required != "basic":
            try:
                self.isolation.require(self._required)  # at once, before anything is paid for
            except BaseException:
                self.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the server and all children. May be called twice."""
        if not self._closed:
            self._closed = True
            self._server.close()

    @property
    def isolation(self) -> Isolation:
        """What the self-test found; it runs once, with the first use of the sandbox (0.1 s)."""
        with self._measuring:
            if self._isolation is None:
                self._isolation = measure(self._self_test, (os.getpid(), self._server.pid))
            return self._isolation

    @property
    def tier(self) -> Tier:
        """How well candidate code is contained here."""
        return self.isolation.tier

    def trace_reward(
        self, source: str, env: EnvSpec, twin_on: Transitions | None = None, deadline: float = TRACE_DEADLINE
    ) -> TraceReply:
        """Trace a reward program and serialise it with a symbolic batch dimension.

        Args:
            source: the program; it is checked again in the child before it runs.
            env: the fields it may read.
            twin_on: transitions on which the numpy twin of a program that may run is evaluated, in a child of its own.
            deadline: wall clock [s].
        """
        job = {"kind": "reward", "source": source, **_environment(env)}
        reply = self._run(job, {}, deadline)
        if isinstance(reply, Failure):
            return TraceReply(failure=reply)
        try:
            if findings := read_findings(reply.data):
                return TraceReply(findings=findings)
            if failure := read_failure(reply.data, "error"):
                return TraceReply(failure=failure)
            compiled = compiled_reward(reply, env)
        except ReplyError as error:
            return TraceReply(failure=Failure("reply", "ReplyError", str(error)))
        inputs, outputs = reward_inputs(compiled, env), reward_outputs(compiled)
        if findings := inspect_program(compiled.program, inputs, outputs):
            lined = self._with_lines(job, deadline, lambda program: inspect_program(program, inputs, outputs))
            return TraceReply(findings=lined or findings)
        twin = TraceReply() if twin_on is None else self.twin(source, env, twin_on, deadline)
        return TraceReply(compiled, twin.findings, None, twin.twin, twin.failure)

    def trace_metric(self, source: str, env: EnvSpec, horizon: int, deadline: float = TRACE_DEADLINE) -> MetricReply:
        """Trace a metric over `[T, N]` trajectories with T = `horizon` and a symbolic N."""
        job = {"kind": "metric", "source": source, "horizon": horizon, **_environment(env)}
        reply = self._run(job, {}, deadline)
        if isinstance(reply, Failure):
            return MetricReply(failure=reply)
        try:
            if findings := read_findings(reply.data):
                return MetricReply(findings=findings)
            if failure := read_failure(reply.data, "error"):
                return MetricReply(failure=failure)
            compiled = compiled_metric(reply, env, horizon)
        except ReplyError as error:
            return MetricReply(failure=Failure("reply", "ReplyError", str(error)))
        inputs = metric_inputs(compiled, env)
        if findings := inspect_program(compiled.program, inputs, METRIC_OUTPUTS, horizon):
            lined = self._with_lines(
                job, deadline, lambda program: inspect_program(program, inputs, METRIC_OUTPUTS, horizon)
            )
            return MetricReply(findings=lined or findings)
        return MetricReply(compiled)

    def _with_lines(
        self, job: dict[str, Any], deadline: float, inspect: Callable[[bytes], tuple[Finding, ...]]
    ) -> tuple[Finding, ...]:
        """The findings of a refused program once more, traced so that it knows its lines; empty where it fails now."""
        reply = self._run(job | {"with_lines": True}, {}, deadline)
        return () if isinstance(reply, Failure) else inspect(reply.parts.get("program", b""))

    def probe(
        self,
        program: bytes,
        batches: Sequence[Mapping[str, NDArray[Any]]],
        deadline: float = PROBE_DEADLINE,
        measured: Sequence[int] = (),
    ) -> ProbeReply:
        """Run a serialised program in a child that never sees its source.

        Args:
            program: of a compiled reward or metric.
            batches: arrays by flat input name, float32; each batch shape compiles once (about 0.1 s).
            deadline: wall clock [s].
            measured: places of batches whose time and memory are measured.
        """
        arrays = {f"{index}/{name}": array for index, batch in enumerate(batches) for name, array in batch.items()}
        parts = {"program": program, **wire.pack_arrays(arrays)}
        job = {"kind": "probe", "batches": len(batches), "measured": list(measured)}
        reply = self._run(job, parts, deadline)
        if isinstance(reply, Failure):
            return ProbeReply(failure=reply)
        try:
            if failure := read_failure(reply.data, "error"):
                return ProbeReply(failure=failure)
            results, taken = wire.unpack_arrays(reply.parts), read_measured(reply.data)
            if len(taken) != len(measured):
                raise ReplyError("measurements are missing")
        except (ReplyError, wire.WireError) as error:
            return ProbeReply(failure=Failure("reply", "ReplyError", str(error)))
        outputs = tuple(_of_batch(results, index) for index in range(len(batches)))
        return ProbeReply(outputs, measured=taken)

    def twin(self, source: str, env: EnvSpec, transitions: Transitions, deadline: float = TRACE_DEADLINE) -> TraceReply:
        """Evaluate a program in numpy, in a child; `reply.twin` holds terms [N, K], phi_state and phi_next [N]."""
        parts = wire.pack_arrays(flat_transitions(transitions))
        reply = self._run({"kind": "twin", "source": source, **_environment(env)}, parts, deadline)
        if isinstance(reply, Failure):
            return TraceReply(failure=reply)
        try:
            findings, failure = read_findings(reply.data), read_failure(reply.data, "error")
            return TraceReply(findings=findings, failure=failure, twin=wire.unpack_arrays(reply.parts))
        except (ReplyError, wire.WireError) as error:
            return TraceReply(failure=Failure("reply", "ReplyError", str(error)))

    def _self_test(self, job: dict[str, Any]) -> Any:
        reply = self._ask({"kind": "self_test", **job}, {}, SELF_TEST_DEADLINE)
        return reply.message if isinstance(reply, Failure) else reply.data

    def _run(self, job: dict[str, Any], parts: Mapping[str, bytes], deadline: float) -> wire.Packet | Failure:
        isolation = self.isolation
        isolation.require(self._required)
        return self._ask(job | {"layers": isolation.layers}, parts, deadline)

    def _ask(self, job: dict[str, Any], parts: Mapping[str, bytes], deadline: float) -> wire.Packet | Failure:
        message = wire.encode(job | {"deadline": deadline}, parts)
        for attempt in range(STARTS):
            server = self._server
            try:
                with server.child() as child:
                    return self._converse(child, message, time.monotonic() + deadline, deadline)
            except ServerGone:
                if self._closed or attempt == STARTS - 1:
                    raise
                self._restart(server)
        raise AssertionError("unreachable")

    def _restart(self, gone: ForkServer) -> None:
        with self._lock:
            if self._server is gone:  # another thread may have replaced it
                self._server = ForkServer()
        gone.close()

    def _converse(self, child: Child, message: bytes, end: float, deadline: float) -> wire.Packet | Failure:
        reader = _Reader(child, end)
        try:
            child.connection.settimeout(max(end - time.monotonic(), 0.001))
            child.connection.sendall(message)
            packet = wire.read(reader, REPLY_LIMIT)
        except TimeoutError:
            return Failure("deadline", "deadline", f"the program did not end within {deadline:g} s")
        except (wire.WireError, OSError) as error:
            return self._crashed(child, reader, str(error))
        return packet if packet is not None else self._crashed(child, reader, "no reply")

    def _crashed(self, child: Child, reader: _Reader, reason: str) -> Failure:
        status = child.end()
        reader.drain()
        printed = plain(reader.printed.decode(errors="replace").strip(), OUTPUT_KEPT)
        return Failure("crash", "crash", f"{reason} (exit status {status}) {printed}".strip(), status=status)


class _Reader:
    """Reads a child's reply until the deadline, and keeps the end of what it prints."""

    def __init__(self, child: Child, end: float) -> None:
        self._child = child
        self._end = end
        self._poll = select.poll()
        self._poll.register(child.connection, select.POLLIN)
        self._poll.register(child.output, select.POLLIN)
        self.printed = b""

    def __call__(self, count: int) -> bytes:
        while True:
            remaining = self._end - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            ready = {descriptor for descriptor, _ in self._poll.poll(remaining * 1000)}
            if self._child.output in ready and not self.drain():
                self._poll.unregister(self._child.output)
            if self._child.connection.fileno() in ready:
                return self._child.connection.recv(count)

    def drain(self) -> bool:
        """Take what was printed; False when nothing more can come."""
        try:
            chunk = os.read(self._child.output, 65_536)
        except BlockingIOError:
            return True
        self.printed = (self.printed + chunk)[-OUTPUT_KEPT:]
        return bool(chunk)


def flat_transitions(transitions: Transitions) -> Arrays:
    """Transitions by flat input name, float32, each [N, ...]."""
    import numpy as np

    arrays = {f"state.{name}": array for name, array in transitions.state.items()}
    arrays |= {f"next_state.{name}": array for name, array in transitions.next_state.items()}
    arrays["action"] = transitions.action
    return {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}


def reward_outputs(compiled: CompiledReward) -> dict[str, int]:
    """Expected rank of each output of a compiled reward, by name."""
    ranks = {"terms": 2}
    return ranks | {"phi_state": 1, "phi_next": 1} if compiled.has_potential else ranks


def _environment(env: EnvSpec) -> dict[str, Any]:
    next_state = {field.name: field.shape for field in env.fields}
    state = {field.name: field.shape for field in env.fields if not field.next_state_only}
    return {"state": state, "next_state": next_state, "action_size": env.action_size}


def _of_batch(results: Arrays, index: int) -> Arrays:
    prefix = f"{index}/"
    return {name.removeprefix(prefix): array for name, array in results.items() if name.startswith(prefix)}
