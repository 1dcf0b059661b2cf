"""What is in the language, what is not, and that hostile text never reaches a compiler."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.reward.language.grammar import NODES
from autoreward.reward.language.rules import parse, written_findings

FIELDS = ("torso_up", "torso_velocity")
HEAD = "WEIGHTS = {'a': 1.0}\ndef reward_terms(state, action, next_state, params):\n    "


def rules(source: str) -> set[str]:
    return {finding.rule for finding in parse(source, FIELDS).findings}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("().__class__.__bases__", "static.attribute"),
        ("action._value", "static.attribute"),
        ("state._arrays", "static.attribute"),
        ("state.torso_up.__array_interface__", "static.attribute"),
        ("'{0.__class__}'.format(action)", "static.attribute"),
        ("jnp.exp.__wrapped__", "static.member"),
        ("jnp.add.reduce(action)", "static.member"),
        ("np.f2py.os.system('id')", "static.member"),
        ("np.lib.npyio.DataSource()", "static.member"),
        ("jnp.linalg.inv(action)", "static.member"),
        ("jnp.linalg", "static.name"),
        ("f = jnp", "static.name"),
        ("jnp = action", "static.name"),
        ("math = 1", "static.name"),
        ("[np for np in (1, 2)]", "static.name"),
        ("(lambda jnp: jnp.exp)(1)", "static.name"),
        ("__import__('os')", "static.name"),
        ("a__b = 1", "static.name"),
        ("(lambda a__b: 1)(1)", "static.name"),
        ("dict(a__b=1)", "static.name"),
        ("getattr(action, 'shape')", "static.name"),
        ("eval('1')", "static.name"),
        ("open('/etc/passwd')", "static.name"),
        ("globals()", "static.name"),
        ("type(action)", "static.name"),
        ("state.torso_up = 1", "static.store"),
        ("state.torso_up += 1", "static.store"),
        ("(state.torso_up, b) = 1, 2", "static.store"),
        ("[b, *state.torso_up] = 1, 2", "static.store"),
        ("[0 for state.torso_up in (1, 2)]", "static.store"),
        ("jnp.exp = 1", "static.store"),
        ("WEIGHTS['a'] = 2.0", "static.store"),
        ("WEIGHTS.update(a=2.0)", "static.store"),
        ("import os", "static.construct"),
        ("from os import path", "static.construct"),
        ("with action: pass", "static.construct"),
        ("(b := 1)", "static.construct"),
        ("del action", "static.construct"),
        ("yield 1", "static.construct"),
        ("global WEIGHTS", "static.construct"),
        ("raise action", "static.construct"),
        ("{1, 2}", "static.construct"),
        ("1 << 100", "static.construct"),
        ("b'bytes'", "static.number"),
        ("10000000000000", "static.number"),
        ("1j", "static.number"),
        ("jnp.clip(action, a_min=0)", "static.keyword"),
        ("jnp.add(action, action, out=action)", "static.keyword"),
        ("jnp.add(action, **{'out': action})", "static.keyword"),
        ("def f(x=action): pass", "static.default"),
        ("jax.nn.sigmoid(action)", "static.name"),
    ],
)
def test_refused_statement(statement: str, rule: str) -> None:
    parsed = parse(HEAD + statement, FIELDS)
    assert rule in {finding.rule for finding in parsed.findings}
    assert not parsed.runnable
    assert all(finding.remedy for finding in parsed.findings)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("from jax.numpy import *", "static.import"),
        ("import jax.numpy as np", "static.import"),
        ("import numpy as jnp", "static.import"),
        ("import math as np", "static.import"),
        ("from . import os", "static.import"),
        ("import math, os", "static.import"),
        ("from __future__ import division", "static.import"),
        ("from typing import Any as jnp", "static.import"),
        ("@print\ndef f(): pass", "static.decorator"),
        ("@print\nclass A: pass", "static.construct"),
        ("async def f(): pass", "static.construct"),
        ("match 1:\n    case _: pass", "static.construct"),
        ("while True: pass", "static.construct"),
        ("if True:\n    A = 1", "static.module_level"),
        ("A = 1\nprint", "static.module_level"),
        ("f'{1}'", "static.module_level"),
        ("A = [1]\nA[0] = 2", "static.module_level"),
        ("x = 1 +", "static.syntax"),
        ("x = '\x00'", "static.text"),
        ("# coding: latin-1\nx = 1", "static.text"),
        ("x = 1  # \u200b", "static.text"),
        ("\u212fval = 1", "static.text"),  # folds to "eval"
        ("x = '\ud800'", "static.text"),
        ("x = 1" + " " * 70_000, "static.size"),
        ("x = " + "-" * 20_000 + "1", "static.syntax"),
        ("x = " + "(" * 500 + ")" * 500, "static.syntax"),
        ("x = " + "+".join(["1"] * 150), "static.size"),
        ("x = 1" + "0" * 5_000, "static.syntax"),  # beyond what Python converts
    ],
)
def test_refused_module(source: str, rule: str) -> None:
    parsed = parse(source, FIELDS)
    assert rule in {finding.rule for finding in parsed.findings}
    assert not parsed.runnable


@pytest.mark.parametrize("place", ["x = 1  # {}", "x = 'a{}b'", '"""{}"""'])
@pytest.mark.parametrize(
    "character",
    "\x1b\x00\x08\x0c\x7f\x85\x9b\u00ad\u034f\u061c\u115f\u180e\u200b\u200d\u200e\u2028\u2029\u202e\u2060\u2066\u206f\u2800"
    "\u3164\ue000\ufe00\ufeff\uffa0\ufff9\U0001d173\U000e0001\U000e0041\U000e0100\U000f0000",
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_what_cannot_be_seen_is_refused(place: str, character: str) -> None:
    assert rules(place.format(character)) == {"static.text"}


@pytest.mark.parametrize("text", ["größer → 90°", "速度 ≥ 2 m/s²", "✅ ⚠️ 🚀", "naïve e\u0301", "\ttab"])
def test_what_can_be_seen_is_not(text: str) -> None:
    assert rules(f"x = 1  # {text}\ny = '{text}'") == set()


def test_all_findings_at_once_in_the_order_of_lines() -> None:
    source = "import os\nimport sys\n\ndef f(x):\n    print(x)\n    return x.__class__\n"
    found = [(finding.line, finding.rule) for finding in parse(source, FIELDS).findings]
    assert [line for line, _ in found] == sorted(line for line, _ in found if line)
    assert {(1, "static.import"), (2, "static.import"), (5, "static.name"), (6, "static.attribute")} <= set(found)


def test_types_and_allowed_imports_are_removed_and_nothing_else() -> None:
    source = "import numpy as np\nX: float = 1\ndef f(a: np.ndarray, *b: Any) -> 'jnp.ndarray':\n    c: int\n"
    parsed = parse(source, FIELDS)
    assert parsed.findings == () and parsed.tree is not None
    assert ast.unparse(parsed.tree) == "X = 1\n\ndef f(a, *b):\n    pass"
    refused = parse("X: exec('1') = 1\n", FIELDS)
    assert refused.tree is not None and "exec" in ast.unparse(refused.tree)
    assert {finding.rule for finding in refused.findings} >= {"static.annotation", "static.name"}


def test_a_program_that_cannot_be_written_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = parse("A = 1", FIELDS)
    assert written_findings(parsed) == []
    monkeypatch.setattr(ast, "unparse", lambda tree: "A = 2")
    assert [finding.rule for finding in written_findings(parsed)] == ["static.syntax"]


def test_lines_of_the_tree_are_those_of_the_text() -> None:
    parsed = parse("import math\n\n\nX = 1\n", FIELDS)
    assert parsed.tree is not None
    assert parsed.tree.body[0].lineno == 4


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    parsed = parse(text, FIELDS)
    assert parsed.tree is not None or parsed.findings


@given(st.sampled_from(["lambda: ({})", "[{} for i in range(3)]", "f'{{{}}}'", "({}) if 1 else 2", "jnp.exp({})"]))
def test_a_refused_expression_is_refused_wherever_it_stands(frame: str) -> None:
    assert "static.attribute" in rules(HEAD + frame.format("action.__class__"))


def test_statements_that_import_or_define_classes_are_no_nodes_of_the_language() -> None:
    assert not {ast.Import, ast.ImportFrom, ast.ClassDef, ast.Try, ast.With, ast.Delete, ast.Global} & NODES


@pytest.mark.parametrize("text", ["\r\u00aa", "x = 1\r\u00e9 = 2", "\r\r\u4e2d"])
def test_a_lone_carriage_return_before_a_letter_is_a_finding_in_every_python(text: str) -> None:
    assert not parse(text, FIELDS).runnable
