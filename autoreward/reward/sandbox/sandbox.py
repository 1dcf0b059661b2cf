"""The sandbox as the rest of the package sees it: source in, checked programs and findings out.

Every job runs in a child of its own: own process group, empty environment, limits, and a deadline (conversation.py).
Nothing that comes back is believed: sizes, types and names are checked (replies.py), and the program itself is
inspected (inspection.py).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from autoreward import wire
from autoreward.records import CompiledMetric, CompiledReward, EnvSpec, Finding, Tier, Transitions
from autoreward.reward.form_reading import FormError, read_form
from autoreward.reward.sandbox.conversation import Children
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
    read_failure,
    read_findings,
    read_measured,
    reward_inputs,
)

TRACE_DEADLINE = 20.0  # [s] wall clock
PROBE_DEADLINE = 20.0
SELF_TEST_DEADLINE = 20.0
METRIC_OUTPUTS = {"success": 1, "progress": 1}  # ranks

Arrays = dict[str, NDArray[Any]]
Compiled = TypeVar("Compiled", CompiledReward, CompiledMetric)


@dataclass(frozen=True)
class TracedProgram(Generic[Compiled]):
    """What tracing a program gave: its compiled form, or findings, or a failure."""

    compiled: Compiled | None = None
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class TraceReply(TracedProgram[CompiledReward]):
    """The same of a reward, with what its numpy twin gave."""

    twin: Arrays = field(default_factory=dict)  # terms [N, K], phi_state, phi_next [N] by numpy, where asked for
    twin_failure: Failure | None = None


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
        self._children = Children()
        self._measuring = threading.Lock()
        self._isolation: Isolation | None = None

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
        self._children.close()

    @property
    def isolation(self) -> Isolation:
        """What the self-test found; it runs once, with the first use of the sandbox (0.1 s)."""
        with self._measuring:
            if self._isolation is None:
                self._isolation = measure(self._self_test, (os.getpid(), self._children.server.pid))
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
        traced = self._trace(
            {"kind": "reward", "source": source, **_environment(env)},
            deadline,
            lambda reply: compiled_reward(reply, env),
            lambda reward, program: inspect_program(program, reward_inputs(reward, env), reward_outputs(reward)),
        )
        if traced.compiled is None:
            return TraceReply(traced.compiled, traced.findings, traced.failure)
        try:
            form = read_form(source, dict(traced.compiled.weights))
        except FormError as error:
            return TraceReply(findings=(error.finding(),))
        compiled = traced.compiled.model_copy(update={"form": form})
        if twin_on is None:
            return TraceReply(compiled, traced.findings, traced.failure)
        twin = self.twin(source, env, twin_on, deadline)
        return TraceReply(compiled, twin.findings, None, twin.twin, twin.failure)

    def trace_metric(
        self, source: str, env: EnvSpec, horizon: int, deadline: float = TRACE_DEADLINE
    ) -> TracedProgram[CompiledMetric]:
        """Trace a metric over `[T, N]` trajectories with T = `horizon` and a symbolic N."""
        return self._trace(
            {"kind": "metric", "source": source, "horizon": horizon, **_environment(env)},
            deadline,
            lambda reply: compiled_metric(reply, env, horizon),
            lambda metric, program: inspect_program(program, metric_inputs(metric, env), METRIC_OUTPUTS, horizon),
        )

    def _trace(
        self,
        job: dict[str, Any],
        deadline: float,
        read: Callable[[wire.Packet], Compiled],
        inspect: Callable[[Compiled, bytes], tuple[Finding, ...]],
    ) -> TracedProgram[Compiled]:
        """Trace a program and inspect what came of it; a refused one is traced again, so that it knows its lines."""
        reply = self._run(job, {}, deadline)
        if isinstance(reply, Failure):
            return TracedProgram(failure=reply)
        try:
            if findings := read_findings(reply.data):
                return TracedProgram(findings=findings)
            if failure := read_failure(reply.data, "error"):
                return TracedProgram(failure=failure)
            compiled = read(reply)
        except ReplyError as error:
            return TracedProgram(failure=_unusable(error))
        findings = inspect(compiled, compiled.program)
        if not findings:
            return TracedProgram(compiled)
        again = self._run(job | {"with_lines": True}, {}, deadline)
        lined = () if isinstance(again, Failure) else inspect(compiled, again.parts.get("program", b""))
        return TracedProgram(findings=lined or findings)

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
            batches: arrays by flat input name, float32; each batch shape compiles once (about 0.1 s). One that stands
                there twice (the same object) is sent once.
            deadline: wall clock [s].
            measured: places of batches whose time and memory are measured.
        """
        places = {id(batch): index for index, batch in reversed(list(enumerate(batches)))}
        arrays = {f"{place}/{name}": array for place in places.values() for name, array in batches[place].items()}
        parts = {"program": program, **wire.pack_arrays(arrays)}
        job = {"kind": "probe", "batches": [places[id(batch)] for batch in batches], "measured": list(measured)}
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
            return ProbeReply(failure=_unusable(error))
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
            return TraceReply(failure=_unusable(error))

    def _self_test(self, job: dict[str, Any]) -> Any:
        reply = self._children.ask({"kind": "self_test", **job}, {}, SELF_TEST_DEADLINE)
        return reply.message if isinstance(reply, Failure) else reply.data

    def _run(self, job: dict[str, Any], parts: Mapping[str, bytes], deadline: float) -> wire.Packet | Failure:
        isolation = self.isolation
        isolation.require(self._required)
        return self._children.ask(job | {"layers": isolation.layers}, parts, deadline)


def flat_transitions(transitions: Transitions) -> Arrays:
    """Transitions by flat input name, float32, each [N, ...]."""
    arrays = {f"state.{name}": array for name, array in transitions.state.items()}
    arrays |= {f"next_state.{name}": array for name, array in transitions.next_state.items()}
    arrays["action"] = transitions.action
    return {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}


def reward_outputs(compiled: CompiledReward) -> dict[str, int]:
    """Expected rank of each output of a compiled reward, by name."""
    ranks = {"terms": 2}
    return ranks | {"phi_state": 1, "phi_next": 1} if compiled.has_potential else ranks


def _unusable(error: Exception) -> Failure:
    return Failure("reply", "ReplyError", str(error))


def _environment(env: EnvSpec) -> dict[str, Any]:
    next_state = {field.name: field.shape for field in env.fields}
    state = {field.name: field.shape for field in env.fields if not field.next_state_only}
    return {"state": state, "next_state": next_state, "action_size": env.action_size}


def _of_batch(results: Arrays, index: int) -> Arrays:
    prefix = f"{index}/"
    return {name.removeprefix(prefix): array for name, array in results.items() if name.startswith(prefix)}
