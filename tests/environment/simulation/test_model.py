"""One border around MuJoCo: its words, whatever it raises, and names in any encoding."""

from __future__ import annotations

from pathlib import Path

import mujoco
import pytest

from autoreward.environment.simulation.model import name_of, read_model
from autoreward.errors import EnvironmentFailedError

ONE = "<mujoco><worldbody><body name='{}'><joint/><geom size='1'/></body></worldbody></mujoco>"


def test_names_that_are_not_utf_8_are_readable(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(ONE.format("gr\u00f6n").encode("latin-1"))
    model = read_model(tmp_path / "a.xml")
    assert name_of(model, "body", 1) == "gr\ufffdn"
    assert name_of(model, "joint", 0) == ""


def test_a_urdf_and_a_compiled_model_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.urdf").write_text("<robot name='lamp'><link name='base'/></robot>")
    assert read_model(tmp_path / "a.urdf").nbody == 1
    mujoco.mj_saveModel(mujoco.MjModel.from_xml_string(ONE.format("b")), str(tmp_path / "b.mjb"), None)
    assert name_of(read_model(tmp_path / "b.mjb"), "body", 1) == "b"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xml", b"<mujoco><include file='gone.xml'/></mujoco>", "Error opening file 'gone.xml' Element 'include'"),
        ("a.xml", b"", "empty file"),
        ("a.xml", "<mujoco><include file='gr\u00f6n.xml'/></mujoco>".encode("latin-1"), "not UTF-8"),
        ("a.mjb", b"nothing", "a.mjb"),
    ],
)
def test_what_mujoco_says_is_the_error(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EnvironmentFailedError, match=words):
        read_model(tmp_path / name)
