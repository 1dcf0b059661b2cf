"""Environment packs: a folder with `pack.py` (trusted, written by people) and `tasks/`.

A pack states its facts as upper-case constants and its physics-facing functions once for numpy and
jax.numpy, with the array namespace as first argument. The loader checks all of it and says who, what came and what
was expected, so that a wrong pack is mended in one pass.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from autoreward.environment.foreign.reference import is_reference
from autoreward.environment.randomised_ranges import read_ranges
from autoreward.errors import EnvironmentFailedError, UnknownEnvironmentError
from autoreward.records import EpisodeBound, FieldSpec, RandomisedRange

if TYPE_CHECKING:
    from autoreward.environment.foreign.copies import Made
    from autoreward.environment.foreign.facts import ForeignFacts

Arrays = Mapping[str, Any]  # field name -> array [..., *shape]

MJX_SOLVERS = ("newton", "cg")

FRAMEWORK_FIELDS = (
    FieldSpec(name="time", unit="s", meaning="time since reset", observable=False, inferable=False),
    FieldSpec(
        name="terminated",
        meaning="1 where the episode ended in this state, for good (not by the time limit), else 0",
        next_state_only=True,
    ),
)


@dataclass(frozen=True)
class Noise:
    """Random numbers for one reset: `uniform` in [-1, 1), standard `normal`, each `[..., nq + nv + extra_noise]`."""

    uniform: Any
    normal: Any


@dataclass(frozen=True)
class MjxChanges:
    """What a pack changes in its model for MJX, the simulation on a GPU; None keeps what the model says."""

    reason: str = ""  # in words, for `autoreward envs show`: how the physics differs from the C simulation's
    solver: str | None = None  # "newton" or "cg": MJX has no other
    iterations: int | None = None  # of the solver, at most
    ls_iterations: int | None = None  # of its line search, at most
    zero_margin: bool = False  # contacts begin where bodies touch


@dataclass(frozen=True)
class Pack:
    """A checked environment pack. Functions take and return arrays `[..., n]`; see any pack for their meaning."""

    name: str
    folder: Path
    title: str
    description: str
    model_path: Path
    mirrors: str | None
    mirror_arguments: Mapping[str, bool | int | float | str]  # with which it mirrors, for `gymnasium.make`
    frame_skip: int
    horizon: int
    control_period: float  # [s]
    gamma: float
    termination: str
    action: str
    directions: Mapping[str, tuple[float, float, float]]
    data: tuple[str, ...]
    observation_size: int
    fields_declared: tuple[FieldSpec, ...]
    memory_in_step: bool  # observation or termination read the memory, so it advances with every step
    fields: Callable[..., dict[str, Any]]
    observation: Callable[..., Any]
    terminated: Callable[..., Any]
    reset: Callable[..., tuple[Any, ...]]  # qpos, qvel, and where it draws a command: {name in the memory: rows}
    memory: Callable[..., dict[str, Any]] | None
    # From an action to what the simulation takes: ctrl `[..., nu]` and, where it has any, mocap_pos `[..., nmocap, 3]`;
    # None: the action is ctrl.
    control: Callable[..., dict[str, Any]] | None = None
    # (low, high) an entry of the action; None, without control() only: as the model limits its actuators
    action_range: tuple[tuple[float, float], ...] | None = None
    bounds: tuple[EpisodeBound, ...] = ()  # the termination in numbers, as far as fields tell it
    extra_noise: int = 0  # random numbers of a reset beyond one for each entry of qpos and qvel
    observes_last_action: bool = False  # the observation contains the action before it
    observed: Mapping[str, int] = field(default_factory=dict)  # what observation() joins: name -> size, in its order
    # What the value network sees in addition while learning `[..., privileged_size]`, and no policy ever does.
    privileged: Callable[..., Any] | None = None
    privileged_size: int = 0
    randomise: tuple[
        RandomisedRange, ...
    ] = ()  # what each simulation draws for itself; see simulation/randomisation.py
    mjx: MjxChanges | None = None  # None: MJX runs the model as it is, if it can
    foreign: ForeignFacts | None = None  # of an environment of somebody else, which has no model and no functions here
    copies: Made | None = None  # its copies, in a process that steps it


def packs_directory() -> Path:
    """Where the packs lie: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "envs"
    return inside if inside.is_dir() else package.parent / "envs"


def pack_names() -> list[str]:
    """The packs that come with autoreward."""
    return sorted(file.parent.name for file in packs_directory().glob("*/pack.py"))


