"""From the functions of a program to a serialised computation. Runs in the child only; no `exec` stands here."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from jax import ShapeDtypeStruct, export
from numpy.typing import NDArray

from autoreward.reward.arrays import Array, Engine, plain
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.reward.language import grammar
from autoreward.reward.sandbox.hidden_state import check_unchanged, module_state
from autoreward.reward.sandbox.jax_engine import BATCH
from autoreward.reward.sandbox.namespaces import ContractViolation, FieldRecord, fields_read
from autoreward.reward.sandbox.steps import TracedEngine, TriedEngine, check_same_steps

PLATFORMS = ("cpu", "cuda")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class FieldShapes:
    """The arrays an environment offers, as the child is told them."""

    state: Mapping[str, tuple[int, ...]]
    next_state: Mapping[str, tuple[int, ...]]
    action: tuple[int, ...]


@dataclass(frozen=True)
class Functions:
    """The parts of a reward program after its module was run."""

    reward_terms: Callable[..., Any]
    potential: Callable[..., Any] | None
    weights: Mapping[str, float]
    params: Mapping[str, float]
    module: Mapping[str, Any]
    state: Mapping[str, Any]  # all that the module reaches, as it was before any function ran


@dataclass
class Traced:
    """What one evaluation of a program learned about it."""

    terms: tuple[str, ...] = ()
    read: set[str] = field(default_factory=set)


def reward_functions(module: Mapping[str, Any]) -> Functions:
    """The named parts of a reward module.

    Raises:
        ContractViolation: one is missing or of the wrong kind.
    """
    function, potential = module.get("reward_terms"), module.get("potential")
    if not callable(function) or not (potential is None or callable(potential)):
        message = "reward_terms(state, action, next_state, params) is not there or not a function"
        raise ContractViolation("contract.reward_terms", message, "Define it with def.")
    weights = scalars("WEIGHTS", module.get("WEIGHTS"))
    if not weights:
        raise ContractViolation("contract.weights", "WEIGHTS is empty", "Give each term a weight.")
    params = scalars("PARAMS", module.get("PARAMS", {}))
    return Functions(function, potential, weights, params, module, module_state(module))


def scalars(name: str, value: Any) -> dict[str, float]:
    """A dict of finite numbers by name.

    Raises:
        ContractViolation: it is something else.
    """
    rule = f"contract.{name.lower()}"
    if not isinstance(value, dict):
        raise ContractViolation(rule, f"{name} is not a dict", f'Write {name} = {{"name": 1.0}}.')
    for key, number in value.items():
        if not isinstance(key, str) or not _NAME.fullmatch(key) or len(key) > grammar.NAME_LIMIT:
            remedy = "Use letters, digits and underscores, starting with a letter."
            raise ContractViolation(rule, f"{name} has the key {key!r:.60}", remedy)
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise ContractViolation(rule, f"{name}[{key!r}] is not a finite number", "Write a plain number.")
    return {key: float(number) for key, number in value.items()}


def evaluate_reward(
    functions: Functions, shapes: FieldShapes, arrays: Mapping[str, Any], engine: Engine, traced: Traced
) -> dict[str, Any]:
    """Run a program on flat arrays: tracers of jax or arrays of numpy.

    Args:
        functions: the program.
        shapes: fields the records have; one that is not in `arrays` counts as not existing.
        arrays: by flat input name, each [N, ...]; parameters [].
        engine: of the arrays.
        traced: filled with the names of the terms and the inputs that were read.

    Returns:
        terms [N, K], and phi_state and phi_next [N] where there is a potential; float32.
    """
    rows = arrays["action"].shape[0]
    seen = {name: engine.wrapped(array) for name, array in arrays.items()}
    records = {side: _record(side, getattr(shapes, side), seen) for side in ("state", "next_state")}
    params = {name: seen[f"params.{name}"] for name in functions.params}
    terms = functions.reward_terms(records["state"], seen["action"], records["next_state"], dict(params))
    traced.terms = _check_terms(terms, functions.weights, rows)
    outputs = {"terms": plain(engine.call("stack", [terms[name] for name in traced.terms], axis=-1))}
    if functions.potential is not None:
        for side, output in (("state", "phi_state"), ("next_state", "phi_next")):
            phi_record = _record(side, shapes.state, seen)
            phi = functions.potential(phi_record, dict(params))
            _raise_all(_array_problems("potential", phi, rows))
            outputs[output] = plain(phi)
            traced.read |= {f"{side}.{name}" for name in fields_read(phi_record)}
    check_unchanged(functions.module, functions.state)
    for side, record in records.items():
        traced.read |= {f"{side}.{name}" for name in fields_read(record)}
    return outputs


def _record(side: str, fields: Mapping[str, tuple[int, ...]], arrays: Mapping[str, Any]) -> FieldRecord:
    return FieldRecord(side, {name: arrays[key] for name in fields if (key := f"{side}.{name}") in arrays})


def _check_terms(terms: Any, weights: Mapping[str, float], rows: Any) -> tuple[str, ...]:
    if not isinstance(terms, dict) or not terms:
        message = f"reward_terms returns {_kind(terms)}, expected a dict of named terms"
        raise ContractViolation("contract.terms", message, 'Return {"name": array, ...} with one [N] array a term.')
    problems = []
    if len(terms) > grammar.TERM_LIMIT:
        message = f"reward_terms returns {len(terms)} terms, at most {grammar.TERM_LIMIT} are allowed"
        problems.append(ContractViolation("contract.terms", message, "Join terms that belong together."))
    for name, value in terms.items():
        problems += _array_problems(f"term {name!r:.60}", value, rows)
    for name in [name for name in terms if name not in weights]:
        message = f"term {name!r:.60} has no weight"
        problems.append(ContractViolation("contract.weights", message, f"Add {name!r:.60} to WEIGHTS."))
    for name in [name for name in weights if name not in terms]:
        message = f"WEIGHTS has {name!r}, which reward_terms does not return"
        problems.append(ContractViolation("contract.weights", message, "Return the term, or remove its weight."))
    _raise_all(problems)
    return tuple(terms)


def _array_problems(label: str, array: Any, rows: Any) -> list[ContractViolation]:
    value = plain(array)
    if not isinstance(array, Array):
        message = f"{label} is {_kind(value)}, expected an array of shape (N,)"
        return [ContractViolation("trace.shape", message, "For a constant write jnp.full_like(action[..., 0], 1.0).")]
    problems = []
    if len(value.shape) != 1 or value.shape[0] != rows:
        shape = "(" + ", ".join(["N" if size is rows or size == rows else str(size) for size in value.shape]) + ")"
        problems.append(ContractViolation("trace.shape", f"{label} has shape {shape}, expected (N,)", _cure(value)))
    if value.dtype != "float32":
        message = f"{label} has dtype {value.dtype}, expected float32"
        remedy = "Use .astype(jnp.float32), or jnp.where(condition, 1.0, 0.0)."
        problems.append(ContractViolation("trace.dtype", message, remedy))
    return problems


def _cure(value: Any) -> str:
    if len(value.shape) > 1:
        return "Reduce the last axis, e.g. jnp.sum(x, axis=-1), or pick an entry with x[..., 0]."
    if not value.shape:
        return (
            "Reduce with axis=-1, and only what has an axis of its own: a field of shape [] is one number a row, "
            "and its axis -1 is the batch."
        )
    return "Keep the first axis: each row is one transition."


def _kind(value: Any) -> str:
    return "an empty dict" if isinstance(value, dict) and not value else f"a {type(value).__name__}"


def _raise_all(problems: Sequence[ContractViolation]) -> None:
    if problems:
        raise Violations(problems)


class Violations(Exception):
    """Several violations seen at once."""

    def __init__(self, violations: Sequence[ContractViolation]) -> None:
        super().__init__("; ".join(violation.message for violation in violations))
        self.violations = tuple(violations)


def serialise_reward(functions: Functions, shapes: FieldShapes, engine: TracedEngine) -> tuple[dict[str, Any], bytes]:
    """Trace and serialise a reward program with a symbolic batch dimension.

    Returns:
        What is said of it (the weights in the order of the columns of terms, the parameters, the names of the inputs in
        order), and the serialised program.
    """
    (rows,) = export.symbolic_shape(BATCH)
    every = _reward_structs(functions, shapes, rows)
    traced = Traced()

    def run(arrays: Mapping[str, Any]) -> dict[str, Any]:
        engine.steps.begin()
        return evaluate_reward(functions, shapes, arrays, engine, traced)

    jax.eval_shape(run, every)
    # `action` always stays: it states the batch size
    kept = traced.read | {"action"} | {f"params.{name}" for name in functions.params}
    needed = {name: struct for name, struct in every.items() if name in kept}
    exported = export.export(jax.jit(run), platforms=PLATFORMS)(needed)
    said = {
        "weights": [[name, functions.weights[name]] for name in traced.terms],
        "params": functions.params,
        "has_potential": functions.potential is not None,
        "inputs": sorted(needed),
    }
    return said, bytes(exported.serialize())


def _reward_structs(functions: Functions, shapes: FieldShapes, rows: Any) -> dict[str, ShapeDtypeStruct]:
    by_state = {"state": shapes.state, "next_state": shapes.next_state}
    flat = {f"{side}.{name}": (rows, *shape) for side, fields in by_state.items() for name, shape in fields.items()}
    flat |= {"action": (rows, *shapes.action)} | {f"params.{name}": () for name in functions.params}
    return {name: jax.ShapeDtypeStruct(shape, "float32") for name, shape in flat.items()}


def try_in_numpy(functions: Functions, shapes: FieldShapes, engine: TriedEngine, traced: TracedEngine) -> None:
    """Go the way of the export once.

    Args:
        functions: the same program as was traced, with the functions of numpy.
        shapes: fields the records have.
        engine: of `functions`.
        traced: with the steps of the trace.

    Raises:
        ContractViolation: it is another way than the one that was traced.
    """
    structs = _reward_structs(functions, shapes, EXPORT_ROWS)
    ones = {name: np.ones(struct.shape, np.float32) for name, struct in structs.items() if struct.shape}
    engine.steps.begin()
    try:
        evaluate_twin(functions, shapes, ones, engine)
    except Exception:  # it raises in the twin again, which runs when the proof has said what the program costs
        return
    check_same_steps(traced.steps.made, engine.steps.made)


def evaluate_twin(
    functions: Functions, shapes: FieldShapes, arrays: Mapping[str, NDArray[Any]], engine: Engine
) -> dict[str, Any]:
    """The same program in numpy, on read-only arrays [N, ...] by flat name.

    As the exported file does it: EXPORT_ROWS rows at every call, the last one repeated where there are fewer.
    """
    size = len(next(iter(arrays.values())))
    parts: list[dict[str, Any]] = []
    for start in range(0, size, EXPORT_ROWS):
        inputs: dict[str, Any] = {
            name: _export_rows(array[start : start + EXPORT_ROWS]) for name, array in arrays.items()
        }
        inputs |= {f"params.{name}": np.float32(value) for name, value in functions.params.items()}
        with np.errstate(all="ignore"):
            outputs = evaluate_reward(functions, shapes, inputs, engine, Traced())
        parts.append({name: np.asarray(value, dtype=np.float32) for name, value in outputs.items()})
    return {name: np.concatenate([part[name] for part in parts])[:size] for name in parts[0]}


def _export_rows(part: NDArray[Any]) -> NDArray[Any]:
    rows = np.concatenate([part, np.repeat(part[-1:], EXPORT_ROWS - len(part), axis=0)])
    rows.setflags(write=False)
    return rows


def serialise_metric(
    success: Callable[..., Any],
    params: Mapping[str, float],
    fields: Mapping[str, tuple[int, ...]],
    horizon: int,
    engine: Engine,
) -> tuple[dict[str, Any], bytes]:
    """Trace and serialise a metric: fields [T, N, ...] with T fixed and N symbolic, to success and progress [N].

    Returns:
        The names of its inputs in order, and the serialised program.
    """
    (rows,) = export.symbolic_shape(BATCH)
    every = {name: jax.ShapeDtypeStruct((horizon, rows, *shape), "float32") for name, shape in fields.items()}
    every["valid"] = jax.ShapeDtypeStruct((horizon, rows), "float32")
    read: set[str] = set()

    def run(arrays: Mapping[str, Any]) -> dict[str, Any]:
        trajectory = FieldRecord("trajectory", {name: engine.wrapped(array) for name, array in arrays.items()})
        result = success(trajectory, dict(params))
        read.update(fields_read(trajectory))
        return _metric_outputs(result, rows)

    jax.eval_shape(run, every)
    needed = {name: struct for name, struct in every.items() if name in read | {"valid"}}
    exported = export.export(jax.jit(run), platforms=PLATFORMS)(needed)
    return {"inputs": sorted(needed)}, bytes(exported.serialize())


def _metric_outputs(result: Any, rows: Any) -> dict[str, Any]:
    if not isinstance(result, dict) or set(result) != {"success", "progress"}:
        message = f"success returns {_kind(result)}, expected {{'success': [N], 'progress': [N]}}"
        raise ContractViolation("contract.metric", message, "Return a dict with exactly these two arrays.")
    _raise_all([problem for name in sorted(result) for problem in _array_problems(name, result[name], rows)])
    return {name: plain(result[name]) for name in ("success", "progress")}
