"""A model with all its files, copied so that it loads somewhere else exactly as here."""

from __future__ import annotations

import os
from pathlib import Path

from autoreward.ledger.files import write_atomic

FOLDER = "model"


def export_model(directory: Path, model: Path) -> tuple[str, list[Path]]:
    """Copy a model with its includes, meshes, textures and height fields into `directory/model/`.

    Returns:
        The path of the model from `directory`, and the files written.

    Raises:
        EnvironmentFailedError: MuJoCo cannot load the model, or it names a file by an absolute path.
        StorageError: the directory cannot be written.
    """
    from autoreward.environment.simulation.model_files import find_files, normal_path  # mujoco

    model, files = normal_path(model), find_files(model)
    root = Path(os.path.commonpath([file.parent for file in files]))
    written = []
    for file in files:
        target = directory / FOLDER / file.relative_to(root)
        write_atomic(target, file.read_bytes())
        written.append(target)
    return f"{FOLDER}/{model.relative_to(root).as_posix()}", written
