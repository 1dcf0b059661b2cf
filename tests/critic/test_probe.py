"""The probe judges outputs alone: each finding from arrays written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autoreward.critic.batches import WIDE_ROWS, probe_rows
from autoreward.critic.probe import differing, orders, probe_findings
from autoreward.records import CompiledReward
from tests.reward.robot import ROBOT, transitions

ROWS, REAL = 20, 12
REWARD = CompiledReward(weights={"a": 1.0, "b": 0.5}, inputs=("action",), program=b"", digest="")


def outputs(terms: np.ndarray) -> list[dict[str, Any]]:
    """The calls of a well-behaved program."""
    many, *others = (terms[order] for order in orders(ROWS))
    return [{"terms": many}, {"terms": many.copy()}, *({"terms": other} for other in others)]


def varied() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)


def found(calls: list[dict[str, Any]], twin: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in probe_findings(REWARD, calls, ROWS, REAL, twin or {})]


def test_a_good_program_has_no_findings() -> None:
    terms = varied()
    assert found(outputs(terms), {"terms": terms}) == []


def test_not_finite_on_real_states() -> None:
    terms = varied()
    terms[3, 1] = np.nan
    assert found(outputs(terms)) == [("probe.finite", "error")]


def test_not_finite_on_wide_states() -> None:
    terms = varied()
    terms[REAL + 1, 0] = np.inf
    assert found(outputs(terms)) == [("probe.wide", "error")]


def test_constant_everywhere_and_constant_term() -> None:
    terms = varied()
    terms[:, 1] = 1.0
    assert found(outputs(terms)) == [("probe.constant_term", "warning")]
    assert found(outputs(np.ones((ROWS, 2), np.float32))) == [("probe.constant", "error")]


def test_a_term_that_varies_by_rounding_alone_is_constant() -> None:
    terms = varied()
    terms[:, 1] = np.float32(5.0) + np.float32(4e-6) * (np.arange(ROWS) % 2)  # 8e-7 of 5
    assert found(outputs(terms)) == [("probe.constant_term", "warning")]
    terms[:, 1] = np.float32(5.0) + np.float32(1e-5) * (np.arange(ROWS) % 2)  # 2e-6 of 5
    assert found(outputs(terms)) == []


def test_flat_on_real_states() -> None:
    terms = varied()
    terms[:REAL] = 0.0
    assert found(outputs(terms)) == [("probe.flat", "warning")]


def test_two_equal_calls_that_differ() -> None:
    calls = outputs(varied())
    calls[1]["terms"][0, 0] += np.float32(1e-6)
    assert found(calls) == [("probe.deterministic", "error")]


@pytest.mark.parametrize("call", [2, 3, 4, 5])
def test_rows_that_depend_on_other_rows(call: int) -> None:
    calls = outputs(varied())
    calls[call] = {"terms": calls[call]["terms"] + np.float32(0.05) * np.ptp(varied(), axis=0)}
    assert ("probe.rows", "error") in found(calls)


def test_what_magnifies_rounding_is_no_dependence() -> None:
    """sin(300 x) of a sum: XLA adds in another order for another number of rows."""
    calls = outputs(varied())
    calls[3] = {"terms": calls[3]["terms"] + np.float32(0.01) * np.ptp(varied(), axis=0)}
    assert found(calls) == []


def test_the_twin_may_differ_by_rounding_only() -> None:
    terms = 1_000.0 * np.abs(varied()) + 1_000.0
    assert found(outputs(terms), {"terms": terms * np.float32(1 + 5e-6)}) == []
    assert found(outputs(terms), {"terms": terms * np.float32(1 + 2e-5)}) == [("probe.twin", "error")] * 2


def test_outputs_of_another_shape_are_no_outputs() -> None:
    with pytest.raises(ValueError, match="terms"):
        found(outputs(np.ones((ROWS, 3), np.float32)))


def test_differing_by_hand() -> None:
    nan = np.nan
    assert differing(np.array([1.0, nan, np.inf]), np.array([1.0, nan, np.inf])) is None
    assert differing(np.array([0.0, 1.0]), np.array([0.0, nan])) == 1
    assert differing(np.array([0.0, 5e-6]), np.array([0.0, 1e-5])) is None  # absolute below 1
    assert differing(np.array([0.0]), np.array([0.0, 0.0])) == 0


def test_wide_states_are_wider_than_the_declared_range_and_keep_their_sign() -> None:
    rows, real = probe_rows(transitions(50), ROBOT)
    wide = {name: array[real:] for name, array in rows.next_state.items()}
    assert real == 50
    assert len(wide["torso_velocity"]) == WIDE_ROWS
    assert wide["torso_velocity"].min() < -3.0  # declared -2 to 2, widened to -6 to 6
    assert wide["torso_velocity"].max() > 3.0
    assert wide["torso_height"].min() >= 0.0  # never negative in reality
    assert set(np.unique(wide["terminated"])) == {0.0, 1.0}
    assert "terminated" not in rows.state
    assert {array.dtype for array in rows.next_state.values()} == {np.dtype("float32")}
