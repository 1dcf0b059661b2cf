"""How sure a search is, in words."""

from __future__ import annotations

import pytest

from autoreward.cli.certainty import in_words
from autoreward.records import Certainty

SEEN = Certainty(
    measured="success", reliability=0.38, best="g00c01", probability_best={"g00c01": 0.41, "g00c03": 0.3},
    shrunken={"g00c01": 9.1, "g00c03": 8.8}, runner_up="g00c03", more_seeds=12, more_steps=7_200_000, more_minutes=31.4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({}, "within noise of g00c03: about 12 more seeds of each would tell them apart (7,200,000 steps, 31.4 min)"),
        ({"more_seeds": None}, "within noise of g00c03: no affordable number of seeds would tell them apart"),
        ({"more_seeds": 0}, "within noise of g00c03 or of others behind it"),
    ],
)
def test_what_it_would_take_is_said(seen: dict[str, object], said: str) -> None:
    head = "g00c01 is the best with 41%; 38% of the differences in success are the rewards' own; "
    assert in_words(SEEN.model_copy(update=seen)) == head + said


def test_the_human_reward_is_named_where_it_takes_part() -> None:
    decided = SEEN.model_copy(update={"probability_best": {"g00c01": 0.97}, "probability_beats_human": 0.99})
    assert in_words(decided).startswith("g00c01 is the best with 97%, better than the human reward with 99%; ")
    assert "noise" not in in_words(decided)
