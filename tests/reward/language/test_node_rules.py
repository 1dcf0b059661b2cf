"""Constructs: nodes, members, attributes, keywords and stores that a program may have."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.reward.language.grammar import INTEGER_LIMIT
from autoreward.reward.language.node_rules import error, is_constant, namespace_path, node_findings, shown


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def told(source: str) -> list[tuple[str, str]]:
    return [(finding.rule, finding.remedy) for finding in node_findings(ast.parse(source), ("torso_up",))]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("jnp.exp", ("jnp", "exp")),
        ("jnp.linalg.norm", ("jnp", "linalg", "norm")),
        ("math.pi", ("math", "pi")),
        ("state.x", None),
        ("f().exp", None),
        ("jnp", ("jnp",)),
    ],
)
def test_the_path_of_a_member(text: str, path: tuple[str, ...] | None) -> None:
    assert namespace_path(expression(text)) == path


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ("1", True), ("-1.5", True), ("'a'", True), ("None", True), ("(1, [2, -3])", True), ("{'a': (1,)}", True),
        ("not 1", False), ("~1", False), ("x", False), ("[1, x]", False), ("{x: 1}", False),
        ("{**{}}", False), ("1 + 1", False),
    ],
)  # fmt: skip
def test_what_is_a_constant(text: str, constant: bool) -> None:
    assert is_constant(expression(text)) == constant


@pytest.mark.parametrize(
    ("source", "rule", "cure"),
    [
        ("jnp.exq(1)", "static.member", "exp"),
        ("x.torso_upp", "static.attribute", "torso_up"),
        ("x.torso_up = 1", "static.store", ""),
        ("jnp.exp = 1", "static.store", ""),
        (f"x = {INTEGER_LIMIT + 1}", "static.number", "float"),
        ("x = 1j", "static.number", "numbers"),
        ("x = b'a'", "static.number", "numbers"),
        ("def f(a=g()):\n    pass", "static.default", "number"),
        ("@g\ndef f():\n    pass", "static.decorator", "Remove it"),
        ("def f():\n    for i in x:\n        pass\n    else:\n        pass", "static.construct", "Remove it"),
        ("f(1)", "static.module_level", "function"),
        ("x[0] = 1", "static.module_level", "one assignment"),
        ("class A:\n    pass", "static.construct", ""),
    ],
)
def test_refused_with_its_cure(source: str, rule: str, cure: str) -> None:
    findings = told(source)
    assert rule in {one for one, _ in findings}
    assert any(cure in remedy for one, remedy in findings if one == rule)


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""\nA, B = 1, 2\n',
        "def f(a=-1, *, b=(1, 2)):\n    return jnp.linalg.norm(a, axis=-1).sum()\n",
        f"x = {INTEGER_LIMIT}\n",
        "def f(state):\n    return state.any_field_name\n",  # whether it exists is the critic's question
    ],
)
def test_part_of_the_language(source: str) -> None:
    assert told(source) == []


def test_a_finding_stands_at_its_line() -> None:
    node = ast.parse("x = 1\ny = 2").body[1]
    assert error("static.name", node, "m", "r").line == 2


@given(st.text(alphabet="abc+-*()[]{}',: 0123", max_size=40))
def test_what_is_shown_is_short(text: str) -> None:
    try:
        node = expression(text)
    except (SyntaxError, ValueError):
        return
    assert len(shown(node)) <= 60
