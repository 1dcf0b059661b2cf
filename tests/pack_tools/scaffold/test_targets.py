"""Actions that move the targets of servos, and motors in place of servos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import UsageError
from autoreward.pack_tools.conformance import check_pack
from autoreward.pack_tools.scaffold import new_pack
from autoreward.pack_tools.scaffold.targets import moved_targets
from tests.pack_tools.conftest import played
from tests.pack_tools.scaffold.anatomies import robot
from tests.pack_tools.scaffold.test_servos import written

Make = Callable[..., Pack]
MOTOR = '<motor joint="hip" gear="4" ctrlrange="-3 3"/>'


def test_targets_add_up_within_their_bounds(tmp_path: Path) -> None:
    new_pack(str(tmp_path / "leg"), written(tmp_path, "", MOTOR), control="delta")
    pack = load_pack(str(tmp_path / "leg"))
    ((low, high),) = pack.action_range or ()
    assert high == -low == pytest.approx(3.0 * pack.control_period, rel=1e-3)
    _, rollout, _ = played(pack)
    before, after = (one["servo_goal"] for one in (rollout.memory_before, rollout.memory_after))
    np.testing.assert_allclose(after, np.clip(before + rollout.action, -0.5, 0.5), atol=1e-6)
    np.testing.assert_allclose(before[0, :, 0], rollout.before["qpos"][0, :, 7])  # it begins where the joint is
    given = pack.control(np, None, {"servo_goal": before}, rollout.action)  # type: ignore[misc]
    np.testing.assert_allclose(given["ctrl"], after, atol=1e-6)


@pytest.mark.thorough
def test_such_a_pack_passes_its_suite(make: Make) -> None:
    report = check_pack(str(make("quadruped", control="delta", commands=("velocity",)).folder))
    assert report.passed, report.findings


def test_motors_take_the_place_of_servos(tmp_path: Path) -> None:
    file = written(tmp_path, "", '<position joint="hip" kp="20" forcerange="-5 5" ctrlrange="-1 1"/>')
    new_pack(str(tmp_path / "leg"), file, control="torque")
    pack = load_pack(str(tmp_path / "leg"))
    model: Any = load_model(pack)
    assert model.actuator_biastype.tolist() == [0] and model.actuator_gainprm[0, 0] == 1.0
    assert pack.action_range == ((-5.0, 5.0),)


def test_a_robot_without_servos_has_no_targets() -> None:
    with pytest.raises(UsageError, match="no actuator of this robot is a position servo"):
        moved_targets(robot("muscle"), 0.02)
