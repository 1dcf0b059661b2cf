"""Checks of single functions of a pack: names, shapes, dtypes, rows, and numpy against jax.numpy."""

from __future__ import annotations

import ast
import keyword
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
from jaxtyping import Float32
from numpy.typing import NDArray

from autoreward.environment.declarations import action_range
from autoreward.environment.pack import Noise, data_view
from autoreward.environment.simulation.disturbance import Disturbances
from autoreward.environment.simulation.model import name_of
from autoreward.environment.simulation.randomisation import count_random_numbers
from autoreward.errors import EnvironmentFailedError
from autoreward.pack_tools.conformance.subject import ROWS, Subject, draw, error, start_state, warning
from autoreward.python_text import parse_module
from autoreward.records import Finding

Arrays = Mapping[str, NDArray[Any]]

STEPS = 3
CLOSE = 1e-4  # of float32 in numpy and in jax.numpy, relative to the greatest value
Check = Callable[[Subject], Iterator[Finding]]


def check_constants(subject: Subject) -> Iterator[Finding]:
    """The numbers that a pack states."""
    pack = subject.pack
    for name, value in (("HORIZON", pack.horizon), ("FRAME_SKIP", pack.frame_skip)):
        if value < 1:
            yield error(pack, "constants", f"{name} is {value}, expected at least 1", "Correct it.")
    if not 0.0 < pack.gamma <= 1.0:
        yield error(pack, "constants", f"GAMMA is {pack.gamma}, expected above 0 and at most 1", "0.99 is usual.")
    for word, vector in pack.directions.items():
        size = math.sqrt(sum(value * value for value in vector))
        if len(vector) != 3 or abs(size - 1.0) > 1e-3:
            message = f"DIRECTIONS[{word!r}] is {vector}, expected a unit vector (x, y, z) in the world frame"
            yield error(pack, "constants", message, "Divide it by its length.")
    for one in ("title", "description", "termination", "action"):
        if not getattr(pack, one).strip():
            yield error(pack, "constants", f"{one.upper()} is empty", "A designer knows the robot from it only.")


def check_declarations(subject: Subject) -> Iterator[Finding]:
    """FIELDS: names that a reward program can write, components as many as entries."""
    pack = subject.pack
    if not pack.fields_declared:
        yield error(pack, "declared", "FIELDS is empty", "Declare what a reward may read.")
    for name in _written_twice(pack.folder / "pack.py"):
        message = f"FIELDS declares {name!r} twice, and only the second one counts"
        yield error(pack, "declared", message, "Give every field a name of its own.")
    for field in pack.fields_declared:
        name = field.name
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or "__" in name:
            message = f"FIELDS declares {name!r}, which a reward program cannot write as an attribute"
            yield error(pack, "declared", message, "Use letters, digits and single underscores: torso_height.")
        if len(set(field.components)) < len(field.components):
            twice = sorted({one for one in field.components if field.components.count(one) > 1})
            message = f"FIELDS[{name!r}] names {', '.join(twice)} twice among its components"
            yield error(pack, "declared", message, "Give every entry a name of its own.")
        if field.components and (not field.shape or len(field.components) != field.shape[-1]):
            message = f"FIELDS[{name!r}] has {len(field.components)} components for shape {field.shape}"
            yield error(pack, "declared", message, "Name every entry of the last axis, or none.")


def _written_twice(file: Path) -> list[str]:
    """Keys that stand twice in the literal of FIELDS: Python keeps the last one and says nothing."""
    tree = parse_module(file.read_bytes())
    literals = [
        node.value for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        and any(isinstance(target, ast.Name) and target.id == "FIELDS" for target in node.targets)
    ]  # fmt: skip
    names = [key.value for one in literals for key in one.keys if isinstance(key, ast.Constant)]
    return sorted({str(name) for name in names if names.count(name) > 1})


