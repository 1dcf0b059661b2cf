"""Which question is worth asking, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autoreward.critic.metric_drafts import propose
from autoreward.critic.metric_questions import after_answer, best_question, expected_gain, is_unsure, likeliest
from autoreward.records import (
    DraftVerdict,
    MetricDraft,
    MetricProposal,
    MetricQuestion,
    QuestionAnswer,
    QuestionOption,
)
from autoreward.views.metric import metric_event


def proposal() -> MetricProposal:
    """Four kept drafts in two clusters of two, and one that was refused between them."""
    names = ("m01", "m02", "m03", "m04", "m05")
    verdicts = [
        DraftVerdict(draft=MetricDraft(id=name, sentence=name), status="refused" if name == "m03" else "kept")
        for name in names
    ]
    distances = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]], float)
    return propose("Go.", verdicts, distances)


def question(text: str, *options: tuple[str, ...]) -> MetricQuestion:
    return MetricQuestion(text=text, options=tuple(QuestionOption(text="/".join(one), drafts=one) for one in options))


APART = question("apart", ("m01", "m02"), ("m04", "m05"))
ACROSS = question("across", ("m01", "m04"), ("m02", "m05"))
PARTLY = question("partly", ("m01",), ("m02", "m04", "m05"))


def test_the_gain_is_the_entropy_less_what_is_left() -> None:
    assert proposal().entropy == pytest.approx(math.log(2))
    assert is_unsure(proposal())
    assert expected_gain(proposal(), APART) == pytest.approx(math.log(2))
    assert expected_gain(proposal(), ACROSS) == pytest.approx(0.0)
    left = 0.75 * -(1 / 3 * math.log(1 / 3) + 2 / 3 * math.log(2 / 3))
    assert expected_gain(proposal(), PARTLY) == pytest.approx(math.log(2) - left)
    assert expected_gain(proposal(), question("none", ("m09",), ())) == 0.0


def test_the_best_question_tells_most_and_one_that_tells_nothing_is_not_asked() -> None:
    assert best_question(proposal(), [ACROSS, PARTLY, APART]) == APART
    assert best_question(proposal(), [ACROSS]) is None
    assert best_question(proposal(), []) is None


def test_an_answer_leaves_the_drafts_that_measure_it() -> None:
    after = after_answer(proposal(), QuestionAnswer(question=APART, option=1, by="person"))
    assert [one.draft.id for one in after.kept] == ["m04", "m05"]
    assert (after.chosen, after.entropy) == ("m04", 0.0)
    assert "was answered" in after.verdicts[0].reasons[0].message
    assert np.shape(after.distances) == (2, 2)
    assert after_answer(proposal(), QuestionAnswer(question=question("q", ("m09",)), option=0)) == proposal()


def test_an_answer_that_nobody_gave_is_said_to_be_assumed_and_hides_no_ambiguity() -> None:
    after = after_answer(proposal(), QuestionAnswer(question=APART, option=1, by="nobody"))
    (assumed,) = after.assumed
    assert "was put to nobody; assumed: " in assumed
    assert {one.reasons[-1].message for one in after.verdicts if one.status == "dropped"} == {assumed}
    assert (after.entropy, after.entropy_before) == (0.0, proposal().entropy)
    assert metric_event(after, after.verdicts[-1].draft).entropy == proposal().entropy


def test_the_likeliest_answer_is_the_one_of_most_drafts() -> None:
    assert likeliest(proposal(), PARTLY) == 1
    assert likeliest(proposal(), APART) == 0
