"""The model file a person gives: read, understood by MuJoCo, and copied with everything it includes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mujoco

from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.export.model_files import export_model

_URDF_REMEDY = (
    "Convert it once: python -c \"import mujoco; mujoco.mj_saveLastXML('robot.xml', "
    "mujoco.MjModel.from_xml_path('{file}'))\"; then add what a URDF has not: an <actuator> section, a <freejoint/> if "
    "the robot is not bolted down, and a floor."
)


@dataclass(frozen=True)
class Source:
    """A model file that can become a pack."""

    file: Path
    model: Any  # mujoco.MjModel


def read_source(file: Path) -> Source:
    """Compile a person's MJCF file.

    Raises:
        UsageError: it is missing, a URDF, not understood by MuJoCo, or has nothing to learn with.
    """
    if not file.is_file():
        raise UsageError(f"--mjcf {file}: there is no such file.", "Give the path of an MJCF file (MuJoCo's XML).")
    _refuse_urdf(file)
    try:
        model = mujoco.MjModel.from_xml_path(str(file))
    except ValueError as error:
        raise UsageError(f"--mjcf {file}: MuJoCo cannot load it: {error}", "Correct it, then try again.") from error
    if model.nu == 0:
        raise UsageError(
            f"--mjcf {file}: the model has no actuators, so there is nothing to learn.",
            "Add an <actuator> section, for instance <motor joint='...'/> for each joint.",
        )
    if model.njnt == 0:
        raise UsageError(f"--mjcf {file}: the model has no joints, so nothing can move.", "Add joints to its bodies.")
    return Source(file, model)


def home_pose(source: Source, keyframe: str | None) -> tuple[list[float], str | None]:
    """qpos of a keyframe, and its name; of the one called "home" by default, else of the rest pose within joint limits.

    Raises:
        UnknownNameError: there is no such keyframe.
    """
    names = [source.model.key(index).name for index in range(source.model.nkey)]
    if keyframe is not None and keyframe not in names:
        raise UnknownNameError(f"keyframe in {source.file.name}", keyframe, [name for name in names if name])
    chosen = keyframe or ("home" if "home" in names else None)
    qpos = source.model.key_qpos[names.index(chosen)] if chosen is not None else _rest(source.model)
    return [float(value) for value in qpos], chosen


def copy_model(source: Source, pack: Path) -> str:
    """Copy the model and every file it needs into a pack, in their places relative to each other.

    Returns:
        The path of the copy, relative to the pack.

    Raises:
        UsageError: a file is missing or has an absolute path, or the copy does not load as the original does.
    """
    try:
        made, _ = export_model(pack, source.file)
        mujoco.MjModel.from_xml_path(str(pack / made))
    except EnvironmentFailedError as error:
        raise UsageError(f"--mjcf {source.file}: {error.message}", error.remedy) from error
    except ValueError as error:
        raise UsageError(
            f"--mjcf {source.file}: its copy does not load: {error}",
            "Name included files and meshes relative to the model, beside or below it.",
        ) from error
    return made


def _rest(model: Any) -> Any:
    """The rest pose, moved inside the limits of the joints: many models rest outside of them."""
    qpos = model.qpos0.copy()
    for index in range(model.njnt):
        scalar = int(model.jnt_type[index]) in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE)
        if scalar and model.jnt_limited[index]:
            entry = int(model.jnt_qposadr[index])
            qpos[entry] = min(max(qpos[entry], model.jnt_range[index, 0]), model.jnt_range[index, 1])
    return qpos


def _refuse_urdf(file: Path) -> None:
    try:
        root = ElementTree.parse(file).getroot().tag
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise UsageError(f"--mjcf {file}: it is not XML: {error}.", "Give an MJCF file (MuJoCo's XML).") from error
    if root == "robot" or file.suffix.lower() == ".urdf":
        raise UsageError(f"--mjcf {file}: this is a URDF, expected MJCF.", _URDF_REMEDY.format(file=file))
    if root != "mujoco":
        raise UsageError(f"--mjcf {file}: its root is <{root}>, expected <mujoco>.", "Give an MJCF file.")
