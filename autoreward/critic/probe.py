"""The probe: is the compiled program a reward, a pure number for each transition? Judged on its outputs alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.critic.batches import MANY_ROWS, SEED
from autoreward.critic.forms import form_findings
from autoreward.records import CompiledReward, Finding, Transitions
from autoreward.reward.sandbox.sandbox import flat_transitions

TOLERANCE = 1e-5  # times max(1, |a|): numpy and XLA round differently, and XLA by batch shape
ROW_SLACK = (
    0.02  # of the spread of a column: XLA sums in another order for another number of rows, and sin(300 x) shows it;
)
# that rows are apart is proven on the program (reward/sandbox/proof), so this is the second line
MANY, AGAIN, SHUFFLED, FIRST, MIDDLE, LAST = range(6)
MEASURED = (FIRST, MANY)
ROUNDING = 1e-6  # of the largest value: eight steps of float32

Arrays = Mapping[str, NDArray[Any]]


def probe_batches(compiled: CompiledReward, rows: Transitions) -> list[dict[str, NDArray[Any]]]:
    """The calls of the probe: all rows many times over, the same again, all shuffled as often, and three rows alone.

    Two sizes, since each is compiled; `first_rows` has what a call gives for all rows once.
    """
    flat = flat_transitions(rows)
    params = {f"params.{name}": np.float32(value) for name, value in compiled.params.items()}
    fields = {name: flat[name] for name in compiled.inputs if name not in params}
    numbers = {name: np.asarray(value) for name, value in params.items()}
    count = rows.action.shape[0]
    many, mixed, *alone = (numbers | {name: array[order] for name, array in fields.items()} for order in orders(count))
    return [many, many, mixed, *alone]


def orders(count: int) -> list[NDArray[Any]]:
    """Which of `count` rows are in each call that differs: many, shuffled, and the first, the middle and the last."""
    many = np.arange(max(MANY_ROWS, count)) % count
    shuffled = np.random.default_rng(SEED).permutation(count)
    return [many, shuffled[many], *(np.array([row]) for row in (0, count // 2, count - 1))]


def probe_findings(
    compiled: CompiledReward, outputs: Sequence[Arrays], count: int, real: int, twin: Arrays
) -> list[Finding]:
    """All that the outputs of the calls, and of the numpy twin, have against the program.

    Args:
        compiled: the program.
        outputs: of the calls of `probe_batches`, each with terms [M, K], phi_state and phi_next [M].
        count: rows that were probed.
        real: those of them from real transitions; the rest is wide.
        twin: outputs of the numpy twin on these rows; empty: not compared.
    """
    many, again, *others = (columns(compiled, output) for output in outputs)
    whole = {name: values[:count] for name, values in many.items()}
    return [
        *_finite_findings(whole, real),
        *_constant_findings(compiled, whole, real),
        *form_findings(compiled, outputs[0]["terms"][:count], real),
        *_repeat_findings(many, again),
        *_row_findings(whole, [many, *others]),
        *(_twin_findings(whole, columns(compiled, twin), real) if twin else ()),
    ]


def columns(compiled: CompiledReward, outputs: Arrays) -> dict[str, NDArray[Any]]:
    """Outputs by what a person calls them: "term 'forward'", "potential(state)"; each [M].

    Raises:
        ValueError: an output is missing or of another shape.
    """
    terms = outputs.get("terms")
    if terms is None or terms.ndim != 2 or terms.shape[1] != len(compiled.weights):
        raise ValueError("the program returned no terms of the agreed shape")
    named = {f"term {name!r}": terms[:, index] for index, name in enumerate(compiled.weights)}
    if compiled.has_potential:
        named |= {"potential(state)": outputs["phi_state"], "potential(next_state)": outputs["phi_next"]}
    if any(array.shape != terms.shape[:1] for array in named.values()):
        raise ValueError("an output of the program has another shape than agreed")
    return named


def _finite_findings(whole: Arrays, real: int) -> Iterator[Finding]:
    remedy = "Guard it: jnp.maximum(x, 1e-6) before log, sqrt or division, jnp.clip before arccos and exp."
    for name, values in whole.items():
        bad = ~np.isfinite(values)
        if bad[:real].any():
            message = f"{name} is {values[bad][0]} on {int(bad[:real].sum())} of {real} states of random rollouts"
            yield _error("probe.finite", message, remedy)
        elif bad.any():
            message = f"{name} is {values[bad][0]} on states somewhat outside the range that random rollouts reach"
            yield _error("probe.wide", message, remedy)


def _constant_findings(compiled: CompiledReward, whole: Arrays, real: int) -> Iterator[Finding]:
    constant = [name for name, values in whole.items() if is_constant(values)]
    weighted = {f"term {name!r}" for name, weight in compiled.weights.items() if weight != 0.0}
    potential = {"potential(state)", "potential(next_state)"} & set(whole)
    if (weighted | potential) <= set(constant):
        message = f"the reward is the same for every state: {', '.join(constant)}"
        yield _error("probe.constant", message, "Make a term depend on state, action or next_state.")
        return
    for name in constant:
        message = f"{name} is {whole[name][0]:g} for every state"
        yield _warning("probe.constant_term", message, "It does not tell states apart: remove it, or let it vary.")
    varying = [values for name, values in whole.items() if name in weighted | potential]
    if all(np.ptp(values[:real]) == 0.0 for values in varying):
        message = "no term varies on the states of random rollouts"
        yield _warning("probe.flat", message, "A policy that starts at random gets no direction: grade the terms.")


def is_constant(values: NDArray[Any]) -> bool:
    """Whether all values are finite and one number up to rounding."""
    return bool(np.isfinite(values).all() and np.ptp(values) <= ROUNDING * np.abs(values).max())


def _repeat_findings(first: Arrays, second: Arrays) -> Iterator[Finding]:
    for name, values in first.items():
        if not np.array_equal(values, second[name], equal_nan=True):
            yield _error("probe.deterministic", f"{name} differs between two equal calls", "Use plain array formulas.")


def _row_findings(whole: Arrays, calls: Sequence[Arrays]) -> Iterator[Finding]:
    """`calls` are those of `orders`."""
    remedy = "Each row is one transition: use axis=-1 and x[..., i]; never mean, max or cumsum over axis 0."
    for name, values in whole.items():
        finite = values[np.isfinite(values)]
        slack = ROW_SLACK * float(np.ptp(finite)) if len(finite) else 0.0
        changed = [
            differing(values[order], call[name], slack) is not None
            for order, call in zip(orders(len(values)), calls, strict=True)
        ]
        if changed[1]:
            yield _error("probe.rows", f"{name} of a row changes with the order of the batch", remedy)
        elif any(changed):
            yield _error("probe.rows", f"{name} of a row changes with the other rows of the batch", remedy)


def _twin_findings(whole: Arrays, twin: Arrays, real: int) -> Iterator[Finding]:
    for name, values in whole.items():
        row = differing(values, twin[name])
        if row is not None:
            where = "a real state" if row < real else "a wide state"
            message = f"{name} is {values[row]:.6g} compiled and {twin[name][row]:.6g} in numpy on {where}"
            remedy = "Use functions that mean the same in both: no index out of range, no integer overflow."
            yield _error("probe.twin", message, remedy)


def differing(values: NDArray[Any], others: NDArray[Any], slack: float = 0.0) -> int | None:
    """The first row where two columns differ by more than the tolerance and `slack`, or None."""
    if values.shape != others.shape:
        return 0
    with np.errstate(invalid="ignore"):
        close = np.abs(values - others) <= np.maximum(slack, TOLERANCE * np.maximum(1.0, np.abs(values)))
    same = close | (values == others) | (np.isnan(values) & np.isnan(others))
    return None if same.all() else int(np.argmin(same))


def _error(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, remedy=remedy)


def _warning(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity="warning", message=message, remedy=remedy)
