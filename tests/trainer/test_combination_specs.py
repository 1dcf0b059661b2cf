"""What --combine and --rank mean for one program, and what of it is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from autoreward.config import DesignSettings
from autoreward.errors import UnknownNameError, UsageError
from autoreward.records import CombinationSpec, CompiledReward, Form
from autoreward.trainer.combination_specs import combination_of, read_rank

WEIGHTS = {"forward": 1.0, "upright": 0.5, "effort": -0.1}
REWARD = CompiledReward(weights=WEIGHTS, term_names=tuple(WEIGHTS), inputs=("action",), program=b"", digest="")


def test_a_rank_has_margins_and_the_direction_of_the_weights() -> None:
    assert [one.better for one in read_rank("-forward > effort", REWARD)] == ["less", "less"]
    factors = read_rank(" forward > upright 0.2>effort .1 ", REWARD)
    assert [(one.term, one.margin, one.better) for one in factors] == [
        ("forward", 0.5, "more"),
        ("upright", 0.2, "more"),
        ("effort", 0.1, "less"),
    ]


@pytest.mark.parametrize("text", ["forward >", "forward > upright x", "forward, upright", "forward > forward"])
def test_what_is_no_rank_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="--rank has"):
        read_rank(text, REWARD)


def test_a_factor_that_is_no_term_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no term named 'uprigt'") as error:
        read_rank("forward > uprigt", REWARD)
    assert "Did you mean 'upright'?" in error.value.remedy


def test_fixed_weights_are_nothing_special() -> None:
    assert combination_of(DesignSettings(), REWARD) == CombinationSpec()
    assert not CombinationSpec().learns
    assert combination_of(DesignSettings(combine="episodic", combine_model="network"), REWARD).model == "network"
    assert combination_of(DesignSettings(adapt=True), REWARD).learns


def test_only_a_sum_is_weighted() -> None:
    formed = REWARD.model_copy(update={"form": Form(kind="min")})
    assert combination_of(DesignSettings(), formed) == CombinationSpec()
    with pytest.raises(UsageError, match="FORM is of kind 'min'"):
        combination_of(DesignSettings(combine="episodic"), formed)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"combine": "episodic", "shaping_only": True}, "no term is paid"),
        ({"adapt": True, "halving": True}, "halving stops members"),
        ({"combine": "ranked"}, "needs a rank"),
        ({"combine": "episodic", "adapt": True}, "set one of them"),
        ({"combine": "aligned", "combine_model": "network"}, "goes with combine"),
    ],
)
def test_what_does_not_go_together_is_said(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DesignSettings(**settings)  # type: ignore[arg-type]
