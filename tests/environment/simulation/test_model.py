"""The model of a pack, and a file that MuJoCo cannot read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import EnvironmentFailedError


def test_it_is_compiled_afresh_every_time() -> None:
    pack = load_pack("inverted_pendulum")
    one, other = load_model(pack), load_model(pack)
    one.body_mass[:] = 7.0
    assert (other.body_mass != 7.0).all() and (one.nq, one.nu) == (2, 1)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "robot.xml").write_text("<mujoco><worldbody><geom/></worldbody>")
    with pytest.raises(EnvironmentFailedError, match=r"inverted_pendulum: MuJoCo cannot load robot\.xml"):
        load_model(replace(load_pack("inverted_pendulum"), model_path=tmp_path / "robot.xml"))
