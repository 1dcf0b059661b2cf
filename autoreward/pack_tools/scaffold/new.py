"""`envs new`: writes a pack for a person's own robot, from its MJCF file."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
from jinja2 import Environment

from autoreward.environment.simulation.model import name_of, read_model
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.export.model_files import export_model
from autoreward.ledger.outputs import check_free, output_errors
from autoreward.pack_tools.scaffold import text
from autoreward.pack_tools.scaffold.anatomy import Vector, read_anatomy
from autoreward.pack_tools.scaffold.plan import Command, Plan, plan_pack
from autoreward.templates import template_environment

FORWARD: dict[str, Vector] = {
    "x": (1.0, 0.0, 0.0),
    "-x": (-1.0, 0.0, 0.0),
    "y": (0.0, 1.0, 0.0),
    "-y": (0.0, -1.0, 0.0),
    "z": (0.0, 0.0, 1.0),
    "-z": (0.0, 0.0, -1.0),
}
ELSEWHERE = "Choose another NAME, which may be a path."
COMMANDS: tuple[Command, ...] = ("velocity", "target")
_URDF_REMEDY = (
    "Convert it once: python -c \"import mujoco; mujoco.mj_saveLastXML('robot.xml', "
    "mujoco.MjModel.from_xml_path('{file}'))\"; then add what a URDF has not: an <actuator> section, a <freejoint/> if "
    "the robot is not bolted down, and a floor."
)


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
    source = _read_source(mjcf)
    pose, keyframe = _read_home_pose(source, home)
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
    check_free(folder, ELSEWHERE)
    return folder


def _write(folder: Path, source: Source, plan: Plan) -> None:
    """The whole pack under a temporary name first: there is never half of one."""
    with output_errors(folder, ELSEWHERE):
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            half.chmod(0o755)
            model = _copy_model(source, half)
            _render(half, folder.name, source, plan, model)
            half.rename(folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)


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


@dataclass(frozen=True)
class Source:
    """A model file that can become a pack."""

    file: Path
    model: Any  # mujoco.MjModel


def _read_source(file: Path) -> Source:
    """Compile a person's model: MJCF, URDF, or a compiled one.

    Raises:
        UsageError: it is missing, not understood by MuJoCo, or has nothing to learn with.
    """
    if not file.is_file():
        raise UsageError(f"--mjcf {file}: there is no such file.", "Give the path of an MJCF file (MuJoCo's XML).")
    try:
        model = read_model(file)
    except EnvironmentFailedError as error:
        raise UsageError(f"--mjcf {file}: {error.message}", error.remedy or "Correct it, then try again.") from error
    if model.njnt == 0:
        raise UsageError(f"--mjcf {file}: the model has no joints, so nothing can move.", "Add joints to its bodies.")
    if model.nu == 0:
        urdf = _URDF_REMEDY.format(file=file) if file.suffix.lower() == ".urdf" else ""
        raise UsageError(
            f"--mjcf {file}: the model has no actuators, so there is nothing to learn.",
            urdf or "Add an <actuator> section, for instance <motor joint='...'/> for each joint.",
        )
    return Source(file, model)


def _read_home_pose(source: Source, keyframe: str | None) -> tuple[list[float], str | None]:
    """qpos of a keyframe, and its name; of the one called "home" by default, else of the rest pose within joint limits.

    Raises:
        UnknownNameError: there is no such keyframe.
    """
    names = [name_of(source.model, "key", index) for index in range(source.model.nkey)]
    if keyframe is not None and keyframe not in names:
        raise UnknownNameError(f"keyframe in {source.file.name}", keyframe, [name for name in names if name])
    chosen = keyframe or ("home" if "home" in names else None)
    qpos = source.model.key_qpos[names.index(chosen)] if chosen is not None else _rest(source.model)
    return [float(value) for value in qpos], chosen


def _copy_model(source: Source, pack: Path) -> str:
    """Copy the model and every file it needs into a pack, in their places relative to each other.

    Returns:
        The path of the copy, relative to the pack.

    Raises:
        UsageError: a file has an absolute path, or the copy does not load.
    """
    try:
        copied, _ = export_model(pack, source.file)
        read_model(pack / copied)
    except EnvironmentFailedError as error:
        raise UsageError(
            f"--mjcf {source.file}: it cannot be copied: {error.message}",
            error.remedy or "Name included files and meshes relative to the model, beside or below it.",
        ) from error
    return copied


def _rest(model: Any) -> Any:
    """The rest pose, moved inside the limits of the joints: many models rest outside of them."""
    qpos = model.qpos0.copy()
    for index in range(model.njnt):
        scalar = int(model.jnt_type[index]) in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE)
        if scalar and model.jnt_limited[index]:
            entry = int(model.jnt_qposadr[index])
            qpos[entry] = min(max(qpos[entry], model.jnt_range[index, 0]), model.jnt_range[index, 1])
    return qpos
