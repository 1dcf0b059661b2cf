"""`task.yaml`: what `autoreward design` shall do, written down. `autoreward init` writes a commented one.

text: Run forward as fast as possible without falling over.
env: half_cheetah
task: forward
settings: {design: {candidates: 4}}
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from autoreward.errors import ConfigError
from autoreward.input_files import parse_yaml, read_text
from autoreward.plain_text import plain, plain_line
from autoreward.records import EnvSpec, TaskSpec
from autoreward.templates import template_environment

TEMPLATE = "environment/task_file.yaml.j2"
SUFFIXES = (".yaml", ".yml")
NAME = "task.yaml"


class TaskFile(BaseModel):
    """The content of a task file; None where it says nothing. Files in it are relative to its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | None = None
    env: str | None = None
    task: str | None = None
    metric: str | None = None
    seed_reward: str | None = None
    settings: Mapping[str, Any] = {}


def is_task_file(name: str) -> bool:
    """Whether a word of the command line names a task file and not a task in words."""
    return name.endswith(SUFFIXES) and len(name.split()) == 1


def read_task_file(path: Path) -> TaskFile:
    """The task file at a path, with its own files and a pack outside the installation as they are found from here.

    Raises:
        UsageError: it cannot be opened.
        ConfigError: it holds something else; an unknown key names the nearest known one.
    """
    try:
        values = parse_yaml(read_text(path))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is no YAML file: {error}", "Write a new one: autoreward init") from error
    if not isinstance(values, Mapping):
        raise ConfigError(f"{path} holds {values!r:.80}.", "Expected keys, as in `env: half_cheetah`.")
    _check_keys(path, values)
    try:
        task_file = TaskFile.model_validate({key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {first['loc'][0]} is {first['input']!r}.", f"{first['msg']}.") from error
    return task_file.model_copy(
        update={
            "env": _pack_from(path.parent, task_file.env),
            "metric": _file_from(path.parent, task_file.metric),
            "seed_reward": task_file.seed_reward and str(path.parent / task_file.seed_reward),
        }
    )


def task_file_text(env: EnvSpec, name: str, tasks: list[TaskSpec], task: str | None) -> str:
    """A commented task file for an environment.

    Args:
        name: of the environment, as `--env` takes it.
        tasks: that it comes with.
        task: the one to write; None: the first, or a text and a metric of one's own where there is none.
    """
    chosen = next((one for one in tasks if one.name == task), None) or (tasks[0] if tasks else None)
    environment = template_environment()
    environment.filters |= {"yaml": _scalar, "plain": plain_line}
    example = example_metric(env)
    return environment.get_template(TEMPLATE).render(env=env, name=name, tasks=tasks, chosen=chosen, example=example)


def example_metric(env: EnvSpec) -> str:
    """An expression of the form that a metric has: it says nothing of any task."""
    field = next((field for field in env.fields if field.unit == "m/s"), env.fields[0])
    entry = f"[..., {', '.join('0' for _ in field.shape)}]" if field.shape else ""
    return f"mean({field.name}{entry})"


def _scalar(value: str) -> str:
    """A text as YAML reads it back, on one line; with anything in it that is not plain, in quotes and ASCII."""
    shown = plain(value) == value and "\n" not in value
    width = 10 * len(value) + 100  # no escape is longer
    dumped = yaml.safe_dump(value, allow_unicode=shown, width=width, default_style=None if shown else '"')
    return dumped.removesuffix("\n").removesuffix("\n...")


def _check_keys(path: Path, values: Mapping[Any, Any]) -> None:
    known = list(TaskFile.model_fields)
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise ConfigError(f"{path}: there is no key {key!r}.", f"{hint}Known: {', '.join(known)}.")


def _pack_from(folder: Path, env: str | None) -> str | None:
    """A pack beside the task file by its path; every other name as it is."""
    beside = folder / env if env else None
    return str(beside.resolve()) if beside is not None and (beside / "pack.py").is_file() else env


def _file_from(folder: Path, metric: str | None) -> str | None:
    return str(folder / metric) if metric is not None and metric.endswith(".py") else metric
