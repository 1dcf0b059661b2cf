"""An exported pack stands on its own: what it imports from autoreward is written out in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack, pack_names
from autoreward.errors import EnvironmentFailedError
from autoreward.export.pack_file import pack_source

HOPPER = load_pack("hopper")


def run(pack: Pack, folder: Path) -> dict[str, Any]:
    """What the exported source of a pack defines."""
    (folder / "pack.py").write_bytes(pack_source(pack))
    return run_path(str(folder / "pack.py"))


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    """Hopper with one piece of its source replaced by another."""

    def change(old: str, new: str) -> Any:
        source = (HOPPER.folder / "pack.py").read_text()
        assert old in source
        folder = tmp_path / "changed"
        folder.mkdir(exist_ok=True)
        (folder / "pack.py").write_text(source.replace(old, new, 1))
        return SimpleNamespace(name="changed", folder=folder)

    return change


@pytest.mark.parametrize("name", pack_names())
def test_it_declares_the_same_and_imports_nothing_of_autoreward(name: str, tmp_path: Path) -> None:
    pack = load_pack(name)
    imported = [node.module for node in ast.parse(pack_source(pack)).body if isinstance(node, ast.ImportFrom)]
    assert imported == ["typing"]
    declared = run(pack, tmp_path)["FIELDS"]
    assert [*declared] == [field.name for field in pack.fields_declared]
    assert [facts["meaning"] for facts in declared.values()] == [field.meaning for field in pack.fields_declared]


def test_its_functions_are_the_packs(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = SimpleNamespace(
        qpos=rng.normal(size=(5, 6)),
        qvel=rng.normal(size=(5, 6)),
        geom_xpos=rng.normal(size=(5, 6, 3)),
        xquat=rng.normal(size=(5, 6, 4)),
    )
    exported = run(HOPPER, tmp_path)
    memory = exported["memory"](np, None, data, None)
    ours = HOPPER.fields(np, data, HOPPER.memory(np, None, data, None))  # type: ignore[misc]
    for name, array in exported["fields"](np, data, memory).items():
        np.testing.assert_array_equal(array, ours[name])


def test_it_runs_where_autoreward_cannot_be_imported(tmp_path: Path) -> None:
    (tmp_path / "pack.py").write_bytes(pack_source(HOPPER))
    code = "import sys; sys.modules['autoreward'] = None; import pack; assert pack.FIELDS['torso_up']['shape'] == (3,)"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_only_what_is_used_is_written_out(tmp_path: Path) -> None:
    defined = run(load_pack("inverted_pendulum"), tmp_path)
    assert {"vector", "uniform_start"} <= set(defined)
    assert not {"planar_torso", "body_axes", "joint_angles"} & set(defined)


def test_makers_that_another_one_calls_come_along(changed: Any) -> None:
    pack = changed("    vector,\n)", ")")  # no longer imported by name, but torso_velocities() calls it
    assert b"def vector" in pack_source(pack)


def test_a_pack_that_imports_nothing_is_copied_byte_for_byte(tmp_path: Path) -> None:
    text = b"TITLE = 'mine'\r\n"
    (tmp_path / "pack.py").write_bytes(text)
    assert pack_source(SimpleNamespace(name="mine", folder=tmp_path)) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "culprit"),
    [
        ("    vector,\n)", "    vector as triple,\n)", "vector"),
        ("    vector,\n)", "    vector,\n    sector,\n)", "sector"),
        ("FOOT = 4", "def vector(xp):\n    return xp\n\n\nFOOT = 4", "vector"),
        ("FOOT = 4", "FOOT = planar_torso = 4", "planar_torso"),
    ],
)
def test_what_would_not_work_alone_is_refused(changed: Any, old: str, new: str, culprit: str) -> None:
    with pytest.raises(EnvironmentFailedError, match=f"changed/pack.py cannot be exported: {culprit} of"):
        pack_source(changed(old, new))