def check_fields_returned(subject: Subject) -> Iterator[Finding]:
    """fields() returns exactly what FIELDS declares, with one and with two leading axes."""
    pack = subject.pack
    declared = {field.name: field.shape for field in pack.fields_declared}
    for lead, arrays, memory in _batches(subject):
        returned = pack.fields(np, data_view(arrays), memory)
        if not isinstance(returned, dict):
            yield error(
                pack, "fields", f"fields() returned {type(returned).__name__}, expected a dict", "Return a dict."
            )
            return
        for name in sorted(set(declared) - set(returned)):
            yield error(pack, "fields", f"fields() does not return {name!r}, which FIELDS declares", "Add it.")
        for name in sorted(set(returned) - set(declared)):
            yield error(pack, "fields", f"fields() returns {name!r}, which FIELDS does not declare", "Declare it.")
        for name in sorted(set(returned) & set(declared)):
            message = f"fields() returned {name!r}"
            yield from _array(subject, "fields", message, returned[name], (*lead, *declared[name]), "number")


def check_observation(subject: Subject) -> Iterator[Finding]:
    """observation() is `[..., OBSERVATION_SIZE]` and finite."""
    for lead, arrays, memory in _batches(subject):
        returned = subject.pack.observation(np, data_view(arrays), memory)
        expected = (*lead, subject.pack.observation_size)
        yield from _array(subject, "observation", "observation() returned", returned, expected, "number")


def check_privileged(subject: Subject) -> Iterator[Finding]:
    """privileged(), where there is one, is `[..., PRIVILEGED_SIZE]` and finite."""
    pack = subject.pack
    if pack.privileged is None:
        return
    for lead, arrays, memory in _batches(subject):
        returned = pack.privileged(np, data_view(arrays), memory)
        yield from _array(
            subject, "privileged", "privileged() returned", returned, (*lead, pack.privileged_size), "number"
        )


def check_termination(subject: Subject) -> Iterator[Finding]:
    """terminated() is bool `[...]`, and false just after a reset."""
    for lead, arrays, memory in _batches(subject):
        returned = subject.pack.terminated(np, data_view(arrays), memory)
        yield from _array(subject, "terminated", "terminated() returned", returned, lead, "bool")
        if np.shape(returned) == lead == (ROWS,) and np.any(returned):
            message = f"terminated() is true in {int(np.sum(returned))} of {ROWS} states just after reset()"
            yield error(subject.pack, "terminated", message, "Start inside its bounds: less noise, or wider bounds.")


def check_memory(subject: Subject) -> Iterator[Finding]:
    """memory() keeps the same names and shapes from the reset on."""
    pack = subject.pack
    if pack.memory is None:
        return
    returned = pack.memory(np, subject.memory, data_view(subject.arrays), _actions(subject))
    first = {name: value.shape for name, value in subject.memory.items()}
    later = {name: np.shape(value) for name, value in returned.items()}
    if first != later:
        message = f"memory() returned {first} at the reset and {later} after a step"
        yield error(pack, "memory", message, "Return the same entries with the same shapes both times.")


def _of_state(subject: Subject) -> tuple[str, ...]:
    """The functions of a state that the pack has."""
    every = ("fields", "observation", "terminated")
    return every if subject.pack.privileged is None else (*every, "privileged")


def check_rows_are_independent(subject: Subject) -> Iterator[Finding]:
    """What a function says of one simulation does not depend on the others."""
    part = slice(None, 1, -1)  # all but the first two, the last one first
    turned = {name: array[part] for name, array in subject.arrays.items()}
    memory = {name: array[part] for name, array in subject.memory.items()}
    for function in _of_state(subject):
        call = getattr(subject.pack, function)
        one = _named(function, call(np, data_view(subject.arrays), subject.memory))
        two = _named(function, call(np, data_view(turned), memory))
        for name, array in one.items():
            if not np.array_equal(np.asarray(array)[part], np.asarray(two[name])):
                message = f"{function}() gives other values for {name} when other simulations stand beside it"
                remedy = "Reduce and index over the last axes only: axis=-1, data.qpos[..., 3]."
                yield error(subject.pack, "rows", message, remedy)


def check_numpy_and_jax_agree(subject: Subject) -> Iterator[Finding]:
    """Every function gives the same in numpy and, compiled, in jax.numpy, in float32."""
    arrays, memory = _single(subject.arrays), _single(subject.memory)
    for function in _of_state(subject):
        call = getattr(subject.pack, function)

        def compiled(arrays: Any, memory: Any, call: Callable[..., Any] = call) -> Any:
            return call(jnp, data_view(arrays), memory)

        ours, theirs = call(np, data_view(arrays), memory), jax.jit(compiled)(arrays, memory)
        yield from _compared(subject, function, _named(function, ours), _named(function, theirs))
    yield from _reset_in_jax(subject)
    if subject.pack.memory is not None:
        yield from _memory_in_jax(subject, subject.pack.memory)


