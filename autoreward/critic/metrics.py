"""Success metrics written by a person: checked like a reward, then compiled for whole trajectories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autoreward.critic.contract_rules import metric_findings
from autoreward.critic.probe import differing, is_constant
from autoreward.critic.translate import translate
from autoreward.errors import UsageError
from autoreward.records import CompiledMetric, EnvSpec, Finding
from autoreward.reward.language.rules import parse
from autoreward.reward.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 6
SEED = 7
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
    batches = _batches(traced.compiled, env)
    probed = sandbox.probe(traced.compiled.program, batches)
    if probed.failure is not None:
        _refuse([translate(probed.failure, code, "the compiled metric")], env)
    _refuse(_probe_findings(probed.outputs), env)
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


def _batches(compiled: CompiledMetric, env: EnvSpec) -> list[dict[str, NDArray[Any]]]:
    """The same episodes with other values behind their ends, in another order, and a few of them alone."""
    import numpy as np

    generator = np.random.default_rng(SEED)
    horizon = compiled.horizon
    lengths = generator.integers(1, horizon + 1, ROWS)
    lengths[0] = horizon
    valid = (np.arange(horizon)[:, None] < lengths).astype(np.float32)  # [T, N]
    shapes = {field.name: field.shape for field in env.fields} | {"action": (env.action_size,)}
    first: dict[str, NDArray[Any]] = {}
    second: dict[str, NDArray[Any]] = {}
    for name in compiled.inputs:
        if name == "valid":
            first[name] = second[name] = valid
            continue
        low, high = _range(env, name)
        inside = generator.uniform(low, high, (horizon, ROWS, *shapes[name])).astype(np.float32)
        mask = valid.reshape(horizon, ROWS, *[1] * len(shapes[name])) > 0
        first[name] = np.where(mask, inside, np.float32(0.0))
        second[name] = np.where(mask, inside, np.float32(high + 1.0 + (high - low)))
    mixed = {name: array[:, ::-1] for name, array in first.items()}
    return [first, second, mixed, {name: array[:, :2] for name, array in first.items()}]


def _range(env: EnvSpec, name: str) -> tuple[float, float]:
    field = env.field(name)
    low = field.low if field is not None and field.low is not None else 0.0 if name == "terminated" else -1.0
    high = field.high if field is not None and field.high is not None else 1.0
    return low, max(high, low)


def _probe_findings(outputs: Sequence[dict[str, NDArray[Any]]]) -> list[Finding]:
    import numpy as np

    findings = []
    first, second, mixed, subset = outputs
    for name in OUTPUTS:
        values = first[name]
        if not np.isfinite(values).all():
            remedy = "Guard divisions with jnp.maximum(x, 1), roots and logarithms with jnp.maximum(x, 1e-6)."
            findings.append(_error("metric.finite", f"{name} is {values[~np.isfinite(values)][0]}", remedy))
        elif differing(values, second[name]) is not None:
            remedy = "Mask every reduction over time: jnp.where(trajectory.valid > 0, x, 0.0)."
            findings.append(_error("metric.valid", f"{name} depends on steps after the end of an episode", remedy))
        elif differing(values[::-1], mixed[name]) is not None or differing(values[:2], subset[name]) is not None:
            remedy = "Axis 0 is time, axis 1 the episodes: reduce over axis 0 and the axes of the field only."
            findings.append(_error("metric.rows", f"{name} of an episode depends on other episodes", remedy))
    return findings


def _error(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, remedy=remedy)
