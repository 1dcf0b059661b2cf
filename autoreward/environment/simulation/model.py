"""MuJoCo models: the one place where a file is read, and where what MuJoCo says of it becomes an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import mujoco

from autoreward.environment.pack import Pack
from autoreward.errors import EnvironmentFailedError

BINARY = ".mjb"  # a compiled model, as `mj_saveModel` writes it
Kind = Literal["body", "joint", "geom", "site", "tendon", "actuator", "sensor", "key"]
_ADDRESSES: dict[Kind, str] = {
    "body": "name_bodyadr", "joint": "name_jntadr", "geom": "name_geomadr", "site": "name_siteadr",
    "tendon": "name_tendonadr", "actuator": "name_actuatoradr", "sensor": "name_sensoradr", "key": "name_keyadr",
}  # fmt: skip


def load_model(pack: Pack) -> mujoco.MjModel:
    """The pack's MuJoCo model, freshly compiled from its file.

    Raises:
        EnvironmentFailedError: MuJoCo cannot load it.
    """
    try:
        return read_model(pack.model_path)
    except EnvironmentFailedError as error:
        raise EnvironmentFailedError(f"{pack.name}: {error.message}", error.remedy) from error


def read_model(file: Path) -> mujoco.MjModel:
    """Whatever MuJoCo loads: MJCF, URDF, or a compiled model (`.mjb`).

    Raises:
        EnvironmentFailedError: it cannot be loaded; MuJoCo's own words say why.
    """
    read = mujoco.MjModel.from_binary_path if file.suffix.lower() == BINARY else mujoco.MjModel.from_xml_path
    try:
        return read(str(file))
    except UnicodeDecodeError as error:  # MuJoCo's message names something that is not UTF-8
        raise EnvironmentFailedError(
            f"MuJoCo cannot load {file.name}: it names something whose characters are not UTF-8.",
            "Save the file as UTF-8.",
        ) from error
    except (ValueError, RuntimeError, mujoco.FatalError, mujoco.UnexpectedError) as error:
        raise EnvironmentFailedError(f"MuJoCo cannot load {file.name}: {' '.join(str(error).split())}") from error


def refusal(env: str, words: str) -> EnvironmentFailedError:
    """The error for simulations that MuJoCo would not compute, in its own words."""
    memory = 'Give the model more memory: <size memory="100M"/>.'
    cure = memory if "memory" in words else "Correct the model, or where an episode starts."
    return EnvironmentFailedError(f"{env}: MuJoCo stopped the simulation: {words}", cure)


@contextmanager
def mujoco_errors(name: str) -> Iterator[None]:
    """Where a model is computed outside a batch: what MuJoCo raises is an error in its own words.

    Args:
        name: of the model, for a person.
    """
    try:
        yield
    except (mujoco.FatalError, mujoco.UnexpectedError) as error:
        raise refusal(name, " ".join(str(error).split())) from error


def name_of(model: Any, kind: Kind, index: int) -> str:
    """The name of a part of a model, "" where it has none; characters that are not UTF-8 are replaced."""
    start = int(getattr(model, _ADDRESSES[kind])[index])
    names: bytes = model.names
    return names[start : names.index(b"\0", start)].decode("utf-8", errors="replace")
