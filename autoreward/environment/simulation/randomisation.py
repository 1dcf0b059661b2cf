"""From declared ranges and random numbers to arrays of model parameters `[N, ...]`: one row a simulation.

The declaration is `pack.randomise`, the numbers come from seeds, and what comes out has the names and shapes of
mujoco.MjModel's own arrays, so that any backend can take it. MuJoCo derives constants from masses and armatures (masses
of subtrees, inverse weights of contacts and joint limits, accelerations of muscles, mean inertia): they have to follow,
by mj_setConst, see `build_model_of_row`. What the compiler resolves once stays as it is: the `dampratio` of a servo
keeps the damping of the nominal masses. Explicit contact pairs have friction of their own, which no geom's changes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mujoco
import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from autoreward.environment.randomised_ranges import ALL, DISTURBANCES, OWNERS
from autoreward.environment.simulation.model import Kind, name_of
from autoreward.errors import EnvironmentFailedError
from autoreward.records import RandomisedRange

Parameters = Mapping[str, NDArray[Any]]  # names of MjModel's arrays -> [N, *shape]
Columns = Callable[[str], NDArray[Any]]  # the array of a name, to be changed in place
_PARTS: Mapping[str, tuple[Kind, str]] = {
    "body": ("body", "nbody"),
    "geom": ("geom", "ngeom"),
    "actuator": ("actuator", "nu"),
    "joint": ("joint", "njnt"),
}
Apply = Callable[[Columns, Any, NDArray[Any], NDArray[Any]], None]


def count_random_numbers(pack: str, model: Any, ranges: Sequence[RandomisedRange]) -> int:
    """How many random numbers each simulation needs.

    Raises:
        EnvironmentFailedError: the model has no such object, or a number of it that cannot be scaled.
    """
    return sum(_numbers_of(pack, model, one) for one in ranges if one.quantity not in DISTURBANCES)


def _numbers_of(pack: str, model: Any, one: RandomisedRange) -> int:
    each = 3 if one.quantity == "centre_of_mass" else 1
    return each if one.together else each * len(_objects(pack, model, one))


def draw_parameters(
    pack: str, model: Any, ranges: Sequence[RandomisedRange], numbers: Float[np.ndarray, "N R"]
) -> dict[str, NDArray[Any]]:
    """Model parameters for N simulations.

    Args:
        pack: its name, for errors.
        model: mujoco.MjModel, with the nominal numbers.
        numbers: in [0, 1), R as `count_random_numbers` says; 0 is the low bound.

    Returns:
        Those of the model's arrays that differ, by name, `[N, *shape]` in float64.

    Raises:
        EnvironmentFailedError: the model has no such object, or a number of it that cannot be scaled.
    """
    arrays: dict[str, NDArray[Any]] = {}

    def array(name: str) -> NDArray[Any]:
        if name not in arrays:
            nominal = getattr(model.opt if name == "gravity" else model, name)
            arrays[name] = np.repeat(np.asarray(nominal, np.float64)[None], len(numbers), axis=0)
        return arrays[name]

    first = 0
    payloads = []
    for one in ranges:
        if one.quantity in DISTURBANCES:
            continue
        objects = np.asarray(_objects(pack, model, one))
        count = _numbers_of(pack, model, one)
        drawn = one.low + (one.high - one.low) * numbers[:, first : first + count]
        first += count
        if one.quantity == "centre_of_mass":
            offsets = np.broadcast_to(drawn.reshape(len(numbers), -1, 3), (len(numbers), len(objects), 3))
            array("body_ipos")[:, objects] += offsets
            continue
        drawn = np.broadcast_to(drawn, (len(numbers), len(objects)))
        if one.quantity == "payload":
            payloads.append((objects, drawn))
            continue
        nominal = read_nominal_numbers(model, one.quantity)[objects]
        _APPLY[one.quantity](array, model, objects, drawn * nominal if one.kind == "scale" else drawn)
    for objects, load in payloads:  # a point in the centre of mass, on top of whatever mass was drawn: inertia stays
        array("body_mass")[:, objects] += load
    return arrays


def build_model_of_row(model: Any, parameters: Parameters, row: int) -> Any:
    """A copy of the model with the parameters of one simulation, and all constants that MuJoCo derives from them."""
    copied = copy.copy(model)
    for name, array in parameters.items():
        getattr(copied.opt if name == "gravity" else copied, name)[:] = array[row]
    mujoco.mj_setConst(copied, mujoco.MjData(copied))
    return copied


def read_nominal_numbers(model: Any, quantity: str) -> Float[np.ndarray, " n"]:
    """The model's own number of each body, geom, actuator or joint; 0 where it has none."""
    if quantity in ("mass", "payload", "centre_of_mass"):
        return np.asarray(model.body_mass)
    if quantity == "gravity":
        return np.asarray([np.linalg.norm(model.opt.gravity)])
    if quantity == "friction":
        return np.asarray(model.geom_friction[:, 0])
    if quantity == "gain":
        linear = [int(mujoco.mjtGain.mjGAIN_FIXED), int(mujoco.mjtGain.mjGAIN_AFFINE)]
        # Muscles and the like have no single number of this meaning: they count as having none.
        return np.asarray(np.where(np.isin(model.actuator_gaintype, linear), model.actuator_gainprm[:, 0], 0.0))
    return np.asarray(getattr(model, f"dof_{quantity}")[model.jnt_dofadr])


