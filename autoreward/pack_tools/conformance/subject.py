"""A pack on the table of the contract suite: real states of its own model, and its functions under their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Shaped
from numpy.typing import NDArray

from autoreward.environment.lazy_fields import computed
from autoreward.environment.pack import Noise, Pack, data_view
from autoreward.environment.simulation.c_simulation import CSimulation
from autoreward.environment.simulation.model import load_model
from autoreward.errors import EnvironmentFailedError
from autoreward.records import Finding

Batch = Mapping[str, Shaped[np.ndarray, "N ..."]]

ROWS = 6
SEED = 20_261_121


@dataclass(frozen=True)
class Subject:
    """A loaded pack, its model, and a batch of states just after a reset, read-only."""

    pack: Pack  # its functions name themselves when they fail
    model: Any  # mujoco.MjModel
    noise: Noise
    arrays: Batch
    memory: Batch


class Broken(Exception):
    """A pack fails so early that nothing after it can be looked at."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def error(pack: Pack | str, rule: str, message: str, remedy: str) -> Finding:
    """A finding that says which pack."""
    name = pack if isinstance(pack, str) else pack.name
    return Finding(rule=f"pack.{rule}", severity="error", message=f"{name}: {message}", remedy=remedy)


def warning(pack: Pack, rule: str, message: str, remedy: str) -> Finding:
    """Something that may be meant, but mostly is not."""
    return error(pack, rule, message, remedy).model_copy(update={"severity": "warning"})


def name_failures(pack: Pack) -> Pack:
    """The pack with functions that say which of them failed."""
    return replace(
        pack,
        reset=_naming(pack, "reset", pack.reset),
        memory=None if pack.memory is None else _naming(pack, "memory", pack.memory),
        fields=_naming(pack, "fields", _whole(pack.fields)),
        observation=_naming(pack, "observation", pack.observation),
        privileged=None if pack.privileged is None else _naming(pack, "privileged", pack.privileged),
        terminated=_naming(pack, "terminated", pack.terminated),
        control=None if pack.control is None else _naming(pack, "control", pack.control),
    )


def _whole(fields: Callable[..., Any]) -> Callable[..., Any]:
    """fields() with the functions among its values called, so that what they raise is raised here."""

    def call(*given: Any) -> Any:
        returned = fields(*given)
        return computed(returned) if isinstance(returned, dict) else returned

    return call


def _naming(pack: Pack, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as failure:
            said = (str(failure).splitlines() or [""])[0]
            raise EnvironmentFailedError(
                f"{pack.name}: {name}() raised {type(failure).__name__}: {said}",
                _cure(failure),
            ) from failure

    return called


def _cure(failure: Exception) -> str:
    kind = type(failure).__name__
    if isinstance(failure, AttributeError):
        return "data has the arrays that DATA names, and only those."
    if isinstance(failure, KeyError):
        return "memory has the entries that memory() returns, and only those."
    if "read-only" in str(failure):
        return "Arrays are not changed in place: build new ones, with xp.where or xp.concatenate."
    if "Tracer" in kind or "Concretization" in kind:
        return "No `if`, `and`, `or`, float() or int() on arrays: use xp.where, &, | and arrays."
    return "It takes arrays [..., n] with any leading axes, and the namespace xp, numpy or jax.numpy."


def draw(rows: int, size: int, seed: int = SEED) -> Noise:
    """Reset noise `[rows, size]`."""
    rng = np.random.default_rng(seed)
    return Noise(freeze(rng.uniform(-1.0, 1.0, (rows, size))), freeze(rng.standard_normal((rows, size))))


def freeze(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only copy."""
    copied = array.copy()
    copied.flags.writeable = False
    return copied


def start_state(model: Any) -> Any:
    """What reset() gets as `start`."""
    return data_view({"qpos": freeze(model.qpos0), "qvel": freeze(np.zeros(model.nv))})


def prepare_subject(pack: Pack) -> Subject:
    """Reset a few simulations as the pack says, and start its memory.

    Raises:
        Broken: DATA names what MuJoCo has not, or reset() or memory() cannot be used at all.
        EnvironmentFailedError: a function raised.
    """
    model = load_model(pack)
    pack = name_failures(pack)
    names = tuple(dict.fromkeys((*pack.data, "qpos", "qvel")))
    simulation = _simulation(pack, model, names)
    noise = draw(ROWS, model.nq + model.nv + pack.extra_noise)
    qpos, qvel = _states(pack, model, pack.reset(np, start_state(model), noise))
    simulation.reset(np.ones(ROWS, bool), qpos, qvel)
    arrays = {name: freeze(array) for name, array in simulation.arrays().items()}
    memory = pack.memory(np, None, data_view(arrays), None) if pack.memory is not None else {}
    if not isinstance(memory, dict) or not all(np.shape(value)[:1] == (ROWS,) for value in memory.values()):
        shown = {name: np.shape(value) for name, value in memory.items()} if isinstance(memory, dict) else type(memory)
        raise Broken(
            error(
                pack, "memory", f"memory() returned {shown}, expected a dict of arrays [..., n]; here [{ROWS}, n]",
                "Derive every entry from data, so that it has the leading axes of data.qpos.",
            )
        )  # fmt: skip
    return Subject(pack, model, noise, arrays, {name: freeze(np.asarray(value)) for name, value in memory.items()})


def _simulation(pack: Pack, model: Any, names: tuple[str, ...]) -> CSimulation:
    for name in names:
        try:
            CSimulation(model, 1, (name,), 1)
        except Exception as failure:
            raise Broken(
                error(
                    pack, "data", f"DATA names {name!r}, which MuJoCo's data has not: {failure}",
                    "Name arrays of mjData, for instance qpos, qvel, xpos, site_xpos, sensordata.",
                )
            ) from failure  # fmt: skip
    return CSimulation(model, ROWS, names, 1)


def _states(pack: Pack, model: Any, start: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    if not isinstance(start, tuple) or len(start) not in (2, 3):
        what = f"{type(start).__name__} of {len(start)}" if isinstance(start, tuple) else type(start).__name__
        raise Broken(
            error(pack, "reset", f"reset() returned a {what}, expected (qpos, qvel)", "Return the two arrays.")
        )
    for name, array, size in (("qpos", start[0], model.nq), ("qvel", start[1], model.nv)):
        if np.shape(array) != (ROWS, size) or not np.isfinite(array).all():
            seen = f"shape {np.shape(array)}" if np.shape(array) != (ROWS, size) else "values that are not finite"
            raise Broken(
                error(
                    pack, "reset", f"reset() returned {name} with {seen}, expected finite numbers [{ROWS}, {size}]",
                    f"Return start.{name} plus noise[..., :{size}], scaled: one row for each row of noise.",
                )
            )  # fmt: skip
    return start[0], start[1]