def load_pack(name: str, alone: bool = False) -> Pack:
    """A pack by its name, by the path of a folder outside the installation, or by the reference of somebody else's.

    The environment of a reference is made by this, in this process.

    Args:
        alone: an environment of somebody else is never stepped in further processes.

    Raises:
        UnknownNameError: there is no such pack.
        UsageError: the reference leads to no environment.
        EnvironmentFailedError: the pack cannot be imported, or states something missing or wrong.
    """
    if is_reference(name):
        from autoreward.environment.foreign.loading import load_foreign  # what is made of it knows packs

        return load_foreign(name, alone)
    folder = Path(name).expanduser().resolve() if _is_path(name) else packs_directory() / name
    if not (folder / "pack.py").is_file():
        raise UnknownEnvironmentError(name, pack_names())
    module = _import(folder)
    return _checked(folder, module)


def stop_time(pack: Pack) -> Pack:
    """The pack with a model whose time stands still: all shapes are the same, and physics takes no time."""
    return replace(pack, frame_skip=0, control_period=0.0)


def _is_path(name: str) -> bool:
    return "/" in name or name.startswith((".", "~"))


def _import(folder: Path) -> ModuleType:
    name = f"autoreward_pack_{folder.name}"
    spec = importlib.util.spec_from_file_location(name, folder / "pack.py")
    if spec is None or spec.loader is None:
        raise EnvironmentFailedError(f"{folder / 'pack.py'} cannot be imported as a Python file.")
    module = importlib.util.module_from_spec(spec)
    writes = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # an installed pack folder may be read-only, and holds no caches
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise EnvironmentFailedError(
            f"{folder.name}/pack.py raised {type(error).__name__} on import: {error}",
            "A pack needs nothing but constants and functions; see envs/half_cheetah/pack.py.",
        ) from error
    finally:
        sys.dont_write_bytecode = writes
    return module


_CONSTANTS: dict[str, tuple[type[Any], ...]] = {
    "TITLE": (str,),
    "DESCRIPTION": (str,),
    "MODEL": (str,),
    "FRAME_SKIP": (int,),
    "HORIZON": (int,),
    "CONTROL_PERIOD": (float, int),
    "GAMMA": (float,),
    "TERMINATION": (str,),
    "ACTION": (str,),
    "DATA": (tuple,),
    "OBSERVATION_SIZE": (int,),
    "FIELDS": (dict,),
}
_FUNCTIONS = ("fields", "observation", "terminated", "reset")


def _checked(folder: Path, module: ModuleType) -> Pack:
    values = {name: _constant(folder, module, name, types) for name, types in _CONSTANTS.items()}
    functions = {name: _function(folder, module, name) for name in _FUNCTIONS}
    return Pack(
        name=folder.name,
        folder=folder,
        title=values["TITLE"],
        description=values["DESCRIPTION"],
        model_path=_model_path(folder, values["MODEL"]),
        mirrors=getattr(module, "MIRRORS", None),
        mirror_arguments=dict(getattr(module, "MIRROR_ARGUMENTS", {})),
        frame_skip=values["FRAME_SKIP"],
        horizon=values["HORIZON"],
        control_period=float(values["CONTROL_PERIOD"]),
        gamma=values["GAMMA"],
        termination=values["TERMINATION"],
        action=values["ACTION"],
        directions=dict(getattr(module, "DIRECTIONS", {})),
        data=values["DATA"],
        observation_size=values["OBSERVATION_SIZE"],
        fields_declared=_field_specs(folder, values["FIELDS"]),
        memory_in_step=bool(getattr(module, "MEMORY_IN_STEP", False)),
        memory=getattr(module, "memory", None),
        control=getattr(module, "control", None),
        action_range=_optional(folder, module, "ACTION_RANGE", tuple, None),
        bounds=_bounds(folder, _optional(folder, module, "BOUNDS", dict, {}), values["FIELDS"]),
        extra_noise=_optional(folder, module, "EXTRA_NOISE", int, 0),
        observes_last_action=_optional(folder, module, "OBSERVES_LAST_ACTION", bool, False),
        observed=_observed(folder, _optional(folder, module, "OBSERVED", dict, {}), values["OBSERVATION_SIZE"]),
        privileged=getattr(module, "privileged", None),
        privileged_size=_privileged_size(folder, module),
        randomise=read_ranges(getattr(module, "RANDOMISE", ()), f"{folder.name}/pack.py: RANDOMISE"),
        mjx=_mjx_changes(folder, _optional(folder, module, "MJX", dict, {})),
        fields=functions["fields"],
        observation=functions["observation"],
        terminated=functions["terminated"],
        reset=functions["reset"],
    )


