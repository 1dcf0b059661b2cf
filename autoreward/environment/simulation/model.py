"""The MuJoCo model of a pack."""

from __future__ import annotations

import mujoco

from autoreward.environment.pack import Pack
from autoreward.errors import EnvironmentFailedError


def load_model(pack: Pack) -> mujoco.MjModel:
    """The pack's MuJoCo model, freshly compiled from its MJCF file."""
    try:
        return mujoco.MjModel.from_xml_path(str(pack.model_path))
    except ValueError as error:
        raise EnvironmentFailedError(f"{pack.name}: MuJoCo cannot load {pack.model_path.name}: {error}") from error
