"""Contacts of each link, by sensors that are added to the copied model, against MuJoCo's own list of contacts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.pack_tools.conformance import check_pack
from autoreward.pack_tools.scaffold import new_pack
from autoreward.pack_tools.scaffold.contacts import contact_links
from tests.pack_tools.conftest import MODELS, played

Make = Callable[..., Pack]


def listed(model: Any, data: Any, body: int) -> tuple[bool, float]:
    """Whether a body touches anything, and the size of the net force on it, from the list of contacts."""
    touches, net = False, np.zeros(3)
    for index in range(data.ncon):
        contact, force = data.contact[index], np.zeros(6)
        bodies = [int(model.geom_bodyid[geom]) for geom in contact.geom]
        if body in bodies:
            mujoco.mj_contactForce(model, data, index, force)
            touches = True
            net += (1.0 if bodies[1] == body else -1.0) * contact.frame.reshape(3, 3).T @ force[:3]
    return touches, float(np.linalg.norm(net))


def test_contacts_are_those_of_the_list(make: Make) -> None:
    pack = make("quadruped", contacts=True)
    model, (_, rollout, fields) = load_model(pack), played(pack, steps=40)
    data = mujoco.MjData(model)
    names = next(field.components for field in pack.fields_declared if field.name == "link_contact")
    bodies = [model.body(name).id for name in contact_links(model)]
    assert len(names) == len(bodies) > 4
    data.qpos[:], data.qvel[:] = rollout.before["qpos"][0, 0], rollout.before["qvel"][0, 0]
    mujoco.mj_forward(model, data)
    seen = 0
    for t in range(int(rollout.ended[:, 0].argmax() or 40)):
        data.ctrl[:] = rollout.action[t, 0]
        mujoco.mj_step(model, data, pack.frame_skip)
        for place, body in enumerate(bodies):
            touches, force = listed(model, data, body)
            assert fields["link_contact"][t, 0, place] == touches
            assert fields["link_contact_force"][t, 0, place] == pytest.approx(force, rel=1e-3, abs=1e-3)
            seen += touches
    assert seen


@pytest.mark.thorough
def test_the_policy_does_not_see_them_and_the_pack_passes_its_suite(make: Make, tmp_path: Path) -> None:
    without = make("quadruped")
    new_pack(str(tmp_path / "felt"), MODELS / "quadruped.xml", contacts=True)
    felt = load_pack(str(tmp_path / "felt"))
    assert felt.observation_size == without.observation_size
    names = {field.name for field in felt.fields_declared} - {field.name for field in without.fields_declared}
    assert names == {"link_contact", "link_contact_force", "self_contact"}
    report = check_pack(str(felt.folder))
    assert report.passed, report.findings
