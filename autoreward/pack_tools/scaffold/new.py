"""`envs new`: writes a pack for a person's own robot, from its MJCF file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
from jinja2 import Environment

from autoreward.environment.simulation.model import mujoco_errors, name_of, read_model
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.export.model_files import export_model
from autoreward.ledger.outputs import check_free, output_errors
from autoreward.pack_tools.scaffold import text
from autoreward.pack_tools.scaffold.actuators import read_actuators
from autoreward.pack_tools.scaffold.anatomy import Vector, has_leaders, read_anatomy
from autoreward.pack_tools.scaffold.cautions import find_cautions
from autoreward.pack_tools.scaffold.contacts import add_contact_sensors
from autoreward.pack_tools.scaffold.plan import OBSERVE, Plan, plan_pack
from autoreward.pack_tools.scaffold.servos import SUFFIX, put_servos, read_spec
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
CONTROLS = ("position", "delta", "torque")
USUAL = ("home", "stand", "standing")  # names of keyframes that are an initial pose
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
    warnings: tuple[str, ...] = ()  # what a roboticist would look at


def new_pack(
    name: str,
    mjcf: Path,
    home: str | None = None,
    *,
    forward: str | None = None,
    commands: Sequence[str] = (),
    every: float | None = None,
    ends: Sequence[str] = (),
    control: str | None = None,
    contacts: bool = False,
    observe: Sequence[str] = (),
) -> NewPack:
    """Write a pack that runs at once.

    Args:
        name: its folder, new; the last part is the name of the environment.
        mjcf: the robot's model; it is copied into the pack with all that it includes.
        home: the keyframe of the initial pose, by name or number; by default the one called "home" or "stand", or the
            only one, else the model's rest pose.
        forward: a world axis, "x" or "-y"; by default along the base's own rail, else +x.
        commands: each "velocity", "heading", "target" or "orientation", the latter two also of an end or an object:
            "target:block". Drawn at each reset and shown to the policy.
        every: [s] after which commands are drawn anew within an episode.
        ends: names of sites, bodies or geoms that are the ends of the limbs; found by default.
        control: "position" for position servos at its joints, in place of motors or where it has no actuators; "delta"
            for the same, where an action moves the target of each servo; "torque" for motors in place of servos.
        contacts: fields for the contacts of each link, from sensors that are added to the copied model.
        observe: "velocity" or "height" of a free base, which the policy does not see by default: no sensor tells it.

    Raises:
        UsageError: a name is wrong or taken, or the model cannot be used.
        EnvironmentFailedError: MuJoCo cannot compute it.
        StorageError: the folder cannot be written.
    """
    folder = _free_folder(name)
    if forward is not None and forward not in FORWARD:
        raise UnknownNameError("axis", forward, FORWARD)
    if every is not None and (not commands or not every > 0):
        raise UsageError(
            f"--every {every:g}: expected a time above 0 [s], after which a command is drawn anew.",
            "Give it together with --command, or leave it.",
        )
    if control is not None and control not in CONTROLS:
        raise UnknownNameError("control", control, CONTROLS)
    for one in observe:
        if one not in OBSERVE:
            raise UnknownNameError("observation", one, OBSERVE)
    with mujoco_errors(Path(mjcf).name):
        source = _read_source(mjcf, control, contacts)
        pose = _read_home_pose(source, home)
        anatomy = read_anatomy(source.model, pose.qpos, pose.keyframe, ends, pose.ctrl)
        facing = FORWARD[forward] if forward is not None else None
        plan = plan_pack(anatomy, facing, commands, every, control == "delta", observe)
        warnings = (*pose.warnings, *find_cautions(anatomy))
    _write(folder, source, plan)
    tasks = tuple(one.name for one in plan.examples)
    return NewPack(folder, tasks, plan.fields, plan.observation, pose.keyframe, warnings)


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
    text: str | None = None  # of the changed model, which stands beside the copy of `file`


def _read_source(file: Path, control: str | None = None, contacts: bool = False) -> Source:
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
    has_servos = model.nu > 0 and all(one.kind == "position servo" for one in read_actuators(model, model.qpos0, None))
    acted = control in ("position", "torque") or (control == "delta" and not has_servos)
    if acted or contacts:
        spec = read_spec(file)
        if acted:
            put_servos(spec, file, model, motors=control == "torque")
        if contacts:
            add_contact_sensors(spec, model)
        changed = spec.compile()
        source = Source(file, changed, spec.to_xml())
        _check_actuated(file, changed)
        return source
    _check_actuated(file, model)
    return Source(file, model)


def _check_actuated(file: Path, model: Any) -> None:
    if model.nu == 0 and not has_leaders(model):
        urdf = _URDF_REMEDY.format(file=file) if file.suffix.lower() == ".urdf" else ""
        raise UsageError(
            f"--mjcf {file}: the model has no actuators, so there is nothing to learn.",
            urdf or "Give it servos: --actuate position. Or add an <actuator> section with <motor joint='...'/>.",
        )


@dataclass(frozen=True)
class Pose:
    """An initial pose."""

    qpos: list[float]
    keyframe: str | None  # its name, or its number; None: the rest pose of the model
    ctrl: list[float] | None  # the controls that belong to it, where the keyframe states any
    warnings: tuple[str, ...] = ()


def _read_home_pose(source: Source, asked: str | None) -> Pose:
    """The pose of a keyframe; of a usual one or the only one by default, else the rest pose within joint limits.

    Raises:
        UnknownNameError: there is no such keyframe.
    """
    model = source.model
    names = [name_of(model, "key", index) for index in range(model.nkey)]
    known = [*(name for name in names if name), *map(str, range(model.nkey))]
    if asked is not None and asked not in known:
        raise UnknownNameError(f"keyframe in {source.file.name}", asked, known)
    usual = next((name for name in USUAL if name in names), "0" if model.nkey == 1 else None)
    chosen = asked if asked is not None else usual
    if chosen is None:
        several = (
            f"The model has keyframes, none is called {' or '.join(USUAL[:2])}, and none is used: {', '.join(known)}."
        )
        return Pose([float(value) for value in _rest(model)], None, None, (several,) if model.nkey else ())
    index = names.index(chosen) if chosen in names else int(chosen)
    ctrl = [float(value) for value in model.key_ctrl[index]]
    qpos = [float(value) for value in model.key_qpos[index]]
    return Pose(qpos, names[index] or chosen, ctrl if any(ctrl) else None)


def _copy_model(source: Source, pack: Path) -> str:
    """Copy the model and every file it needs into a pack, in their places relative to each other.

    Returns:
        The path of the copy, relative to the pack.

    Raises:
        UsageError: a file has an absolute path, or the copy does not load.
    """
    try:
        copied, _ = export_model(pack, source.file)
        if source.text is not None:
            changed = (pack / copied).with_name(f"{Path(copied).stem}{SUFFIX}")
            changed.write_text(source.text, encoding="utf-8")
            copied = changed.relative_to(pack).as_posix()
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
