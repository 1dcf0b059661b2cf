"""Reading what a child sent: nothing is believed before its type, size and names are checked."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autoreward import plain_text
from autoreward.records import CompiledMetric, CompiledReward, EnvSpec, Finding
from autoreward.reward.composition import as_float32
from autoreward.reward.language.grammar import NAME_LIMIT, TERM_LIMIT
from autoreward.wire import Packet

TEXT_LIMIT = 1_000  # characters
FINDING_LIMIT = 40
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{NAME_LIMIT - 1}}}")


class ReplyError(Exception):
    """A child's reply is not of the agreed form."""


@dataclass(frozen=True)
class Failure:
    """Why a job gave no result.

    `raised`: the program raised an exception; `deadline`: it was killed; `crash`: its process ended;
    `reply`: what it sent cannot be used.
    """

    kind: Literal["raised", "deadline", "crash", "reply"]
    error: str  # type of the exception
    message: str
    line: int | None = None
    status: int | None = None  # exit status, negative for a signal


@dataclass(frozen=True)
class Measured:
    """What one call of a program takes."""

    seconds: float  # CPU time, the least of several calls
    bytes: int  # inputs, outputs and what lies between them


def plain(text: Any, limit: int = TEXT_LIMIT) -> str:
    """Text without terminal escapes and other invisible characters, cut to a length.

    Raises:
        ReplyError: it is no text.
    """
    if not isinstance(text, str):
        raise ReplyError("a text is missing")
    return plain_text.plain(text)[:limit]


def read_findings(data: Any) -> tuple[Finding, ...]:
    """The violations a child reports; empty where there are none."""
    listed = _dict(data).get("findings", [])
    if not isinstance(listed, list):
        raise ReplyError("findings are not a list")
    return tuple(_finding(_dict(item)) for item in listed[:FINDING_LIMIT])


def read_failure(data: Any, key: str) -> Failure | None:
    """The exception a child reports under a key, or None."""
    reported = _dict(data).get(key)
    if reported is None:
        return None
    reported = _dict(reported)
    return Failure(
        "raised", plain(reported.get("type"), 80), plain(reported.get("message")), _line(reported.get("line"))
    )


def read_measured(data: Any) -> tuple[Measured, ...]:
    """What the measured calls of a probe took, in their order."""
    listed = _dict(data).get("measured")
    if not isinstance(listed, list):
        raise ReplyError("measurements are not a list")
    numbers = [_scalars(item) for item in listed]
    if any(set(item) != {"seconds", "bytes"} or min(item.values()) < 0.0 for item in numbers):
        raise ReplyError("a measurement is not of the agreed form")
    return tuple(Measured(item["seconds"], int(item["bytes"])) for item in numbers)


def compiled_reward(reply: Packet, env: EnvSpec) -> CompiledReward:
    """The compiled reward in a reply.

    Raises:
        ReplyError: something in it is not as agreed.
    """
    data, program = _dict(reply.data), reply.parts.get("program", b"")
    listed = data.get("weights")
    if not isinstance(listed, list) or not all(isinstance(item, list) and len(item) == 2 for item in listed):
        raise ReplyError("weights are not a list of pairs")
    weights, params = _scalars(dict(map(tuple, listed))), _scalars(data.get("params"))
    if not 0 < len(weights) == len(listed) <= TERM_LIMIT:
        raise ReplyError("weights are missing or repeated")
    allowed = {f"next_state.{field.name}" for field in env.fields} | {"action"}
    allowed |= {f"state.{field.name}" for field in env.fields if not field.next_state_only}
    return CompiledReward(
        weights=weights,
        term_names=tuple(weights),
        params=params,
        has_potential=data.get("has_potential") is True,
        inputs=_inputs(data.get("inputs"), allowed | {f"params.{name}" for name in params}),
        program=program,
        digest=hashlib.sha256(program).hexdigest(),
    )


def compiled_metric(reply: Packet, env: EnvSpec, horizon: int) -> CompiledMetric:
    """The compiled metric in a reply.

    Raises:
        ReplyError: something in it is not as agreed.
    """
    allowed = {field.name for field in env.fields} | {"action", "valid"}
    program = reply.parts.get("program", b"")
    inputs = _inputs(_dict(reply.data).get("inputs"), allowed)
    return CompiledMetric(inputs=inputs, horizon=horizon, program=program, digest=hashlib.sha256(program).hexdigest())


def reward_inputs(compiled: CompiledReward, env: EnvSpec) -> dict[str, tuple[int | None, ...]]:
    """Expected input shapes of a compiled reward; None is the batch axis."""
    shapes: dict[str, tuple[int | None, ...]] = {"action": (None, env.action_size)}
    for field in env.fields:
        shapes |= {f"{side}.{field.name}": (None, *field.shape) for side in ("state", "next_state")}
    shapes |= {f"params.{name}": () for name in compiled.params}
    return {name: shapes[name] for name in compiled.inputs}


def metric_inputs(compiled: CompiledMetric, env: EnvSpec) -> dict[str, tuple[int | None, ...]]:
    """Expected input shapes of a compiled metric; None is the batch axis."""
    fields = {field.name: field.shape for field in env.fields} | {"action": (env.action_size,), "valid": ()}
    return {name: (compiled.horizon, None, *fields[name]) for name in compiled.inputs}


def _finding(reported: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=plain(reported.get("rule"), 60),
        severity="error",
        line=_line(reported.get("line")),
        message=plain(reported.get("message")),
        remedy=plain(reported.get("remedy")),
    )


def _scalars(value: Any) -> dict[str, float]:
    numbers = _dict(value)
    for name, number in numbers.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ReplyError(f"a name is not as agreed: {name!r:.60}")
        plain = isinstance(number, int | float) and not isinstance(number, bool)
        if not plain or not math.isfinite(as_float32(number)):
            raise ReplyError(f"{name} is not a number that is finite in float32")
    return {name: float(number) for name, number in numbers.items()}


def _inputs(value: Any, allowed: Collection[str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ReplyError("inputs are not a list of names")
    if len(set(value)) != len(value) or not set(value) <= set(allowed):
        raise ReplyError("inputs are repeated or unknown")
    return tuple(value)


def _line(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000 else None


def _dict(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise ReplyError("an object is missing")
    return value
