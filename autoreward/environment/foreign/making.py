"""From a reference to one environment, made by its own code; or one sentence that says why there is none.

Runs in the trainer's process and in those that open and draw environments: they hold no key.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator

from autoreward.environment.foreign.reference import Reference
from autoreward.errors import AutorewardError, EnvironmentFailedError, RenderingError, UsageError

FOREIGN = "an environment of Gymnasium: reset(seed=...), step(action), observation_space, action_space"
MEND = "Mend it there."
MAKER = "--env-kwargs are arguments of its maker; or mend it there."
LONGEST_ERROR = 300  # characters that a message quotes of somebody else's
# Ids of packages that register them when they are imported: how the ids begin, the module, what to install.
FAMILIES = (
    (("ALE/",), "ale_py", "ale-py"),
    (("MiniGrid-", "BabyAI-"), "minigrid", "minigrid"),
    (("Meta-World/",), "metaworld", "metaworld"),
    (("Fetch", "Hand", "AntMaze", "PointMaze", "Adroit", "FrankaKitchen"), "gymnasium_robotics", "gymnasium-robotics"),
    (
        ("highway-", "merge-", "roundabout-", "parking-", "intersection-", "racetrack-", "exit-"),
        "highway_env",
        "highway-env",
    ),
    (("dm_control/",), "shimmy", "'shimmy[dm-control]'"),
    (("LunarLander", "BipedalWalker", "CarRacing"), "Box2D", "'gymnasium[box2d]'"),
    (("deep-sea-treasure", "resource-gathering", "mo-", "four-room", "minecart"), "mo_gymnasium", "mo-gymnasium"),
)


def make(reference: Reference, render_mode: str | None = None) -> Any:
    """A new environment, not wrapped by anything that checks or draws.

    Args:
        render_mode: "rgb_array" for one that is drawn.

    Raises:
        UsageError: the reference leads to no environment, with the nearest names or what to install; or its maker does
            not take the arguments.
        EnvironmentFailedError: its own code failed.
    """
    if reference.source == "envpool":
        return _from_envpool(reference, render_mode)
    prepare(reference)
    extra = {} if render_mode is None else {"render_mode": render_mode}
    with quiet(), said(f"{reference.id} cannot be made", MAKER if reference.kwargs else MEND):
        maker = _from_registry if reference.module is None else _from_module
        try:
            env = maker(reference, extra)
        except TypeError:
            _refuse_other_arguments(reference)
            raise
    _refuse_other_kinds(reference, env)
    return env


def prepare(reference: Reference) -> None:
    """Import what registers the environment, and what its module needs.

    Raises:
        UsageError: a module that was named is not there.
    """
    if reference.folder is not None and reference.folder not in sys.path:
        sys.path.append(reference.folder)  # behind all others: it takes the place of no module
    for package in reference.packages:
        import_module(package, "--gym-packages")
    for _, module, _ in _families(reference):
        if importlib.util.find_spec(module) is not None:
            import_module(module, reference.id)


def registering(reference: Reference) -> tuple[str, ...]:
    """The modules whose import registers the id: those that a person named, and those of its family."""
    known = [module for _, module, _ in _families(reference) if importlib.util.find_spec(module) is not None]
    return tuple(dict.fromkeys((*reference.packages, *known)))


def import_module(name: str, who: str) -> Any:
    """A module that a person named.

    Raises:
        UsageError: it is not there.
        EnvironmentFailedError: it raised.
    """
    try:
        with quiet():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{who}: there is no module {error.name!r}.",
            "Install it, or start autoreward in the folder that holds it.",
        ) from error
    except Exception as error:
        raise failed(f"{name} raised when it was imported", error) from error


def function_of(reference: str, who: str) -> Callable[..., Any]:
    """What `module:function` names.

    Raises:
        UsageError: there is no such module, or nothing of that name in it that can be called.
    """
    module_name, _, name = reference.partition(":")
    module = import_module(module_name, who)
    found = getattr(module, name, None)
    if not callable(found):
        known = [one for one, value in vars(module).items() if callable(value) and not one.startswith("_")]
        seen = "nothing" if found is None else f"a {type(found).__name__}"
        raise UsageError(f"{who}: {module_name}.{name} is {seen}, expected a class or a function.", _near(name, known))
    return found  # type: ignore[no-any-return]


def failed(what: str, error: BaseException, remedy: str = MEND) -> EnvironmentFailedError:
    """Somebody else's exception as one sentence, with the place in their code."""
    text = " ".join(str(error).split())[:LONGEST_ERROR]
    return EnvironmentFailedError(f"{what}: {type(error).__name__}: {text}{_place(error)}.", remedy)


