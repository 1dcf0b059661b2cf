"""One job in one short-lived child: the only place where candidate code runs, and the only `exec`.

    fork -> close descriptors -> read the job -> enter -> warm up -> lock down -> run -> reply -> exit

Jobs: "reward" (trace, serialise), "metric" (trace, serialise), "twin" (numpy only) run source;
"probe" runs a serialised program and never sees source; "self_test" tries to break out. A reply is JSON and raw bytes,
never a pickle.
"""

from __future__ import annotations

import ast
import os
import socket
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import export

from autoreward import wire
from autoreward.reward.arrays import Engine, NumpyEngine
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.reward.language.rules import parse
from autoreward.reward.sandbox.guards import REMAINDER, guarded, remainder
from autoreward.reward.sandbox.hidden_state import check_unchanged, module_state
from autoreward.reward.sandbox.jax_engine import JaxEngine
from autoreward.reward.sandbox.kernel import LayerError
from autoreward.reward.sandbox.limits import enter, lock_down
from autoreward.reward.sandbox.namespaces import FILENAME, ContractViolation, forget_loops, program_globals
from autoreward.reward.sandbox.selftest import self_test
from autoreward.reward.sandbox.steps import TracedEngine, TriedEngine, check_same_constants
from autoreward.reward.sandbox.tracing import (
    FieldShapes,
    Functions,
    Violations,
    evaluate_twin,
    reward_functions,
    scalars,
    serialise_metric,
    serialise_reward,
    try_in_numpy,
)

JOB_LIMIT = 256 << 20  # [bytes]
LINES_KEPT = 12  # frames of an operation
TWIN_CALLS = 3
CALL_LIMIT = 0.1  # [s] of CPU for a call of the export; an honest one takes a few milliseconds
WARMED_METHODS = ("all", "any", "clip", "max", "mean", "min", "prod", "std", "sum", "var", "__repr__", "__str__")
TIMED_CALLS = 3
MESSAGE_LIMIT = 2_000  # characters of an error that are told

Reply = tuple[dict[str, Any], dict[str, bytes]]


def run_child(connection: socket.socket) -> None:
    """Read one job, run it, send one reply. Everything that goes wrong becomes a reply or ends the process."""
    packet = wire.read(connection.recv, JOB_LIMIT)
    if packet is None:
        return
    job, parts = packet
    if job["kind"] == "self_test":
        connection.sendall(wire.encode(self_test(job)))
        return
    try:
        _prepare(job)
    except LayerError as error:  # the child ends before any candidate code runs
        os.write(2, f"isolation: {error}".encode())
        return
    try:
        data, results = _JOBS[job["kind"]](job, parts)
    except Violations as error:
        data, results = {"findings": [_told(violation) for violation in error.violations]}, {}
    except ContractViolation as error:
        data, results = {"findings": [_told(error) | {"line": _line(error)}]}, {}
    except (Exception, RecursionError, MemoryError) as error:
        data, results = {"error": describe(error)}, {}
    connection.sendall(wire.encode(data, results))


def _prepare(job: Mapping[str, Any]) -> None:
    enter(job["layers"])
    warm_up(job["kind"])
    # numpy would compute with 64 bits in the export, where jax takes 32 and only warns.
    warnings.filterwarnings("error", message="Explicitly requested dtype", category=UserWarning)
    lock_down(float(job["deadline"]), job["layers"])


def warm_up(kind: str) -> None:
    """Start what starts lazily, before the limits: the XLA backend, and the modules behind export and numpy."""
    numbers = np.ones((2, 3), np.float32)
    np.linalg.norm(numbers, axis=-1)
    for name in WARMED_METHODS:  # numpy imports their Python parts at the first call, by the caller's builtins
        getattr(numbers, name)()
    if kind in ("reward", "metric"):
        _export_something()
    elif kind == "probe":  # compiling starts threads and loads code; a reduction reads /proc/cpuinfo the first time
        inputs = {"x": np.ones((64, 64), np.float32)}
        compiled = jax.jit(lambda arrays: (arrays["x"] + 1.0).sum(axis=0)).lower(inputs).compile()
        np.asarray(compiled(inputs))
        _measure(compiled, inputs)


