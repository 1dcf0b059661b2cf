"""A remainder stays one, and text on its left is refused wherever it comes from."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from autoreward.reward.sandbox.guards import REMAINDER, guarded, remainder
from autoreward.reward.sandbox.namespaces import ContractViolation


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {REMAINDER: remainder}
    exec(compile(guarded(ast.parse(source)), "<test>", "exec"), names)  # noqa: S102
    return names


def test_numbers_have_remainders() -> None:
    names = run("a = 7 % 4\nb = [x % 3 % 2 for x in range(6)]\nc = (lambda y: y % 2)(5)\n")
    assert (names["a"], names["b"], names["c"]) == (3, [0, 1, 0, 0, 1, 0], 1)


@pytest.mark.parametrize("source", ["'%s' % 3", "(lambda form: form % print)('%s')", "[f % 1 for f in ('%d',)]"])
def test_text_is_not_formatted(source: str) -> None:
    with pytest.raises(ContractViolation, match="formatted with %") as violation:
        run(f"a = {source}\n")
    assert violation.value.rule == "static.value_text"


def test_the_tree_itself_stays_as_it_is() -> None:
    tree = ast.parse("a = 7 % 4")
    before = ast.dump(tree)
    guarded(tree)
    assert ast.dump(tree) == before
