"""What a random rollout tells of every field."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.random_rollout import open_environment


def test_entries_with_names_have_quantiles_of_their_own() -> None:
    hopper = open_environment("hopper")
    position = hopper.spec.field("torso_position")
    assert position is not None
    seen = hopper.transitions.next_state["torso_position"]
    for entry, quantiles in enumerate(position.quantiles):
        expected = np.quantile(seen[:, entry], (0.05, 0.5, 0.95))
        assert quantiles == pytest.approx(expected, rel=5e-3, abs=1e-6)
    x, _, z = position.quantiles
    assert x[2] < 0.5 and z[0] > 0.5  # apart from each other, unlike `low` and `high` of all three
    pitch = hopper.spec.field("torso_pitch")
    assert pitch is not None and pitch.quantiles == ()


@pytest.mark.parametrize(("env", "field"), [("hopper", "upright_time"), ("ant", "foot_turns"), ("ant", "time")])
def test_clocks_and_counters_can_never_be_inferred(env: str, field: str) -> None:
    declared = open_environment(env).spec.field(field)
    assert declared is not None and not declared.inferable and not declared.observable
