"""`design --shaping-only` from the command line to the exported file."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autoreward.ledger import list_runs
from tests.cli.conftest import DESIGN, autoreward


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("exported_shaping", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.thorough
def test_a_potential_is_designed_and_exported_with_its_gamma(tmp_path: Path) -> None:
    done = autoreward(tmp_path, *DESIGN, "--shaping-only", "--json")
    assert done.code == 0, done.err
    (folder,) = list_runs(tmp_path / "runs")
    for file in folder.glob("candidates/*/reward.py"):
        assert "def potential(state, params):" in file.read_text()
        assert "reward_terms" not in file.read_text()
    facts = json.loads((folder / "best" / "PROVENANCE.json").read_text())
    assert (facts["gamma"], facts["weights"], facts["has_potential"]) == (0.99, {}, True)
    assert facts["settings"]["design"]["shaping_only"] is True

    exported = load(folder / "best" / "reward.py")
    assert exported.GAMMA == 0.99
    before, after = ({name: np.full(shape, x) for name, shape in SHAPES.items()} for x in (0.1, 0.2))
    here, there = (phi(exported, state) for state in (before, after))
    action = np.zeros(1)
    assert exported.reward(before, action, after, terminated=False) == np.float32(0.99) * there - here
    assert exported.reward(before, action, after, terminated=True) == -here


SHAPES: dict[str, tuple[int, ...]] = {
    "pole_angle": (),
    "pole_up": (3,),
    "cart_position": (),
    "cart_velocity": (),
    "pole_angular_velocity": (),
}


def phi(exported: ModuleType, state: dict[str, np.ndarray]) -> np.float32:
    """The potential of the exported file itself, on one state."""
    record = exported._Record("state", exported._fields("state", state, 1))
    return np.float32(exported.plain(exported.potential(record, dict(exported.PARAMS)))[0])
