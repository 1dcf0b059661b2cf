"""One operation, and the words for what is wrong with it."""

from __future__ import annotations

import dataclasses

import pytest

from autoreward.reward.sandbox.proof.operation import EPISODES, common_axis, one_result
from autoreward.reward.sandbox.proof.values import BATCH, ProgramRefused, value_of_type
from tests.reward.sandbox.proof.operations import FEATURES, PLAIN, ROWS, known, operation


def test_mixing_is_told_in_the_words_of_the_language() -> None:
    with pytest.raises(ProgramRefused) as refused:
        operation("reduce", (), "tensor<f32>").mixes()
    finding = refused.value.finding
    assert (finding.rule, finding.message) == (
        "program.rows",
        "a sum, mean, max or another reduction runs over the rows of the batch: one row would depend on others",
    )
    assert "axis=-1" in finding.remedy


def test_a_metric_speaks_of_episodes() -> None:
    one = dataclasses.replace(operation("sort", (), "tensor<f32>"), batch=EPISODES)
    with pytest.raises(ProgramRefused, match="runs over the episodes of the batch: one episode would") as refused:
        one.mixes()
    assert "Axis 0 is time" in refused.value.finding.remedy
    with pytest.raises(ProgramRefused, match="the number of episodes is used as a number"):
        one.counts()


def test_attributes() -> None:
    one = operation("sort", (), "tensor<f32>", dimension=2, places=[3, 4])
    assert (one.integer("dimension"), one.integers("places"), one.integers("absent", [7])) == (2, (3, 4), (7,))


def test_operands_have_one_batch_axis_in_common() -> None:
    one = operation("add", (), "tensor<?xf32>")
    assert common_axis(one, [ROWS, FEATURES]) == 0
    assert common_axis(one, [PLAIN, PLAIN]) is None
    assert common_axis(one, []) is None
    with pytest.raises(ProgramRefused, match="would depend on others"):
        common_axis(one, [ROWS, PLAIN])
    with pytest.raises(ProgramRefused, match="used as a number"):
        common_axis(one, [known(BATCH, 2)])


def test_an_operation_has_the_results_that_its_rule_knows_of() -> None:
    one = operation("abs", (ROWS,), "tensor<?xf32>")
    assert one_result(one, 0)[0].axis == 0
    twice = dataclasses.replace(one, results=(value_of_type("tensor<f32>"),) * 2)
    with pytest.raises(ProgramRefused, match="has abs with 2 results"):
        one_result(twice, None)