@contextlib.contextmanager
def said(what: str, remedy: str = MEND) -> Iterator[None]:
    """Turn whatever somebody else's code raises into a sentence; our own errors pass."""
    try:
        yield
    except AutorewardError:
        raise
    except Exception as error:
        raise failed(what, error, remedy) from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of libraries: what has to be said of an environment is said by us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _from_envpool(reference: Reference, render_mode: str | None) -> Any:
    from autoreward.environment.foreign.envpool_copies import EnvPoolSingle  # reads what is made here

    if render_mode is not None:
        raise RenderingError(
            f"envpool:{reference.id}: EnvPool draws no pictures, and its seeds begin episodes elsewhere than those of "
            "Gymnasium's environment of this id: the same actions would lead to something else there.",
            "The exported policy plays in Gymnasium's too, which draws.",
        )
    return EnvPoolSingle(reference)


def _from_module(reference: Reference, extra: dict[str, Any]) -> Any:
    kind = function_of(reference.id, reference.id)
    kwargs = {name: value for name, value in reference.kwargs.items() if name != "max_episode_steps"}
    taken = inspect.signature(kind).parameters
    if extra and not (set(extra) <= set(taken) or any(one.kind is one.VAR_KEYWORD for one in taken.values())):
        extra = {}  # it draws in the one way that it has
    return kind(**kwargs, **extra)


def _from_registry(reference: Reference, extra: dict[str, Any]) -> Any:
    try:
        return gymnasium.make(reference.id, disable_env_checker=True, **reference.kwargs, **extra)
    except gymnasium.error.DependencyNotInstalled as error:
        reason = " ".join(str(error).split())[:LONGEST_ERROR]
        raise UsageError(f"{reference.id} needs a package that is not installed: {reason}", _cure(reference)) from error
    except (gymnasium.error.UnregisteredEnv, gymnasium.error.DeprecatedEnv, ModuleNotFoundError) as error:
        raise UsageError(f"There is no environment {reference.id!r} here.", _cure(reference)) from error


def _families(reference: Reference) -> list[tuple[tuple[str, ...], str, str]]:
    return [family for family in FAMILIES if reference.id.startswith(family[0])]


def _cure(reference: Reference) -> str:
    """What to install, or else the nearest ids."""
    missing = [family for family in _families(reference) if importlib.util.find_spec(family[1]) is None]
    install = " ".join(f"Its package is not installed: pip install {what}." for _, _, what in missing)
    return install or _near(reference.id, list(gymnasium.registry))


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=4, cutoff=0.5)
    if near:
        return f"Nearest: {', '.join(near)}."
    return "--gym-packages MODULE names the module whose import registers it."


def _refuse_other_arguments(reference: Reference) -> None:
    """Say which of the arguments its maker does not take, where it tells what it takes."""
    if reference.module is not None:
        maker = function_of(reference.id, reference.id)
    else:
        entry: Any = gymnasium.spec(reference.id).entry_point
        maker = load_env_creator(entry) if isinstance(entry, str) else entry
    parameters = inspect.signature(maker).parameters
    unknown = [name for name in reference.kwargs if name not in {*parameters, "max_episode_steps"}]
    if unknown and not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        takes = [name for name in parameters if name not in ("self", "render_mode")]
        raise UsageError(
            f"--env-kwargs: {reference.id} takes no argument {', '.join(map(repr, unknown))}.",
            f"It takes: {', '.join(takes) or 'none'}.",
        )


def _refuse_other_kinds(reference: Reference, env: Any) -> None:
    lacks = [name for name in ("reset", "step", "observation_space", "action_space") if not hasattr(env, name)]
    if lacks:
        hint = " It is of the old package gym." if type(env).__module__.split(".")[0] == "gym" else ""
        raise UsageError(
            f"{reference.id} makes a {type(env).__name__} without {', '.join(lacks)}, expected {FOREIGN}.{hint}",
            "See docs/your-environment.md.",
        )


def _place(error: BaseException) -> str:
    """File and line in their code where it happened."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "/autoreward/" not in file and "/gymnasium/" not in file and not file.startswith("<"):
            place = f" ({file}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return place
