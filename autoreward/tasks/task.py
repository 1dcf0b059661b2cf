"""Tasks of a pack: a text, a success metric, and where there is one the reward a human expert wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.records import MetricSpec, TaskSpec
from autoreward.tasks.pack import Pack


def task_names(pack: Pack) -> list[str]:
    """The tasks a pack comes with."""
    return sorted(file.parent.name for file in (pack.folder / "tasks").glob("*/task.yaml"))


def load_task(pack: Pack, name: str) -> TaskSpec:
    """A task of a pack, with its text and metric.

    Raises:
        UnknownNameError: the pack has no such task.
        EnvironmentFailedError: its files are incomplete.
    """
    folder = pack.folder / "tasks" / name
    if not (folder / "task.yaml").is_file():
        raise UnknownNameError(f"task of {pack.name}", name, task_names(pack))
    facts = _facts(pack, folder)
    metric = MetricSpec(
        origin="task",
        code=_read(folder / "metric.py"),
        meaning=facts["meaning"],
        unit=facts["unit"],
        reference=facts["reference"],
    )
    return TaskSpec(env=pack.name, name=name, text=facts["text"], metric=metric)


def human_reward(pack: Pack, task: str | None) -> str | None:
    """Source of the reward a human expert wrote, a baseline that no designer sees; None where there is none."""
    if task is None:
        return None
    file = pack.folder / "tasks" / task / "human.py"
    return _read(file) if file.is_file() else None


def split_environment(env: str, task: str | None) -> tuple[str, str | None]:
    """`hopper/forward` is environment and task; a path to a pack stays whole.

    Raises:
        UsageError: the task is named twice, differently.
    """
    if "/" not in env or (Path(env).expanduser() / "pack.py").is_file():
        return env, task
    name, _, given = env.rpartition("/")
    if task is not None and task != given:
        raise UsageError(f"The task is named twice: {env!r} and --task {task!r}.", "Give it once.")
    return name, given


def _facts(pack: Pack, folder: Path) -> dict[str, Any]:
    facts = yaml.safe_load(_read(folder / "task.yaml"))
    missing = {"text", "meaning", "unit", "reference"} - set(facts or {})
    if missing:
        raise EnvironmentFailedError(
            f"{pack.name}: tasks/{folder.name}/task.yaml lacks {', '.join(sorted(missing))}.",
            "See envs/half_cheetah/tasks/forward/task.yaml.",
        )
    return dict(facts)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise EnvironmentFailedError(f"{file} cannot be read: {error.strerror}.") from error