def _export_something() -> None:
    (rows,) = export.symbolic_shape("b")
    struct = jax.ShapeDtypeStruct((rows, 3), "float32")
    export.export(jax.jit(lambda x: jnp.sum(x, axis=-1)), platforms=("cpu",))(struct).serialize()
    jnp.array([0.0, 1.0]).block_until_ready()  # what a constant at module level does


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as data: its type, message and the line of the program it came from."""
    return {"type": type(error).__name__, "message": str(error)[:MESSAGE_LIMIT], "line": _line(error)}


def _line(error: BaseException) -> int | None:
    frames = traceback.extract_tb(error.__traceback__, limit=200)
    lines = [frame.lineno for frame in frames if frame.filename == FILENAME]
    return lines[-1] if lines else None


def _told(violation: ContractViolation) -> dict[str, Any]:
    return {"rule": violation.rule, "message": violation.message, "remedy": violation.remedy, "line": None}


def _run_module(source: str, fields: list[str], engine: Engine) -> dict[str, Any]:
    """Check the text again and run the very tree that was checked."""
    parsed = parse(source, fields)
    if parsed.tree is None or not parsed.runnable:
        first = parsed.findings[0]
        raise ContractViolation(first.rule, first.message, first.remedy)
    module = program_globals(engine) | {REMAINDER: remainder}
    written: dict[str, Any] = {}
    for statement in guarded(parsed.tree).body:
        code = compile(ast.Module([statement], []), FILENAME, "exec", dont_inherit=True)
        exec(code, module)  # noqa: S102  in the child only
        for name in ("WEIGHTS", "PARAMS"):
            if isinstance(numbers := module.get(name), dict) and written.setdefault(name, dict(numbers)) != numbers:
                message = f"{name} is changed after it is written"
                raise ContractViolation("static.store", message, "Write its numbers as they are meant.")
    return module


def _shapes(job: Mapping[str, Any]) -> FieldShapes:
    by_state = {side: {name: tuple(shape) for name, shape in job[side].items()} for side in ("state", "next_state")}
    return FieldShapes(by_state["state"], by_state["next_state"], (int(job["action_size"]),))


def _functions(job: Mapping[str, Any], engine: Engine) -> Functions:
    return reward_functions(_run_module(job["source"], list(job["next_state"]), engine))


def _reward(job: Mapping[str, Any], parts: Mapping[str, bytes]) -> Reply:
    _keep_lines(job)
    shapes = _shapes(job)
    traced, tried = TracedEngine(), TriedEngine()
    functions, in_numpy = _functions(job, traced), _functions(job, tried)
    check_same_constants(traced.steps, tried.steps)
    said, program = serialise_reward(functions, shapes, traced)
    try_in_numpy(in_numpy, shapes, tried, traced)
    return said, {"program": program}


def _keep_lines(job: Mapping[str, Any]) -> None:
    """A program that was refused is traced again with the lines of its source in it, which tell where it is wrong."""
    if job.get("with_lines"):
        jax.config.update("jax_traceback_in_locations_limit", LINES_KEPT)


def _twin(job: Mapping[str, Any], parts: Mapping[str, bytes]) -> Reply:
    engine = NumpyEngine(EXPORT_ROWS)
    functions, shapes, arrays = _functions(job, engine), _shapes(job), wire.unpack_arrays(parts)
    outputs = evaluate_twin(functions, shapes, arrays, engine)
    times = []
    for _ in range(TWIN_CALLS - 1):  # the export is called over and over in one process
        forget_loops(functions.module)
        start = time.process_time()
        again = evaluate_twin(functions, shapes, arrays, engine)
        times.append(time.process_time() - start)
        for name, values in outputs.items():
            if not np.array_equal(values, again[name], equal_nan=True):
                message = f"{name} differs between equal calls in one process"
                raise ContractViolation("probe.deterministic", message, "A reward keeps nothing between calls.")
    _check_time(min(times), len(arrays["action"]))
    return {}, wire.pack_arrays(outputs)


def _check_time(seconds: float, rows: int) -> None:
    calls = -(-rows // EXPORT_ROWS)
    if seconds > calls * CALL_LIMIT:
        message = f"a call of the export takes {seconds / calls:.2g} s, at most {CALL_LIMIT} s are allowed"
        remedy = "Loops of Python run at every step there: use array expressions in place of loops over lists."
        raise ContractViolation("program.cost", message, remedy)


def _metric(job: Mapping[str, Any], parts: Mapping[str, bytes]) -> Reply:
    _keep_lines(job)
    fields = {name: tuple(shape) for name, shape in job["next_state"].items()} | {"action": (int(job["action_size"]),)}
    engine = JaxEngine()
    module = _run_module(job["source"], [*fields, "valid"], engine)
    if not callable(module.get("success")):
        message = "success(trajectory, params) is not there or not a function"
        raise ContractViolation("contract.metric", message, "Define it with def.")
    params = scalars("PARAMS", module.get("PARAMS", {}))
    before = module_state(module)
    said, program = serialise_metric(module["success"], params, fields, int(job["horizon"]), engine)
    check_unchanged(module, before)
    return said, {"program": program}


def _probe(job: Mapping[str, Any], parts: Mapping[str, bytes]) -> Reply:
    """Run a serialised program on several batches; keys of the arrays are `batch/name`, of the results `call/name`.

    Those named in `measured` are run again, for the least CPU time [s] and the memory [bytes] they take.
    """
    arrays = wire.unpack_arrays({name: part for name, part in parts.items() if name != "program"})
    run = jax.jit(export.deserialize(bytearray(parts["program"])).call)
    compiled: dict[Any, Any] = {}  # by the shapes of the arrays
    results: dict[str, Any] = {}
    measured = []
    for call, batch in enumerate(job["batches"]):
        prefix = f"{batch}/"
        inputs = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        shapes = tuple((name, array.shape) for name, array in sorted(inputs.items()))
        if shapes not in compiled:
            compiled[shapes] = run.lower(inputs).compile()
        results |= {f"{call}/{name}": np.asarray(value) for name, value in compiled[shapes](inputs).items()}
        if call in job["measured"]:
            measured.append(_measure(compiled[shapes], inputs))
    return {"measured": measured}, wire.pack_arrays(results)


def _measure(compiled: Any, inputs: Mapping[str, Any]) -> dict[str, float]:
    """CPU time of a call, all threads together (on a busy machine it says more than the wall clock), and its memory."""
    given = jax.device_put(dict(inputs))
    times = []
    for _ in range(TIMED_CALLS):
        start = time.process_time()
        jax.block_until_ready(compiled(given))
        times.append(time.process_time() - start)
    stats = compiled.memory_analysis()
    size = stats.argument_size_in_bytes + stats.output_size_in_bytes + stats.temp_size_in_bytes
    return {"seconds": min(times), "bytes": size}


_JOBS: dict[str, Callable[[Mapping[str, Any], Mapping[str, bytes]], Reply]] = {
    "reward": _reward,
    "metric": _metric,
    "twin": _twin,
    "probe": _probe,
}


def leave() -> None:
    """End the child at once, without running what the server registered to run at its end."""
    os._exit(0)
