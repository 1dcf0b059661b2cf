"""A candidate whose weights cannot be learned is refused alone: the others of its generation go on."""

from __future__ import annotations

from autoreward.config import DesignSettings
from autoreward.records import CompiledReward, Form, Verdict
from autoreward.search.candidates import refuse_uncombinable

WEIGHTS = {"forward": 1.0, "effort": -0.1}
REWARD = CompiledReward(weights=WEIGHTS, term_names=tuple(WEIGHTS), inputs=("action",), program=b"", digest="")
VERDICT = Verdict(candidate="g00c01", status="accepted", reward=REWARD, seconds=0.1, tier="strong")


def test_what_is_weighted_as_it_is_written_passes() -> None:
    product = VERDICT.model_copy(update={"reward": REWARD.model_copy(update={"form": Form(kind="product")})})
    assert refuse_uncombinable(VERDICT, DesignSettings()) == VERDICT
    assert refuse_uncombinable(product, DesignSettings()) == product
    assert refuse_uncombinable(VERDICT, DesignSettings(combine="ranked", rank="forward > effort")) == VERDICT


def test_a_form_that_is_no_sum_and_a_term_that_is_not_there_are_findings() -> None:
    product = VERDICT.model_copy(update={"reward": REWARD.model_copy(update={"form": Form(kind="product")})})
    for verdict, design, said in (
        (product, DesignSettings(combine="episodic"), "FORM is of kind 'product'"),
        (VERDICT, DesignSettings(combine="ranked", rank="forward > upright"), "no term named 'upright'"),
    ):
        refused = refuse_uncombinable(verdict, design)
        assert (refused.status, refused.reward) == ("refused", None)
        (finding,) = refused.findings
        assert finding.rule == "combine.program" and said in finding.message and finding.remedy
