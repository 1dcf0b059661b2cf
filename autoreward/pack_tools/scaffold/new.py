"""`envs new`: writes a pack for a person's own robot, from its MJCF file."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from autoreward.errors import StorageError, UnknownNameError, UsageError
from autoreward.pack_tools.scaffold import text
from autoreward.pack_tools.scaffold.anatomy import Vector, read_anatomy
from autoreward.pack_tools.scaffold.plan import Command, Plan, plan_pack
from autoreward.pack_tools.scaffold.source import Source, copy_model, home_pose, read_source
from autoreward.templates import template_environment

FORWARD: dict[str, Vector] = {
    "x": (1.0, 0.0, 0.0),
    "-x": (-1.0, 0.0, 0.0),
    "y": (0.0, 1.0, 0.0),
    "-y": (0.0, -1.0, 0.0),
    "z": (0.0, 0.0, 1.0),
    "-z": (0.0, 0.0, -1.0),
}
COMMANDS: tuple[Command, ...] = ("velocity", "target")


@dataclass(frozen=True)
class NewPack:
    """A pack that was written."""

    folder: Path
    tasks: tuple[str, ...]
    fields: int
    observation: int
    home: str | None  # the keyframe of the initial pose


def new_pack(
    name: str, mjcf: Path, home: str | None = None, *, forward: str | None = None, command: str | None = None
) -> NewPack:
    """Write a pack that runs at once.

    Args:
        name: its folder, new; the last part is the name of the environment.
        mjcf: the robot's model; it is copied into the pack with all that it includes.
        home: the keyframe of the initial pose; by default the one called "home", else the model's rest pose.
        forward: a world axis, "x" or "-y"; by default along the base's own rail, else +x.
        command: "velocity" or "target": drawn at each reset and shown to the policy.

    Raises:
        UsageError: a name is wrong or taken, or the model cannot be used.
        StorageError: the folder cannot be written.
    """
    folder = _free_folder(name)
    chosen = next((one for one in COMMANDS if one == command), None)
    if command is not None and chosen is None:
        raise UnknownNameError("command", command, COMMANDS)
    if forward is not None and forward not in FORWARD:
        raise UnknownNameError("axis", forward, FORWARD)
    source = read_source(mjcf)
    pose, keyframe = home_pose(source, home)
    anatomy = read_anatomy(source.model, pose, keyframe)
    plan = plan_pack(anatomy, FORWARD[forward] if forward is not None else None, chosen)
    _write(folder, source, plan)
    return NewPack(folder, tuple(one.name for one in plan.examples), plan.fields, plan.observation, keyframe)


def _free_folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.name.isidentifier():
        raise UsageError(
            f"{folder.name!r} is no name for an environment: expected letters, digits and underscores.",
            "For instance my_robot.",
        )
    if folder.exists():
        raise UsageError(f"{folder} exists already, and nothing is overwritten.", "Choose another name, or move it.")
    return folder


def _write(folder: Path, source: Source, plan: Plan) -> None:
    """The whole pack under a temporary name first: there is never half of one."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            half.chmod(0o755)
            model = copy_model(source, half)
            _render(half, folder.name, source, plan, model)
            half.rename(folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.", "Choose another place.") from error


def _render(half: Path, name: str, source: Source, plan: Plan, model: str) -> None:
    templates = _templates()
    values = {**plan.values, "name": name, "source": source.file.name, "model": model}
    (half / "pack.py").write_text(
        templates.get_template("pack_tools/scaffold/pack.py.j2").render(values), encoding="utf-8"
    )
    for example in plan.examples:
        task = half / "tasks" / example.name
        task.mkdir(parents=True)
        for file in ("metric.py", "task.yaml"):
            written = templates.get_template(f"pack_tools/scaffold/{file}.j2").render(task=example)
            (task / file).write_text(written, encoding="utf-8")


def _templates() -> Environment:
    templates = template_environment()
    templates.filters |= {
        "literal": text.literal,
        "number": text.number,
        "tuple": text.numbers,
        "literal_tuple": text.strings,
        "long_tuple": text.long_numbers,
        "long_text": text.long_text,
        "facts": text.facts,
    }
    return templates
