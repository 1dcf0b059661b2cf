"""From the functions of a program to its outputs: what it has to return, seen in numpy without any child."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoreward.reward.arrays import NumpyEngine, plain
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.reward.sandbox.namespaces import ContractViolation
from autoreward.reward.sandbox.steps import TracedEngine
from autoreward.reward.sandbox.tracing import (
    FieldShapes,
    Traced,
    Violations,
    evaluate_reward,
    evaluate_twin,
    reward_functions,
    scalars,
    serialise_reward,
)

SHAPES = FieldShapes(state={"speed": (2,)}, next_state={"speed": (2,)}, action=(3,))


def arrays(rows: int = 4) -> dict[str, np.ndarray]:
    numbers = np.arange(rows * 2, dtype=np.float32).reshape(rows, 2)
    return {"state.speed": numbers, "next_state.speed": numbers + 1, "action": np.ones((rows, 3), np.float32)}


def module(terms: Callable[..., Any], **others: Any) -> dict[str, Any]:
    return {"reward_terms": terms, "WEIGHTS": {"go": 1.0, "cost": -0.1}, **others}


def honest(state: Any, action: Any, next_state: Any, params: Any) -> dict[str, Any]:
    return {"go": next_state.speed[..., 0] * params["width"], "cost": action.sum(axis=-1)}


def evaluated(terms: Callable[..., Any]) -> dict[str, Any]:
    return evaluate_reward(reward_functions(module(terms)), SHAPES, arrays(), NumpyEngine(4), Traced())


def test_terms_stand_in_columns_in_the_order_of_the_program() -> None:
    functions = reward_functions(
        module(honest, PARAMS={"width": 2}, potential=lambda state, params: state.speed[..., 1])
    )
    traced = Traced()
    outputs = evaluate_reward(functions, SHAPES, {**arrays(), "params.width": 2.0}, NumpyEngine(4), traced)
    np.testing.assert_array_equal(outputs["terms"], [[2, 3], [6, 3], [10, 3], [14, 3]])
    np.testing.assert_array_equal(outputs["phi_state"], [1, 3, 5, 7])
    np.testing.assert_array_equal(outputs["phi_next"], [2, 4, 6, 8])
    assert traced.terms == ("go", "cost")
    assert traced.read == {"state.speed", "next_state.speed"}


@pytest.mark.parametrize(
    ("returned", "rule", "words"),
    [
        (lambda go: [go], "contract.terms", "returns a list, expected a dict"),
        (lambda go: {}, "contract.terms", "returns an empty dict"),
        (lambda go: {"go": go}, "contract.weights", "WEIGHTS has 'cost', which reward_terms does not return"),
        (lambda go: {"go": go, "cost": go, "more": go}, "contract.weights", "term 'more' has no weight"),
        (lambda go: {"go": go, "cost": 1.0}, "trace.shape", "term 'cost' is a float, expected an array of shape (N,)"),
        (lambda go: {"go": go, "cost": go.sum()}, "trace.shape", "term 'cost' has shape (), expected (N,)"),
        (lambda go: {"go": go, "cost": go[:, None] * go[:2]}, "trace.shape", "term 'cost' has shape (N, 2)"),
        (lambda go: {"go": go, "cost": go > 1}, "trace.dtype", "term 'cost' has dtype bool, expected float32"),
    ],
)
def test_what_is_returned_otherwise(returned: Callable[[Any], Any], rule: str, words: str) -> None:
    with pytest.raises((ContractViolation, Violations)) as error:
        evaluated(lambda state, action, next_state, params: returned(next_state.speed[..., 0]))
    several = getattr(error.value, "violations", (error.value,))
    assert any(one.rule == rule and words in one.message for one in several)


def test_all_violations_are_told_at_once() -> None:
    with pytest.raises(Violations) as error:
        evaluated(lambda state, action, next_state, params: {"go": 1.0, "cost": 2.0})
    assert len(error.value.violations) == 2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1.0], "is not a dict"), ({"a b": 1.0}, "has the key 'a b'"), ({1: 1.0}, "has the key 1"),
        ({"a": True}, "is not a finite number"), ({"a": float("nan")}, "is not a finite number"),
        ({"a": "1"}, "is not a finite number"), ({"_a": 1.0}, "has the key"), ({"a" * 99: 1.0}, "has the key"),
    ],
)  # fmt: skip
def test_numbers_by_name(value: Any, words: str) -> None:
    with pytest.raises(ContractViolation, match=words) as violation:
        scalars("PARAMS", value)
    assert violation.value.rule == "contract.params"
    assert scalars("PARAMS", {"a": 1}) == {"a": 1.0}


@pytest.mark.parametrize("changes", [{"reward_terms": None}, {"potential": 3}, {"WEIGHTS": {}}, {"WEIGHTS": None}])
def test_the_parts_of_a_module(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractViolation):
        reward_functions(module(honest) | changes)


class Watched:
    """A program that remembers how many rows it saw, and whether it could have written to them."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, bool]] = set()

    def __call__(self, state: Any, action: Any, next_state: Any, params: Any) -> dict[str, Any]:
        self.seen.add((plain(action).shape[0], plain(action).flags.writeable))
        return {"go": next_state.speed[..., 0], "cost": action.sum(axis=-1)}


@pytest.mark.parametrize("rows", [1, EXPORT_ROWS, EXPORT_ROWS + 1])
def test_the_twin_sees_as_many_rows_as_an_export_and_cannot_write_to_them(rows: int) -> None:
    terms = Watched()
    outputs = evaluate_twin(reward_functions(module(terms)), SHAPES, arrays(rows), NumpyEngine(EXPORT_ROWS))
    assert outputs["terms"].shape == (rows, 2)
    assert terms.seen == {(EXPORT_ROWS, False)}
    np.testing.assert_array_equal(outputs["terms"][:, 0], arrays(rows)["next_state.speed"][:, 0])


def test_an_export_has_the_inputs_that_are_read() -> None:
    def terms(state: Any, action: Any, next_state: Any, params: Any) -> dict[str, Any]:
        return {"go": next_state.speed[..., 0], "cost": next_state.speed[..., 1]}

    facts, program = serialise_reward(reward_functions(module(terms)), SHAPES, TracedEngine())
    assert tuple(facts["inputs"]) == ("action", "next_state.speed") and program
