"""What is told of how far trained policies went: entries beyond random motion, the farthest, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.analyzer.reached import reached
from autoreward.recordings import MemberRecording
from autoreward.records import EnvSpec, FieldSpec

FIELDS = (
    FieldSpec(name="speed", unit="m/s", meaning="s", low=-1.0, high=1.0),
    FieldSpec(
        name="place", shape=(2,), unit="m", components=("x", "z"), meaning="p", low=-2.0, high=2.0,
        quantiles=((-1.0, 0.0, 1.0), (0.4, 0.5, 0.6)),
    ),
)  # fmt: skip


def paths(speed: float, x: float, z: float) -> MemberRecording:
    """Two episodes in which every entry grows from 0 to a value."""
    grows = np.linspace(0.0, 1.0, 101)
    place = np.stack([x * grows, np.full(101, z)], axis=-1)
    return MemberRecording("c", 0, paths={"speed": np.stack([speed * grows] * 2), "place": np.stack([place] * 2)})


def test_quantiles_over_all_members_of_what_left_the_range_of_random_motion(env: EnvSpec) -> None:
    told = reached([paths(6.0, 100.0, 0.5)], env.model_copy(update={"fields": FIELDS}))
    assert [(one.entry, one.unit) for one in told] == [("speed", "m/s"), ("place.x", "m")]  # z stayed where it was
    assert told[0].quantiles == pytest.approx((0.3, 3.0, 5.7))
    assert told[1].quantiles == pytest.approx((5.0, 50.0, 95.0))


def test_what_random_motion_reaches_too_is_not_told(env: EnvSpec) -> None:
    assert reached([paths(1.2, 1.2, 0.5)], env.model_copy(update={"fields": FIELDS})) == ()
    assert reached([], env.model_copy(update={"fields": FIELDS})) == ()
