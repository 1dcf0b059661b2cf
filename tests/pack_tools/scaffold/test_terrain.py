"""Heights over a height field are those of a ray straight down, in numpy and in jax."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.pack_tools.scaffold import new_pack
from autoreward.pack_tools.scaffold.feet import find_ground
from tests.pack_tools.conftest import MODELS, ROBOTS, played
from tests.pack_tools.scaffold.anatomies import written

ROWS, COLUMNS = 5, 7
FIELD = '<geom name="hills" type="hfield" hfield="hills" pos="0.3 -0.2 0.05" {turned}/>'
HILLS = '<hfield name="hills" nrow="5" ncol="7" size="2 1.5 0.2 0.1" elevation="{}"/>'


def hills() -> str:
    numbers = np.random.default_rng(0).random(ROWS * COLUMNS).round(3)
    return HILLS.format(" ".join(map(str, numbers)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quadruped over hills."""
    made = tmp_path_factory.mktemp("hills")
    text = (MODELS / ROBOTS["quadruped"]).read_text()
    assert "<worldbody>" in text and 'type="plane"' in text
    text = text.replace("<worldbody>", f"<asset>{hills()}</asset><worldbody>{FIELD.format(turned='')}", 1)
    (made / "hilly.xml").write_text(text)
    new_pack(str(made / "hilly"), made / "hilly.xml")
    return made / "hilly"


def ray_height(model: mujoco.MjModel, data: mujoco.MjData, point: np.ndarray) -> float:
    """How high the point is over what a ray straight down meets first of the ground."""
    start, hit = np.array([point[0], point[1], 5.0]), np.array([-1], np.int32)
    model.geom_group[:] = np.where(model.geom_bodyid == 0, 0, 5)
    ground_only = np.array([1, 0, 0, 0, 0, 0], np.uint8)
    down = mujoco.mj_ray(model, data, start, np.array([0.0, 0.0, -1.0]), ground_only, 1, -1, hit)
    return float(point[2] - (5.0 - down))


def test_heights_of_base_and_feet_are_those_of_a_ray(folder: Path) -> None:
    pack = load_pack(str(folder))
    _, rollout, fields = played(pack, steps=30)
    model = load_model(pack)
    data = mujoco.MjData(model)
    for t, row in ((0, 0), (10, 1), (29, 3)):
        data.qpos[:] = rollout.after["qpos"][t, row]
        mujoco.mj_forward(model, data)
        assert fields["trunk_height"][t, row] == pytest.approx(ray_height(model, data, data.qpos[:3]), abs=1e-3)
        data.site_xpos[:] = rollout.after["site_xpos"][t, row]  # one substep old, as the field is
        for foot, name in enumerate(("front_left_foot", "front_right_foot", "rear_left_foot", "rear_right_foot")):
            over = ray_height(model, data, fields[f"{name}_position"][t, row]) - 0.025  # the sole below its site
            assert fields["foot_height"][t, row, foot] == pytest.approx(over, abs=2e-3)
    np.testing.assert_array_equal(fields["foot_contact"], (fields["foot_height"] < 0.01).astype(np.float32))


def test_the_ground_is_the_same_in_jax_and_beyond_its_edges(folder: Path) -> None:
    scope: dict[str, object] = {}
    exec((folder / "pack.py").read_text(), scope)  # noqa: S102
    ground = scope["ground_height"]
    assert callable(ground)
    points = np.random.default_rng(1).uniform(-3.0, 3.0, (200, 3))
    ours = ground(np, points)
    np.testing.assert_allclose(jax.jit(lambda place: ground(jnp, place))(points), ours, atol=1e-5)
    outside = np.abs(points[:, 0] - 0.3) > 2.0
    assert outside.any() and (ours[outside] == scope["OUTSIDE"]).all()


def test_a_turned_height_field_is_not_told() -> None:
    body = '<body name="hull"><freejoint/><geom size="0.05"/></body>'
    level = written(FIELD.format(turned="") + body, options=f"<asset>{hills()}</asset>")
    found = find_ground(level)
    assert found is not None and found.terrain is not None and len(found.terrain.heights) == ROWS
    assert found.height == pytest.approx(0.05, abs=0.2)
    turned = written(FIELD.format(turned='euler="0 0 30"') + body, options=f"<asset>{hills()}</asset>")
    assert find_ground(turned) is None
