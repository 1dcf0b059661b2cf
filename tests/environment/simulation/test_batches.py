"""Batches of whichever MuJoCo is installed, and what is asked of its own; `make mujoco-next` runs it for real."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.simulation import batches
from autoreward.environment.simulation.batches import _OfMujoco, make_batch

BALL = '<mujoco><worldbody><body pos="0 0 1"><freejoint/><geom size=".1" mass="1"/></body></worldbody></mujoco>'


def test_some_of_a_batch_are_reset_and_derived() -> None:
    batch = make_batch(mujoco.MjModel.from_xml_string(BALL), 3, 1)
    height, place = batch.bind("qpos"), batch.bind("xpos")
    batch.reset()
    batch.step(nstep=10)
    fallen = float(height[1, 2])
    assert fallen < 1.0
    batch.reset(np.array([True, False, False]))
    assert height[:, 2].tolist() == [1.0, fallen, fallen]
    height[0, 2] = 3.0
    batch.forward(np.array([True, False, False]))
    assert place[0, 1, 2] == 3.0
    assert batch.bind("warning").shape[:1] == (3,)


class Stopped(RuntimeError):
    ids = np.array([2, 4])


class StandIn:
    """What is asked of mujoco.batch.Batch."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.warning = np.zeros((5, 7, 2))

    def reset(self, ids: Any, stage: int) -> None:
        self.asked.append((None if ids is None else ids.tolist(), stage))

    def step(self, nstep: int) -> None:
        raise Stopped("MuJoCo raised in 2 simulations (2, 4); simulation 2: no memory")

    def error(self, sim: int) -> str:
        return f"no memory for {sim}"


def test_that_of_mujoco_is_asked_by_ids_and_says_which_it_would_not_compute(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = StandIn()
    batch = _OfMujoco(inner)
    batch.reset()
    batch.reset(np.array([False, True, False, False, True]))
    assert inner.asked == [(None, 0), ([1, 4], 0)]
    assert batch.bind("warning") is inner.warning
    monkeypatch.setattr(batches, "mujoco_batch", type("module", (), {"SimulationError": Stopped}))
    with pytest.raises(RuntimeError, match=r"^sim 2: no memory for 2$"):
        batch.step(nstep=1)
