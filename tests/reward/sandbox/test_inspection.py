"""A program that came from a child is refused for its form, its operations, its size and its cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax import export

from autoreward.reward.sandbox.inspection import PROGRAM_LIMIT, inspect_program

Function = Callable[[dict[str, Any]], dict[str, Any]]
INPUTS = {"action": (None, 4)}
OUTPUTS = {"terms": 2}


def exported(function: Function, width: int = 4, dtype: str = "float32", rows: Any = None) -> bytes:
    (rows,) = rows or export.symbolic_shape("b")
    struct = {"action": jax.ShapeDtypeStruct((rows, width), dtype)}
    return bytes(export.export(jax.jit(function), platforms=("cpu", "cuda"))(struct).serialize())


def rules(function: Function, rows_times: int = 1) -> list[str]:
    return [finding.rule for finding in inspect_program(exported(function), INPUTS, OUTPUTS, rows_times)]


def test_plain_arithmetic_passes() -> None:
    assert rules(lambda a: {"terms": jnp.exp(a["action"]) @ jnp.ones((4, 2))}) == []


def test_a_custom_call_is_refused() -> None:
    def factorise(arrays: dict[str, Any]) -> dict[str, Any]:
        matrix = arrays["action"][:, :, None] * arrays["action"][:, None, :]
        return {"terms": jnp.linalg.svd(matrix, compute_uv=False)}

    assert rules(factorise) == ["program.custom_call"]


def test_a_loop_is_refused() -> None:
    def loop(arrays: dict[str, Any]) -> dict[str, Any]:
        return {"terms": jax.lax.fori_loop(0, 10**6, lambda _, x: x + 1.0, arrays["action"])}

    assert rules(loop) == ["program.operation"]


def test_random_numbers_are_refused() -> None:
    def noisy(arrays: dict[str, Any]) -> dict[str, Any]:
        return {"terms": arrays["action"] + jax.random.normal(jax.random.key(0), (4,))}

    assert rules(noisy) == ["program.dtype"]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(lambda a: jnp.sum(jnp.ones((2000, 2000))) * a, id="array without batch axis"),
        pytest.param(lambda a: jnp.tile(a, (1, 1000))[:, :4], id="array a row"),
    ],
)
def test_a_huge_array_is_refused(size: Callable[[Any], Any]) -> None:
    assert rules(lambda arrays: {"terms": size(arrays["action"])}) == ["program.cost"]


def test_many_operations_are_refused_also_when_they_hide_in_functions() -> None:
    @jax.jit
    def ten(x: Any) -> Any:
        for _ in range(10):
            x = jnp.sin(x) * 1.1
        return x

    def nested(arrays: dict[str, Any]) -> dict[str, Any]:
        x = arrays["action"]
        for _ in range(400):
            x = ten(x)
        return {"terms": x}

    assert rules(nested) == ["program.size"]


def test_a_row_of_a_metric_may_cost_as_much_as_its_steps() -> None:
    def wide(arrays: dict[str, Any]) -> dict[str, Any]:
        return {"terms": jnp.tile(arrays["action"], (1, 1000))[:, :4]}

    assert rules(wide) == ["program.cost"]
    assert rules(wide, rows_times=10) == []


@pytest.mark.parametrize("program", [b"", b"garbage", bytes(PROGRAM_LIMIT + 1)])
def test_bytes_that_are_no_program_are_refused(program: bytes) -> None:
    assert [finding.rule.split(".")[0] for finding in inspect_program(program, INPUTS, OUTPUTS)] == ["program"]


def test_a_cut_program_never_raises() -> None:
    program = exported(lambda a: {"terms": a["action"]})
    answers = [inspect_program(program[:cut], INPUTS, OUTPUTS) for cut in range(0, len(program), len(program) // 25)]
    assert {finding.rule for answer in answers for finding in answer} == {"program.form"}


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (exported(lambda a: {"terms": a["action"]}, width=5), "input shape"),
        (exported(lambda a: {"other": a["action"]}), "output name"),
        (exported(lambda a: {"terms": a["action"][:, 0]}), "output rank"),
        (exported(lambda a: {"terms": a["action"].astype("int32")}), "output type"),
        (exported(lambda a: {"terms": a["action"].astype("float32")}, dtype="int32"), "input type"),
        (exported(lambda a: a["action"]), "output structure"),
        (exported(lambda a: {"terms": a["action"]}, rows=export.symbolic_shape("2*c")), "batch size"),
    ],
)
def test_another_signature_is_refused(program: bytes, reason: str) -> None:
    assert [finding.rule for finding in inspect_program(program, INPUTS, OUTPUTS)] == ["program.form"], reason


def test_functions_behind_composite_operations_are_counted() -> None:
    def many(arrays: dict[str, Any]) -> dict[str, Any]:
        x = arrays["action"]
        for _ in range(300):
            x = jnp.arccosh(1.5 + jnp.square(x))
        return {"terms": x}

    assert rules(many) != []
