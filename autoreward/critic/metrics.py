"""Success metrics written by a person: checked like a reward, then compiled for whole trajectories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autoreward.critic.contract_rules import metric_findings
from autoreward.critic.probe import differing, is_constant
from autoreward.critic.running_cost import running_cost_findings
from autoreward.critic.translate import translate
from autoreward.errors import UsageError
from autoreward.records import CompiledMetric, EnvSpec, Finding
from autoreward.reward.language.rules import parse
from autoreward.reward.sandbox.proof.cost import FULL_ROWS
from autoreward.reward.sandbox.sandbox import Sandbox

ROWS = 6
MANY = 24
SEED = 7
POISONS = 5  # calls with other values behind the ends of the episodes
ROUNDING = 1e-7  # relative, of a number of float32
NUDGED = 2  # calls with inputs that differ by ROUNDING
ORDERS = 4.0  # times what is expected of sums in another order
FAR = 1e6  # beyond what any field holds
MEASURED = (0, 2 + POISONS)  # all episodes, and all of them many times
OUTPUTS = ("success", "progress")


def check_metric(
    code: str, env: EnvSpec, horizon: int, sandbox: Sandbox, note: Callable[[str], None] | None = None
) -> CompiledMetric:
    """Check and compile a metric.

    Args:
        code: `success(trajectory, params)` in the reward language; fields are [T, N, ...], valid is [T, N].
        env: the environment.
        horizon: T.
        sandbox: where it is traced and probed.
        note: told what is doubtful, but no reason to refuse the metric.

    Raises:
        UsageError: the metric cannot be used; the message has every finding.
    """
    _refuse(check_metric_static(code, env), env)
    traced = sandbox.trace_metric(code, env, horizon)
    _refuse(traced.findings, env)
    if traced.failure is not None:
        _refuse([translate(traced.failure, code, "the metric")], env)
    if traced.compiled is None:
        raise AssertionError("a metric without findings and failure is compiled")
    batches = metric_batches(traced.compiled, env)
    probed = sandbox.probe(traced.compiled.program, batches, measured=MEASURED)
    if probed.failure is not None:
        _refuse([translate(probed.failure, code, "the compiled metric")], env)
    _refuse(_probe_findings(probed.outputs, horizon), env)
    full = max(FULL_ROWS // horizon, MANY)  # episodes
    _refuse(running_cost_findings((ROWS, MANY), probed.measured, full), env)
    if note is not None and is_constant(success := probed.outputs[0]["success"]):
        note(f"success is {success[0]:g} for every episode that was tried: a metric that never varies selects nothing.")
    return traced.compiled


def check_metric_static(code: str, env: EnvSpec) -> list[Finding]:
    """Static findings of a metric."""
    parsed = parse(code, [field.name for field in env.fields] + ["action", "valid"])
    if parsed.tree is None:
        return list(parsed.findings)
    return sorted([*parsed.findings, *metric_findings(parsed.tree, env)], key=lambda finding: finding.line or 0)


def _refuse(findings: Sequence[Finding], env: EnvSpec) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = [f"line {one.line}: {one.message}" if one.line else one.message for one in errors]
        remedies = list(dict.fromkeys(one.remedy for one in errors if one.remedy))
        raise UsageError(f"The metric for {env.name} cannot be used: " + "; ".join(lines), " ".join(remedies))


def metric_batches(compiled: CompiledMetric, env: EnvSpec) -> list[dict[str, NDArray[Any]]]:
    """The calls of the probe, the same episodes in each.

    All of them; each again with other values behind the ends (`_poisons`); in another order; many times; the first and
    last alone; and all of them with other roundings of their numbers.
    """
    generator = np.random.default_rng(SEED)
    lengths = generator.integers(1, compiled.horizon + 1, ROWS)
    lengths[0] = compiled.horizon
    valid = (np.arange(compiled.horizon)[:, None] < lengths).astype(np.float32)  # [T, N]
    poisoned: list[dict[str, NDArray[Any]]] = [{"valid": valid} for _ in range(1 + POISONS)]
    for name in [name for name in compiled.inputs if name != "valid"]:
        low, high = _range(env, name)
        field = env.field(name)
        shape = (env.action_size,) if field is None else field.shape
        inside = generator.uniform(low, high, (*valid.shape, *shape)).astype(np.float32)
        mask = valid.reshape(valid.shape + (1,) * len(shape)) > 0
        paddings = [np.zeros((), np.float32), *_poisons(low, high, inside.shape, generator)]
        for batch, padding in zip(poisoned, paddings, strict=True):
            batch[name] = np.where(mask, inside, padding)
    whole = poisoned[0]
    orders = (slice(None, None, -1), np.arange(MANY) % ROWS, slice(0, 1), slice(ROWS - 1, ROWS))
    moved = [_nudged(whole, generator) for _ in range(NUDGED)]
    return [*poisoned, *({name: array[:, order] for name, array in whole.items()} for order in orders), *moved]


def _nudged(batch: dict[str, NDArray[Any]], generator: Generator) -> dict[str, NDArray[Any]]:
    """The same with every number moved by about as much as float32 rounds it."""
    moved = {name: array * (1.0 + ROUNDING * generator.standard_normal(array.shape)) for name, array in batch.items()}
    return {name: array.astype(np.float32) for name, array in moved.items()} | {"valid": batch["valid"]}


def _poisons(low: float, high: float, shape: tuple[int, ...], generator: Generator) -> Iterator[NDArray[Any]]:
    """What may stand behind the end of an episode: near and far values, and of all sizes and both signs.

    No NaN: `x * valid` is a good mask, and a metric is never called with NaN there (see `MetricProgram`).
    """
    yield np.float32(high + 1.0 + (high - low)) * np.ones((), np.float32)
    yield np.float32(FAR) * np.ones((), np.float32)
    yield np.float32(-FAR) * np.ones((), np.float32)
    for _ in range(POISONS - 3):
        sizes = 10.0 ** generator.uniform(-3.0, np.log10(FAR), shape)
        yield (sizes * generator.choice([-1.0, 1.0], shape)).astype(np.float32)


def _range(env: EnvSpec, name: str) -> tuple[float, float]:
    field = env.field(name)
    low = field.low if field is not None and field.low is not None else 0.0 if name == "terminated" else -1.0
    high = field.high if field is not None and field.high is not None else 1.0
    return low, max(high, low)


def rounding_slack(values: NDArray[Any], nudged: Sequence[NDArray[Any]], horizon: int) -> float:
    """By how much sums over an episode may differ because float32 adds them up in another order: they may cancel.

    Rounding each of T numbers x once moves their sum by about u * sqrt(T) * x, as is seen in `nudged`. Adding them up
    rounds T partial sums of about sqrt(T) * x, which moves it by u * T * x: sqrt(T) as much; so with any function in
    place of the sum. A number that jumps because one entry crossed a bound does so in one of the nudged calls at most.
    """
    with np.errstate(invalid="ignore"):
        moved = [float(np.nan_to_num(np.abs(values - other)).max(initial=0.0)) for other in nudged]
    return ORDERS * float(np.sqrt(horizon)) * min(moved, default=0.0)


def _probe_findings(outputs: Sequence[dict[str, NDArray[Any]]], horizon: int) -> list[Finding]:
    findings = []
    first, (mixed, many, *alone) = outputs[0], outputs[1 + POISONS : -NUDGED]
    for name in OUTPUTS:
        values = first[name]
        slack = rounding_slack(values, [call[name] for call in outputs[-NUDGED:]], horizon)
        others = [
            (values[::-1], mixed),
            (values[np.arange(MANY) % ROWS], many),
            *zip((values[:1], values[-1:]), alone, strict=True),
        ]
        if not np.isfinite(values).all():
            remedy = "Guard divisions with jnp.maximum(x, 1), roots and logarithms with jnp.maximum(x, 1e-6)."
            findings.append(_error("metric.finite", f"{name} is {values[~np.isfinite(values)][0]}", remedy))
        elif any(differing(values, poisoned[name]) is not None for poisoned in outputs[1 : 1 + POISONS]):
            # Calls of one shape add up in one order: nothing but what stands behind the ends can make a difference.
            remedy = "Mask every reduction over time: jnp.where(trajectory.valid > 0, x, 0.0)."
            findings.append(_error("metric.valid", f"{name} depends on steps after the end of an episode", remedy))
        elif any(differing(expected, call[name], slack) is not None for expected, call in others):
            remedy = "Axis 0 is time, axis 1 the episodes: reduce over axis 0 and the axes of the field only."
            findings.append(_error("metric.rows", f"{name} of an episode depends on other episodes", remedy))
    return findings


def _error(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, remedy=remedy)
