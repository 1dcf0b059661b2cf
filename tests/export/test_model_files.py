"""A model is copied with everything it is made of, and loads as before."""

from __future__ import annotations

import shutil
from pathlib import Path

import mujoco
import numpy as np
import pytest

from autoreward.errors import EnvironmentFailedError
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


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<mujoco><include file='gone.xml'/></mujoco>", "gone.xml, which is not in"),
        ("<mujoco><asset><mesh file='/opt/a.stl'/></asset></mujoco>", "/opt/a.stl, an absolute path"),
        ("<mujoco><asset><texture file='sky.png'/></asset><compiler texturedir='t'/></mujoco>", "t/sky.png, which"),
        ("<mujoco>", "is not XML"),
    ],
)
def test_what_cannot_be_copied_is_named(tmp_path: Path, xml: str, words: str) -> None:
    (tmp_path / "scene.xml").write_text(xml)
    with pytest.raises(EnvironmentFailedError, match=words):
        export_model(tmp_path / "out", tmp_path / "scene.xml")


def test_builtin_textures_need_no_file(tmp_path: Path) -> None:
    (tmp_path / "scene.xml").write_text("<mujoco><asset><texture name='sky' builtin='flat'/></asset></mujoco>")
    assert export_model(tmp_path / "out", tmp_path / "scene.xml")[0] == "model/scene.xml"
