"""What a requirement means, and what is no requirement."""

from __future__ import annotations

import pytest

from autoreward.critic.requirements import read_requirements
from autoreward.errors import UnknownNameError, UsageError
from tests.reward.robot import ROBOT


def test_a_share_of_steps_and_a_mean() -> None:
    """At most 5 % of the steps may break the first; the second is in units of its limit, the third at least 1."""
    texts = [
        "torso_velocity[..., 0] <= 2 m/s in 95 %",
        "mean(sum(square(action))) <= 4",
        "mean(torso_up[..., 2]) >= 0.5",
    ]
    program = read_requirements(texts, ROBOT)
    share, power, up = program.requirements
    assert share.counts_steps and share.limit == pytest.approx(0.05)
    assert (power.counts_steps, power.limit, up.limit) == (False, 1.0, -1.0)
    assert '"require_0": jnp.where(next_state.torso_velocity[..., 0] > 2.0, 1.0, 0.0)' in program.source
    assert "(total(jnp.square(action))) * 0.25" in program.source
    assert "(next_state.torso_up[..., 2]) * -2.0" in program.source


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("torso_velocity", "is no requirement"),
        ("torso_velocity[..., 0] < 2", "is no requirement"),
        ("torso_velocity[..., 0] <= 2 rad in 95 %", "is in m/s, not in rad"),
        ("mean(torso_up[..., 2]) <= 0.3 in 95 %", "a mean is of one value and of all steps"),
        ("torso_up[..., 2] >= 0.3 in 0 %", "0 % of the steps"),
        ("torso_up. <= 1", "is no expression"),
    ],
)
def test_what_is_none_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_requirements([text], ROBOT)


def test_an_unknown_field_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="torso_velocty") as error:
        read_requirements(["torso_velocty[..., 0] <= 1"], ROBOT)
    assert "torso_velocity" in error.value.remedy
    with pytest.raises(UnknownNameError, match="averag"):
        read_requirements(["averag(torso_up) <= 1"], ROBOT)
