"""Tasks of a pack: a text, a success metric, and where there is one the reward a human expert wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from autoreward.environment.fields import never
from autoreward.environment.foreign.reference import read_reference
from autoreward.environment.pack import Pack
from autoreward.environment.randomised_ranges import read_ranges
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.input_files import parse_yaml, read_text
from autoreward.records import MetricSpec, RandomisedRange, TaskSpec

HOW_TO_MEASURE = "Say what success is: --metric env:return, info:KEY, an expression over its fields, or a file."
NEVER = "never"  # the one termination that a task can ask for in place of the pack's

_STATED = ("text", "meaning", "unit", "reference")
_OVERRIDES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "horizon": ("a number of control steps from 1", lambda value: type(value) is int and value > 0),
    "termination": (NEVER, lambda value: value == NEVER),
    "mirror_arguments": ("a mapping of argument names to values", lambda value: isinstance(value, dict)),
    "randomise": ("a list of ranges, empty for none", lambda value: isinstance(value, list)),
}


def task_names(pack: Pack) -> list[str]:
    """The tasks a pack comes with."""
    return sorted(file.parent.name for file in (pack.folder / "tasks").glob("*/task.yaml"))


def load_task(pack: Pack, name: str) -> TaskSpec:
    """A task of a pack, with its text and metric.

    Raises:
        UnknownNameError: the pack has no such task.
        EnvironmentFailedError: its files are incomplete.
    """
    facts = _facts(pack, name)
    metric = MetricSpec(
        origin="task",
        code=_read(pack.folder / "tasks" / name / "metric.py"),
        meaning=facts["meaning"],
        unit=facts["unit"],
        reference=facts["reference"],
    )
    return TaskSpec(env=pack.name, name=name, text=facts["text"], metric=metric)


def pack_for_task(pack: Pack, task: str | None) -> Pack:
    """The pack as a task wants it: `task.yaml` may override horizon, termination, mirrored arguments and randomisation.

    Args:
        task: a task of the pack; None leaves the pack as it is.

    Raises:
        UnknownNameError: the pack has no such task.
        EnvironmentFailedError: its files are incomplete or wrong.
    """
    if task is None:
        return pack
    facts = _facts(pack, task)
    changed = replace(
        pack,
        horizon=facts.get("horizon", pack.horizon),
        mirror_arguments={**pack.mirror_arguments, **facts.get("mirror_arguments", {})},
        randomise=_randomise(pack, task, facts),
    )
    return replace(changed, termination=NEVER, terminated=never, bounds=()) if "termination" in facts else changed


def _randomise(pack: Pack, task: str, facts: Mapping[str, Any]) -> tuple[RandomisedRange, ...]:
    """The task's ranges in place of the pack's, where it states any."""
    if "randomise" not in facts:
        return pack.randomise
    return read_ranges(tuple(facts["randomise"]), f"{pack.name}: tasks/{task}/task.yaml: randomise")


def human_reward(pack: Pack, task: str | None) -> str | None:
    """Source of the reward a human expert wrote, a baseline that no designer sees; None where there is none."""
    if task is None:
        return None
    file = pack.folder / "tasks" / task / "human.py"
    return _read(file) if file.is_file() else None


def split_environment(env: str, task: str | None) -> tuple[str, str | None]:
    """`hopper/forward` is environment and task; a path to a pack stays whole; `CartPole-v1` becomes a reference.

    Raises:
        UsageError: the task is named twice, differently, or a path leads to no pack.
    """
    reference = read_reference(env)
    if reference is not None:
        if task is not None:
            raise UsageError(f"{reference.id} has no tasks, and --task {task!r} was given.", HOW_TO_MEASURE)
        return reference.text, None
    _refuse_missing_folder(env)
    if "/" not in env or (Path(env).expanduser() / "pack.py").is_file():
        return env, task
    name, _, given = env.rpartition("/")
    if task is not None and task != given:
        raise UsageError(f"The task is named twice: {env!r} and --task {task!r}.", "Give it once.")
    return name, given


def _refuse_missing_folder(env: str) -> None:
    """A path that leads to no pack, with or without a task behind it."""
    path = Path(env).expanduser()
    looks_like_path = env.startswith((".", "/", "~"))
    if looks_like_path and not any((folder / "pack.py").is_file() for folder in (path, path.parent)):
        seen = "has no pack.py" if path.is_dir() else "is no folder"
        raise UsageError(f"{env}: {seen}.", "Give the folder of a pack, with /TASK behind it or --task TASK.")


def _facts(pack: Pack, name: str) -> dict[str, Any]:
    """What `task.yaml` states, checked."""
    folder = pack.folder / "tasks" / name
    if not (folder / "task.yaml").is_file():
        raise UnknownNameError(f"task of {pack.name}", name, task_names(pack))
    facts = _parsed(pack, folder)
    missing, unknown = set(_STATED) - set(facts), set(facts) - set(_STATED) - set(_OVERRIDES)
    if missing or unknown:
        seen = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        seen += [f"has unknown keys: {', '.join(sorted(unknown))}"] if unknown else []
        raise EnvironmentFailedError(
            f"{pack.name}: tasks/{name}/task.yaml {'; '.join(seen)}.",
            f"It states {', '.join(_STATED)}, and may override {', '.join(_OVERRIDES)}; "
            "see envs/half_cheetah/tasks/forward/task.yaml and envs/hopper/tasks/front_flip/task.yaml.",
        )
    for key, (expected, holds) in _OVERRIDES.items():
        if key in facts and not holds(facts[key]):
            raise EnvironmentFailedError(
                f"{pack.name}: tasks/{name}/task.yaml: {key} is {facts[key]!r}, expected {expected}.",
                f"Correct it, or remove the line to keep the pack's own {key}.",
            )
    return facts


def _parsed(pack: Pack, folder: Path) -> dict[str, Any]:
    try:
        stated = parse_yaml(_read(folder / "task.yaml")) or {}
    except yaml.YAMLError as error:
        raise EnvironmentFailedError(f"{pack.name}: tasks/{folder.name}/task.yaml is not YAML: {error}") from error
    if not isinstance(stated, dict):
        raise EnvironmentFailedError(
            f"{pack.name}: tasks/{folder.name}/task.yaml holds {stated!r}, expected names with values.",
            "See envs/half_cheetah/tasks/forward/task.yaml.",
        )
    return stated


def _read(file: Path) -> str:
    try:
        return read_text(file)
    except UsageError as error:
        raise EnvironmentFailedError(error.message, error.remedy) from error
