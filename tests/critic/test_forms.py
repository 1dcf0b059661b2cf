"""A form held against what its terms are, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.critic.forms import form_findings, with_reference
from autoreward.records import CompiledReward, Form

TERMS = np.float32([[1.0, 0.5], [3.0, 1.5], [5.0, -0.5], [9.0, 9.0]])  # the last row is no real state


def compiled(form: Form) -> CompiledReward:
    weights = {"speed": 2.0, "upright": 1.0}
    return CompiledReward(
        weights=weights, term_names=tuple(weights), inputs=("action",), program=b"", digest="", form=form
    )


def test_a_gate_beyond_0_and_1_is_named() -> None:
    (found,) = form_findings(compiled(Form(kind="gate", gates=("upright",))), TERMS, 3)
    assert (found.rule, found.severity) == ("probe.form", "warning")
    assert "'upright' is -0.5 to 1.5" in found.message
    assert not list(form_findings(compiled(Form(kind="gate", gates=("upright",))), TERMS[:1], 1))


def test_a_cost_in_a_least_or_a_root_is_named() -> None:
    costs = TERMS * np.float32([1.0, -1.0])
    (found,) = form_findings(compiled(Form(kind="min")), costs, 3)
    assert "'upright' pays less than 0 on 67% of real states" in found.message


def test_the_reference_is_what_random_actions_are_paid_unless_one_is_given() -> None:
    """2 * (1 + 3 + 5) / 3 + (0.5 + 1.5 - 0.5) / 3 = 6.5."""
    centred = with_reference(compiled(Form(kind="centred")), TERMS[:3])
    assert centred.form.reference == pytest.approx(6.5)
    given = compiled(Form(kind="centred", reference=1.0))
    assert with_reference(given, TERMS[:3]) is given
    assert with_reference(compiled(Form()), TERMS).form == Form()
