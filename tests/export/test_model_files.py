"""A model is copied with everything it is made of, and loads as before."""

from __future__ import annotations

import shutil
from pathlib import Path

import mujoco
import numpy as np

from autoreward.export.model_files import export_model

ARM = Path(__file__).with_name("arm")


def test_includes_and_meshes_come_along(tmp_path: Path) -> None:
    shutil.copytree(ARM, tmp_path / "own")
    model, files = export_model(tmp_path / "out", tmp_path / "own" / "robot" / "scene.xml")
    assert model == "model/robot/scene.xml"
    assert {file.relative_to(tmp_path / "out" / "model").as_posix() for file in files} == {
        "robot/scene.xml",
        "robot/parts/bar.xml",
        "meshes/tip.obj",
    }
    shutil.rmtree(tmp_path / "own")
    copied = mujoco.MjModel.from_xml_path(str(tmp_path / "out" / model))
    original = mujoco.MjModel.from_xml_path(str(ARM / "robot" / "scene.xml"))
    np.testing.assert_array_equal(copied.body_inertia, original.body_inertia)