def _constant(folder: Path, module: ModuleType, name: str, types: tuple[type[Any], ...]) -> Any:
    value = getattr(module, name, None)
    if not isinstance(value, types):
        came = "nothing" if value is None else f"{type(value).__name__} {value!r}"
        expected = " or ".join(kind.__name__ for kind in types)
        raise EnvironmentFailedError(
            f"{folder.name}/pack.py: {name} is {came}, expected {expected}.",
            f"Add a line `{name} = ...` at the top level; see envs/half_cheetah/pack.py.",
        )
    return value


def _optional(folder: Path, module: ModuleType, name: str, kind: type[Any], otherwise: Any) -> Any:
    return _constant(folder, module, name, (kind,)) if hasattr(module, name) else otherwise


def _function(folder: Path, module: ModuleType, name: str) -> Callable[..., Any]:
    value = getattr(module, name, None)
    if not callable(value):
        raise EnvironmentFailedError(
            f"{folder.name}/pack.py has no function {name}().", "See envs/half_cheetah/pack.py for all of them."
        )
    return value  # type: ignore[no-any-return]


def _field_specs(folder: Path, declared: Mapping[str, Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    reserved = {field.name for field in FRAMEWORK_FIELDS} | {"observation", "last_action"}
    specs = []
    for name, facts in declared.items():
        if name in reserved:
            raise EnvironmentFailedError(
                f"{folder.name}/pack.py: FIELDS declares {name!r}, which every environment has already.", "Rename it."
            )
        try:
            specs.append(FieldSpec(name=name, **facts))
        except ValueError as error:
            raise EnvironmentFailedError(f"{folder.name}/pack.py: FIELDS[{name!r}] is wrong: {error}") from error
    return tuple(specs)


def _bounds(folder: Path, stated: Mapping[str, Any], fields: Mapping[str, Any]) -> tuple[EpisodeBound, ...]:
    try:
        bounds = tuple(EpisodeBound(entry=entry, low=low, high=high) for entry, (low, high) in stated.items())
    except (TypeError, ValueError) as error:
        bounds, unknown = (), [f"cannot be read ({error})"]
    else:
        unknown = [
            f"names no field of FIELDS: {one.entry!r}" for one in bounds if one.entry.split(".")[0] not in fields
        ]
    if unknown:
        raise EnvironmentFailedError(
            f"{folder.name}/pack.py: BOUNDS {unknown[0]}.",
            'Write entries with (least, greatest), None for no limit: {"torso_position.z": (0.7, None)}.',
        )
    return bounds


def _observed(folder: Path, stated: Mapping[Any, Any], size: int) -> dict[str, int]:
    """OBSERVED: the parts of the observation, by which RANDOMISE names them."""
    sound = all(isinstance(name, str) and type(part) is int and part > 0 for name, part in stated.items())
    if stated and (not sound or sum(stated.values()) != size):
        raise EnvironmentFailedError(
            f"{folder.name}/pack.py: OBSERVED is {dict(stated)}, expected sizes by name, {size} in all.",
            "List what observation() joins, in its order; or leave it out.",
        )
    return dict(stated)


def _privileged_size(folder: Path, module: ModuleType) -> int:
    if not hasattr(module, "privileged"):
        return 0
    size: int = _constant(folder, module, "PRIVILEGED_SIZE", (int,))
    return size


def _mjx_changes(folder: Path, stated: Mapping[str, Any]) -> MjxChanges | None:
    if not stated:
        return None
    known = [field.name for field in dataclass_fields(MjxChanges)]
    wrong = sorted(set(stated) - set(known))
    if wrong or not stated.get("reason") or stated.get("solver", "newton") not in MJX_SOLVERS:
        raise EnvironmentFailedError(
            f"{folder.name}/pack.py: MJX is {dict(stated)}, expected a reason in words, a solver out of "
            f"{', '.join(MJX_SOLVERS)}, and no entry but {', '.join(known)}.",
            "See envs/humanoid/pack.py.",
        )
    return MjxChanges(**stated)


def _model_path(folder: Path, model: str) -> Path:
    scheme, _, file = model.rpartition(":")
    if scheme != "gymnasium":
        return folder / model
    gymnasium = importlib.util.find_spec("gymnasium")  # located, not imported: gymnasium is slow to import
    if gymnasium is None or gymnasium.origin is None:
        raise EnvironmentFailedError(f"{folder.name}: its model ships with gymnasium, which is not installed.")
    return Path(gymnasium.origin).parent / "envs" / "mujoco" / "assets" / file


def data_view(arrays: Arrays) -> SimpleNamespace:
    """MuJoCo arrays by attribute, as pack functions read them: `data.qpos`."""
    return SimpleNamespace(**arrays)