def _objects(pack: str, model: Any, one: RandomisedRange) -> list[int]:
    """Ids of what a range names, each with a number that can be changed as it says."""
    owner, nominal = OWNERS[one.quantity], read_nominal_numbers(model, one.quantity)
    if one.of == (ALL,):
        objects = [index for index, number in enumerate(nominal) if number != 0]
        if not objects:
            raise EnvironmentFailedError(
                f"{pack}: the {one.quantity} of all is to be randomised, but the model states none.",
                "Name the ones that shall have it, with value=(low, high).",
            )
        return objects
    objects = [_named(pack, model, owner, name) for name in one.of]
    needs_some = ("mass", "gain", "payload", "centre_of_mass")
    for name, index in zip(one.of, objects, strict=True):
        if nominal[index] == 0 and (one.kind == "scale" or one.quantity in needs_some):
            raise EnvironmentFailedError(
                f"{pack}: the {one.quantity} of {owner} {name!r} is to be randomised, but the model states none.",
                f"Take another {owner}" + ("." if one.quantity in needs_some else ", or value=(low, high)."),
            )
    return objects


def _named(pack: str, model: Any, owner: str, name: str) -> int:
    try:
        return int(getattr(model, owner)(name).id)
    except KeyError as error:
        kind, count = _PARTS[owner]
        names = [name_of(model, kind, index) for index in range(getattr(model, count))]
        known = ", ".join(known for known in names if known) or "none has a name"
        raise EnvironmentFailedError(
            f"{pack}: the model has no {owner} {name!r}, which is to be randomised. It has: {known}.",
            f"Name one of these, or {ALL!r}.",
        ) from error


def _set_mass(array: Columns, model: Any, bodies: Int[np.ndarray, " n"], mass: Float[np.ndarray, "N n"]) -> None:
    """The body becomes denser: its inertia goes with its mass, its centre stays."""
    ratio = mass / model.body_mass[bodies]
    array("body_mass")[:, bodies] = mass
    array("body_inertia")[:, bodies] *= ratio[..., None]


def _set_gravity(array: Columns, model: Any, world: Int[np.ndarray, " n"], size: Float[np.ndarray, "N n"]) -> None:
    """Its direction stays."""
    array("gravity")[:] *= size / np.linalg.norm(model.opt.gravity)


def _set_friction(array: Columns, model: Any, geoms: Int[np.ndarray, " n"], friction: Float[np.ndarray, "N n"]) -> None:
    """Sliding friction; torsional and rolling friction stay."""
    array("geom_friction")[:, geoms, 0] = friction


def _set_gain(array: Columns, model: Any, actuators: Int[np.ndarray, " n"], gain: Float[np.ndarray, "N n"]) -> None:
    """The whole force goes with it, so that a servo keeps its set point: gain and bias have the same factor."""
    ratio = gain / model.actuator_gainprm[actuators, 0]
    for name in ("actuator_gainprm", "actuator_biasprm"):
        array(name)[:, actuators, :3] *= ratio[..., None]  # constant, by length, by velocity


def _set_of_joints(name: str) -> Apply:
    """A number that every degree of freedom of a joint has."""

    def apply(array: Columns, model: Any, joints: NDArray[Any], values: NDArray[Any]) -> None:
        for column, joint in enumerate(joints):
            dofs = model.dof_jntid == joint
            array(name)[:, dofs] = values[:, column : column + 1]

    return apply


_APPLY: Mapping[str, Apply] = {
    "mass": _set_mass,
    "gravity": _set_gravity,
    "friction": _set_friction,
    "gain": _set_gain,
    "damping": _set_of_joints("dof_damping"),
    "armature": _set_of_joints("dof_armature"),
}
