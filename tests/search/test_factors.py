"""The factors of a product beside its value: which of them closed the gate, evaluated where programs are run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autoreward.analyzer.factored_program import factored
from autoreward.environment.random_rollout import open_environment
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.records import Analysis, TermReport, TrajectoryTable
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.factors import add_factors

SOURCE = '''"""Fast while upright."""

WEIGHTS = {"gated": 2.0, "plain": 1.0}
PARAMS = {"pay": 0.5}
LIMIT = 0.2


def potential(state, params):
    return state.pole_angle


def reward_terms(state, action, next_state, params):
    upright = jnp.maximum(LIMIT - jnp.abs(next_state.pole_angle), 0.0)
    gated = params["pay"] * next_state.cart_velocity * upright
    return {"gated": gated, "plain": next_state.cart_position}
'''


def report(name: str) -> TermReport:
    facts: dict[str, Any] = dict(weight=1.0, share=0.5, low=0.0, high=1.0, start=0.0, end=1.0, correlation=None)
    return TermReport(name=name, **facts)


def analysis(table: TrajectoryTable) -> Analysis:
    return Analysis(
        candidate="c", fitness=None, progress=None, curve=(), terms=(report("gated"), report("plain")),
        total_correlation=None, episode_length=None, symptoms=(), trajectories=(table,),
    )  # fmt: skip


def test_factors_stand_at_the_moments_of_the_table(sandbox: Sandbox) -> None:
    opened = open_environment("inverted_pendulum", "balance")
    steps = 4
    fields = {name: array[:steps] for name, array in opened.transitions.next_state.items()}
    fields["time"] = np.arange(1, steps + 1) * 0.04
    recording = MemberRecording("c", 0, trajectories={"best": Trajectory(fields, opened.transitions.action[:steps])})
    table = TrajectoryTable(
        label="best: success 1, 4 steps", columns=("time [s]", "value of gated"), rows=((0.08, 7.0), (0.16, 8.0))
    )
    (told,) = add_factors(analysis(table), SOURCE, [recording], opened.spec, sandbox).trajectories
    assert told.columns[2:] == ("value of gated, factor next_state.cart_velocity", "value of gated, factor upright")
    for row, step in zip(told.rows, (1, 3), strict=True):
        upright = max(0.2 - abs(float(fields["pole_angle"][step])), 0.0)
        assert row[2:] == pytest.approx((float(fields["cart_velocity"][step]), upright), abs=1e-6)


@pytest.mark.parametrize(
    "gated",
    ["next_state.cart_velocity", "2.0 * next_state.cart_velocity", 'params["pay"] * 3.0', "no Python at all ("],
)
def test_what_is_no_product_of_two_quantities_has_no_factors(gated: str) -> None:
    assert (
        factored(
            SOURCE.replace('    gated = params["pay"] * next_state.cart_velocity * upright', f"    gated = {gated}"),
            ["gated"],
        )
        is None
    )


def test_a_product_inside_a_condition_is_found() -> None:
    nested = SOURCE.replace(
        'params["pay"] * next_state.cart_velocity * upright',
        "jnp.where(upright > 0.0, upright * next_state.cart_velocity, 0.0)",
    )
    found = factored(nested, ["plain", "gated"])
    assert found is not None
    assert list(found.columns.values()) == ["gated, factor upright", "gated, factor next_state.cart_velocity"]
    assert "potential" not in found.source and "LIMIT = 0.2" in found.source


def test_a_factor_of_two_terms_is_shown_once() -> None:
    twice = SOURCE.replace('"plain": next_state.cart_position', '"plain": upright * next_state.cart_position')
    found = factored(twice, ["gated", "plain"])
    assert found is not None
    assert list(found.columns.values()) == [
        "gated, factor next_state.cart_velocity", "gated, factor upright", "plain, factor next_state.cart_position"
    ]  # fmt: skip
