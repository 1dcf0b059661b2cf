"""The walk through a compiled program: what it follows, and what is no program of the language."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from jax.extend.mlir import ir
from jax.interpreters.mlir import make_ir_context

from autoreward.reward.sandbox.proof.operation import TRANSITIONS
from autoreward.reward.sandbox.proof.values import ProgramRefused
from autoreward.reward.sandbox.proof.walk import check_program

HEAD = "func.func public @main(%platform: tensor<i32>, %x: tensor<?xf32>) -> tensor<?xf32> {"


def check(text: str, inputs: Sequence[int | None] = (0,), outputs: Sequence[int] = (0,)) -> None:
    with make_ir_context():
        check_program(ir.Module.parse(text), inputs, outputs, TRANSITIONS, 1)


def refused(text: str) -> tuple[str, str]:
    with pytest.raises(ProgramRefused) as error:
        check(text)
    return error.value.finding.rule, error.value.finding.message


def body(lines: str, result: str = "%y") -> str:
    return f"{HEAD}\n{lines}\nreturn {result} : tensor<?xf32>\n}}"


def test_rows_that_are_apart() -> None:
    check(body("%y = stablehlo.abs %x : tensor<?xf32>"))


def test_a_function_is_followed_with_what_is_known_of_its_arguments() -> None:
    inner = "func.func private @f(%a: tensor<?xf32>) -> tensor<?xf32> {\nreturn %a : tensor<?xf32>\n}"
    check(f"{inner}\n{body('%y = func.call @f(%x) : (tensor<?xf32>) -> tensor<?xf32>')}")


def test_a_function_that_calls_itself() -> None:
    call = "%y = func.call @main(%platform, %x) : (tensor<i32>, tensor<?xf32>) -> tensor<?xf32>"
    assert refused(body(call)) == ("program.form", "the compiled program has a function that calls itself")


def test_a_call_that_leaves_the_program() -> None:
    text = body("%y = stablehlo.custom_call @lapack_sgesdd(%x) : (tensor<?xf32>) -> tensor<?xf32>")
    rule, message = refused(text)
    assert rule == "program.custom_call" and "'lapack_sgesdd'" in message


@pytest.mark.parametrize(
    "line",
    [
        '%y = "stablehlo.optimization_barrier"(%x) : (tensor<?xf32>) -> tensor<?xf32>',
        '%y = "unknown.thing"(%x) : (tensor<?xf32>) -> tensor<?xf32>',
    ],
)
def test_an_operation_without_a_rule(line: str) -> None:
    with make_ir_context() as context:
        context.allow_unregistered_dialects = True
        module = ir.Module.parse(body(line))
        with pytest.raises(ProgramRefused) as error:
            check_program(module, [0], [0], TRANSITIONS, 1)
    assert error.value.finding.rule == "program.operation"


def test_outputs_and_inputs_are_those_agreed_on() -> None:
    with pytest.raises(ProgramRefused, match="other outputs than agreed"):
        check(body("", "%x"), outputs=(1,))
    with pytest.raises(ProgramRefused, match="other inputs than agreed"):
        check(body("", "%x"), inputs=(0, 0, 0))
    with pytest.raises(ProgramRefused, match="batch axis"):
        check(body("", "%x"), inputs=(None,))


def test_without_main_there_is_no_program() -> None:
    assert refused("func.func @other(%x: tensor<f32>) -> tensor<f32> {\nreturn %x : tensor<f32>\n}")[1].endswith(
        "has no main function"
    )


def test_the_line_of_the_source_is_told() -> None:
    from autoreward.reward.sandbox.namespaces import FILENAME

    line = f'%y = stablehlo.custom_call @other(%x) : (tensor<?xf32>) -> tensor<?xf32> loc("{FILENAME}":12:0)'
    with pytest.raises(ProgramRefused) as error:
        check(body(line))
    assert error.value.finding.line == 12