def _reset_in_jax(subject: Subject) -> Iterator[Finding]:
    noise = draw(ROWS, subject.model.nq + subject.model.nv + subject.pack.extra_noise)
    ours = subject.pack.reset(np, start_state(subject.model), noise)
    single = Noise(*(jnp.asarray(array, jnp.float32) for array in (noise.uniform, noise.normal)))
    theirs = subject.pack.reset(jnp, start_state(subject.model), single)
    named = ("qpos", "qvel")
    yield from _compared(subject, "reset", dict(zip(named, ours, strict=False)), dict(zip(named, theirs, strict=False)))


def _memory_in_jax(subject: Subject, call: Callable[..., Any]) -> Iterator[Finding]:
    arrays, memory, action = _single(subject.arrays), _single(subject.memory), _actions(subject)

    def first(arrays: Any) -> Any:
        return call(jnp, None, data_view(arrays), None)

    def later(arrays: Any, memory: Any, action: Any) -> Any:
        return call(jnp, memory, data_view(arrays), action)

    ours = call(np, None, data_view(arrays), None)
    yield from _compared(subject, "memory", ours, jax.jit(first)(arrays))
    ours = call(np, memory, data_view(arrays), action)
    yield from _compared(subject, "memory", ours, jax.jit(later)(arrays, memory, action))


