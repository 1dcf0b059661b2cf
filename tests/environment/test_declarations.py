"""What a pack declares, held against its model and its functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.declarations import action_range, check_drawn, check_field, check_names
from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.simulation.model import load_model
from autoreward.errors import EnvironmentFailedError


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("inverted_pendulum")


def test_the_range_of_the_model_or_of_the_pack(pack: Pack) -> None:
    model = load_model(pack)
    own = action_range(replace(pack, action_range=None), model)
    np.testing.assert_array_equal(own.low, model.actuator_ctrlrange[:, 0].astype(np.float32))
    stated = action_range(replace(pack, action_range=((-0.5, 2.0),)), model)
    assert (stated.low.tolist(), stated.high.tolist()) == ([-0.5], [2.0])


@pytest.mark.parametrize(
    "stated", [((1.0, 0.0),), ((0.0, 0.0),), ((0.0, np.inf),), (), ((0.0, 1.0),) * 2, (("a", "b"),)]
)
def test_a_range_that_is_none(pack: Pack, stated: Any) -> None:
    with pytest.raises(EnvironmentFailedError, match=r"expected 1 pairs \(low, high\)") as error:
        action_range(replace(pack, action_range=stated), load_model(pack))
    assert error.value.remedy


def test_fields_are_those_that_are_declared(pack: Pack) -> None:
    names = [field.name for field in pack.fields_declared]
    check_names(pack, names)
    for wrong in ([*names, "extra"], names[1:]):
        with pytest.raises(EnvironmentFailedError, match=r"fields\(\) and FIELDS differ in names"):
            check_names(pack, wrong)
    check_field(pack, "pole_angle", (4,), (4,))
    with pytest.raises(EnvironmentFailedError, match=r"gives pole_angle the shape \(4, 1\), FIELDS declares \(4,\)"):
        check_field(pack, "pole_angle", (4, 1), (4,))


def test_what_is_drawn_has_a_place_in_the_memory(pack: Pack) -> None:
    kept = replace(pack, memory_in_step=True)
    check_drawn(kept, {"command": 1}, {"command": 1, "other": 2})
    for one, memory in ((kept, {}), (replace(pack, memory_in_step=False), {"command": 1})):
        with pytest.raises(EnvironmentFailedError, match=r"reset\(\) draws \['command'\]"):
            check_drawn(one, {"command": 1}, memory)
