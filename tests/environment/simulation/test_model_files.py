"""The files that MuJoCo asks for are found, whatever leads to them, and a copy of them loads."""

from __future__ import annotations

import shutil
from pathlib import Path

import mujoco
import pytest

from autoreward.errors import EnvironmentFailedError
from autoreward.export.model_files import export_model


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<mujoco><include file='gone.xml'/></mujoco>", "Error opening file .gone.xml"),
        ("<mujoco><asset><mesh file='/opt/a.stl'/></asset></mujoco>", "Error opening file ./opt/a.stl"),
        (
            "<mujoco><asset><texture file='s.png'/></asset><compiler texturedir='t'/></mujoco>",
            "opening file .t/s.png",
        ),
        ("<mujoco>", "XML parse error"),
    ],
)
def test_what_cannot_be_copied_is_named(tmp_path: Path, xml: str, words: str) -> None:
    (tmp_path / "scene.xml").write_text(xml)
    with pytest.raises(EnvironmentFailedError, match=words):
        export_model(tmp_path / "out", tmp_path / "scene.xml")


def test_builtin_textures_need_no_file(tmp_path: Path) -> None:
    texture = "<texture name='sky' builtin='flat' width='2' height='2'/>"
    (tmp_path / "scene.xml").write_text(f"<mujoco><asset>{texture}</asset></mujoco>")
    assert export_model(tmp_path / "out", tmp_path / "scene.xml")[0] == "model/scene.xml"


MESH = "".join(f"v {x} {y} {z}\n" for x, y, z in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)))
BODY = "<worldbody><body><joint/><geom type='mesh' mesh='t' mass='1'/></body></worldbody>"
TET = "<asset><mesh name='t' file='{}'/></asset>" + BODY
ATTACHED = "<mujoco><asset><model name='arm' file='arm/arm.xml'/></asset><worldbody><body name='mount'>"
ATTACHED += "<attach model='arm' body='link' prefix='r_'/></body></worldbody></mujoco>"
ARM_OF_ITS_OWN = "<mujoco><compiler meshdir='parts'/><asset><mesh name='t' file='tet.obj'/></asset><worldbody>"
ARM_OF_ITS_OWN += "<body name='link'><joint/><geom type='mesh' mesh='t' mass='1'/></body></worldbody></mujoco>"


@pytest.mark.parametrize(
    ("texts", "mesh"),
    [
        ({"a.xml": "<mujoco><!------ legs ------>" + TET.format("tet.obj") + "</mujoco>"}, "tet.obj"),
        ({"a.xml": "\n<?xml version='1.0'?>\n<mujoco>" + TET.format("tet.obj") + "</mujoco>"}, "tet.obj"),
        (
            {"a.xml": "<mujoco><compiler strippath='true' meshdir='m'/>" + TET.format("C:/x/tet.obj") + "</mujoco>"},
            "m/tet.obj",
        ),
        (
            {"a.xml": "<mujoco><include file='b.xml'/><compiler meshdir='m'/></mujoco>",
             "b.xml": "<mujoco>" + TET.format("tet.obj") + "</mujoco>"},
            "m/tet.obj",
        ),
        ({"a.xml": ATTACHED, "arm/arm.xml": ARM_OF_ITS_OWN}, "arm/parts/tet.obj"),
    ],
)  # fmt: skip
def test_what_mujoco_loads_is_copied(tmp_path: Path, texts: dict[str, str], mesh: str) -> None:
    own = tmp_path / "own"
    for name, text in {**texts, mesh: MESH}.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text)
    model, files = export_model(tmp_path / "out", own / "a.xml")
    assert {file.relative_to(tmp_path / "out" / "model").as_posix() for file in files} == {*texts, mesh}
    shutil.rmtree(own)
    assert mujoco.MjModel.from_xml_path(str(tmp_path / "out" / model)).nmesh == 1


@pytest.mark.parametrize("included", [True, False])
def test_an_absolute_path_that_leads_somewhere_is_refused(tmp_path: Path, included: bool) -> None:
    (tmp_path / "tet.obj").write_text(MESH)
    (tmp_path / "b.xml").write_text("<mujoco>" + TET.format("tet.obj") + "</mujoco>")
    inside = f"<include file='{tmp_path}/b.xml'/>" if included else TET.format(tmp_path / "tet.obj")
    (tmp_path / "a.xml").write_text(f"<mujoco>{inside}</mujoco>")
    with pytest.raises(EnvironmentFailedError, match="by an absolute path"):
        export_model(tmp_path / "out", tmp_path / "a.xml")


def test_letters_that_are_not_utf_8_and_compiled_models(tmp_path: Path) -> None:
    body = "<worldbody><body name='b'><joint/><geom size='1'/></body></worldbody>"
    text = f"<mujoco><!-- Gr\u00f6\u00dfe -->{body}</mujoco>"
    (tmp_path / "a.xml").write_bytes(text.encode("latin-1"))
    assert export_model(tmp_path / "out", tmp_path / "a.xml")[0] == "model/a.xml"
    mujoco.mj_saveModel(mujoco.MjModel.from_xml_path(str(tmp_path / "a.xml")), str(tmp_path / "a.mjb"), None)
    assert export_model(tmp_path / "out", tmp_path / "a.mjb")[0] == "model/a.mjb"