def _compared(subject: Subject, function: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in ours.items():
        one, other = np.asarray(value, np.float64), np.asarray(theirs[name], np.float64)
        if one.shape != other.shape:
            seen = f"shape {one.shape} in numpy and {other.shape} in jax.numpy"
        elif not np.allclose(one, other, rtol=CLOSE, atol=CLOSE * max(1.0, float(np.abs(one).max(initial=0.0)))):
            seen = f"values that differ by {np.abs(one - other).max():.3g} between numpy and jax.numpy"
        else:
            continue
        message = f"{function}() gives {name} with {seen}"
        yield error(subject.pack, "jax", message, "Call functions of xp only, never numpy's or math's own.")


def check_action_range(subject: Subject) -> Iterator[Finding]:
    """ACTION_RANGE stays inside what the model obeys."""
    pack, model = subject.pack, subject.model
    for index, (low, high) in enumerate((pack.action_range or ()) if pack.control is None else ()):
        if model.actuator_ctrllimited[index]:
            least, most = (float(value) for value in model.actuator_ctrlrange[index])
            if low < least - 1e-6 or high > most + 1e-6:
                message = (
                    f"ACTION_RANGE[{index}] is ({low:g}, {high:g}), but the model cuts it at {least:g} and {most:g}"
                )
                yield warning(pack, "action", message, "Stay inside: beyond it an action changes nothing.")


def check_control(subject: Subject) -> Iterator[Finding]:
    """control() gives a control for each actuator and a place for each mocap body, the same in jax.numpy."""
    pack, model = subject.pack, subject.model
    if pack.control is None:
        return
    arrays, memory, action = _single(subject.arrays), _single(subject.memory), _actions(subject)
    given = pack.control(np, data_view(arrays), memory, action)
    shapes = {"ctrl": (ROWS, model.nu), "mocap_pos": (ROWS, model.nmocap, 3)}
    unknown = sorted(set(given) - set(shapes))
    if unknown or "ctrl" not in given:
        yield error(pack, "control", f"control() returned {sorted(given)}", 'Return "ctrl", and "mocap_pos" if needed.')
        return
    for name, value in given.items():
        yield from _array(subject, "control", f"control() returned {name}", value, shapes[name], "number")
    call = pack.control
    theirs = jax.jit(lambda arrays, memory, action: call(jnp, data_view(arrays), memory, action))(
        arrays, memory, action
    )
    yield from _compared(subject, "control", given, theirs)


def check_randomised_names(subject: Subject) -> Iterator[Finding]:
    """RANDOMISE names what the model has."""
    for one in subject.pack.randomise:
        try:
            count_random_numbers(subject.pack.name, subject.model, (one,))
            Disturbances(replace(subject.pack, randomise=(one,)), subject.model, 1)
        except EnvironmentFailedError as failure:
            yield Finding(rule="pack.randomise", severity="error", message=failure.message, remedy=failure.remedy)


def check_start(subject: Subject) -> Iterator[Finding]:
    """reset() gives unit quaternions, joints inside their limits, and not always the same state."""
    pack, model, qpos = subject.pack, subject.model, subject.arrays["qpos"]
    for index in range(model.njnt):
        kind, start = int(model.jnt_type[index]), int(model.jnt_qposadr[index])
        name = name_of(model, "joint", index) or f"joint {index}"
        turns = {mujoco.mjtJoint.mjJNT_FREE: 3, mujoco.mjtJoint.mjJNT_BALL: 0}
        if kind in turns:
            entries = slice(start + turns[kind], start + turns[kind] + 4)
            size = float(np.abs(np.linalg.norm(qpos[:, entries], axis=-1) - 1.0).max())
            if size > 1e-2:  # MuJoCo sets it right itself, but fields and observation see it once as it is
                message = f"reset() gives the joint {name} a quaternion whose length is {size:.2g} away from 1"
                remedy = "Divide it by its length, or add no noise to it."
                yield (error if size > 0.5 else warning)(pack, "reset", message, remedy)
        elif model.jnt_limited[index]:
            low, high = model.jnt_range[index]
            if (qpos[:, start] < low - 0.02).any() or (qpos[:, start] > high + 0.02).any():
                message = f"reset() puts the joint {name} outside of its limits {low:.3g} to {high:.3g}"
                yield warning(pack, "reset", message, "Start from another pose: a keyframe of the model, for instance.")
    if np.ptp(qpos, axis=0).max() == 0 and np.ptp(subject.arrays["qvel"], axis=0).max() == 0:
        message = "reset() gives the same state every time, whatever the noise"
        yield warning(pack, "reset", message, "Add noise, or every evaluation episode will be the same.")


def _batches(subject: Subject) -> Iterator[tuple[tuple[int, ...], Arrays, Arrays]]:
    """The states with one leading axis, as in a step, and with two, as in a rollout."""
    yield (ROWS,), subject.arrays, subject.memory
    arrays = {name: np.stack([array] * STEPS) for name, array in subject.arrays.items()}
    yield (STEPS, ROWS), arrays, {name: np.stack([array] * STEPS) for name, array in subject.memory.items()}


def _array(
    subject: Subject, function: str, who: str, returned: Any, shape: tuple[int, ...], kind: str
) -> Iterator[Finding]:
    array = np.asarray(returned)
    if array.shape != shape:
        message, remedy = f"{who} with shape {array.shape}, expected {shape}", "Keep all leading axes; see [..., i]."
    elif kind == "bool" and array.dtype != bool:
        message, remedy = f"{who} with dtype {array.dtype}, expected bool", "Return a comparison, joined by & and |."
    elif kind == "number" and array.dtype.kind not in "fiu":
        message, remedy = (
            f"{who} with dtype {array.dtype}, expected numbers",
            "Turn it into numbers: xp.where(x, 1.0, 0.0).",
        )
    elif not np.isfinite(array).all():
        message, remedy = f"{who} with values that are not finite", "Guard divisions, roots and logarithms."
    else:
        return
    yield error(subject.pack, function, message, remedy)


def _named(function: str, returned: Any) -> Mapping[str, Any]:
    return returned if isinstance(returned, dict) else {f"what {function}() returns": returned}


def _single(arrays: Arrays) -> dict[str, Float32[np.ndarray, "N ..."]]:
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


def _actions(subject: Subject) -> Float32[np.ndarray, "N A"]:
    size = action_range(subject.pack, subject.model).low.size
    return np.random.default_rng(5).uniform(-1.0, 1.0, (ROWS, size)).astype(np.float32)


FUNCTION_CHECKS: tuple[Check, ...] = (
    check_constants,
    check_declarations,
    check_action_range,
    check_control,
    check_randomised_names,
    check_start,
    check_memory,
    check_observation,
    check_privileged,
    check_termination,
    check_fields_returned,
    check_rows_are_independent,
    check_numpy_and_jax_agree,
)
