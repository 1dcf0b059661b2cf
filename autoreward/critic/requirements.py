"""`--require`: what a behaviour has to keep to, as thresholds: `torso_tilt <= 0.3 in 95 %`, `mean(norm(action)) <= 2`.

A requirement becomes a cost a step and what it may be in the mean: whether the step breaks it, with the share of steps
that may; or the value itself, in units of its limit.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

from autoreward.errors import UnknownNameError, UsageError
from autoreward.python_text import parse_expression
from autoreward.records import EnvSpec, Requirement, Requirements
from autoreward.reward.language.grammar import JNP_MEMBERS
from autoreward.reward.sandbox.sandbox import Sandbox

_FORM = re.compile(
    r"(?P<left>.+?)\s*(?P<sign><=|>=)\s*(?P<limit>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
    r"(?P<unit>(?!in\b)[A-Za-z1][\w/^*]*)?\s*(?:in\s+(?P<share>\d+(?:\.\d+)?)\s*%)?\s*"
)
_EXAMPLE = "Write for instance --require 'torso_pitch <= 0.3 in 95 %' or --require 'mean(sum(square(action))) <= 2'."
_PROGRAM = '''"""Costs of requirements."""

WEIGHTS = {weights}


def norm(x):
    return jnp.linalg.norm(x, axis=-1)


def total(x):
    return jnp.sum(x, axis=-1)


def reward_terms(state, action, next_state, params):
    return {{
{terms}
    }}
'''


class CostProgram(NamedTuple):
    """Requirements, and the source of a program with a term for each."""

    requirements: tuple[Requirement, ...]
    source: str


def read_requirements(texts: Sequence[str], env: EnvSpec) -> CostProgram:
    """The requirements that texts write.

    Raises:
        UsageError: a text is no requirement, or its unit is not that of its field.
        UnknownNameError: a name is neither a field nor a function.
    """
    read = [_read(text, env) for text in texts]
    names = {f"require_{place}": -1.0 for place in range(len(read))}
    lines = [f'        "{name}": {cost},' for name, (_, cost) in zip(names, read, strict=True)]
    source = _PROGRAM.format(weights=repr(names), terms="\n".join(lines))
    return CostProgram(tuple(requirement for requirement, _ in read), source)


def compile_requirements(texts: Sequence[str], env: EnvSpec, sandbox: Sandbox) -> Requirements | None:
    """Requirements as the trainer runs them; None where there are none.

    Raises:
        UsageError: a text is no requirement, or gives no number a step.
        UnknownNameError: a name is neither a field nor a function.
    """
    if not texts:
        return None
    costs = read_requirements(texts, env)
    traced = sandbox.trace_reward(costs.source, env)
    if traced.compiled is None:
        said = traced.failure.message if traced.failure else "; ".join(one.message for one in traced.findings)
        raise UsageError(
            f"--require {'; '.join(texts)!r:.200}: {said}.", "Each has to give one number a step: x[..., 0], sum(x)."
        )
    return Requirements(items=costs.requirements, costs=traced.compiled)


def _read(text: str, env: EnvSpec) -> tuple[Requirement, str]:
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--require {text!r:.100} is no requirement.", _EXAMPLE)
    try:
        left = parse_expression(found["left"].strip()).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise UsageError(f"--require {text!r:.100}: {found['left']!r:.60} is no expression.", _EXAMPLE) from error
    limit, sign = float(found["limit"]), 1.0 if found["sign"] == "<=" else -1.0
    mean = isinstance(left, ast.Call) and isinstance(left.func, ast.Name) and left.func.id == "mean"
    if mean and isinstance(left, ast.Call) and (len(left.args) != 1 or found["share"]):
        raise UsageError(f"--require {text!r:.100}: a mean is of one value and of all steps.", _EXAMPLE)
    inner = left.args[0] if mean and isinstance(left, ast.Call) else left
    _check_unit(text, inner, found["unit"], env)
    value = ast.unparse(_Fields(env).visit(inner))
    if mean:
        unit = abs(limit) or 1.0
        requirement = Requirement(text=text.strip(), limit=sign * limit / unit, scale=sign * unit)
        return requirement, f"({value}) * {sign / unit!r}"
    share = float(found["share"] or 100.0)
    if not 0.0 < share <= 100.0:
        raise UsageError(f"--require {text!r:.100}: {share:g} % of the steps.", "Write a share from 0 to 100 %.")
    broken = f"jnp.where({value} {'>' if sign > 0 else '<'} {limit!r}, 1.0, 0.0)"
    return Requirement(text=text.strip(), limit=1.0 - share / 100.0, counts_steps=True), broken


def _check_unit(text: str, value: ast.expr, unit: str | None, env: EnvSpec) -> None:
    name = next((node.id for node in ast.walk(value) if isinstance(node, ast.Name)), "")
    field = env.field(name)
    plain = isinstance(value, ast.Name | ast.Subscript)
    if unit is not None and plain and field is not None and field.unit != unit:
        raise UsageError(f"--require {text!r:.100}: {name} is in {field.unit}, not in {unit}.", "Convert the limit.")


class _Fields(ast.NodeTransformer):
    """Names become fields of the state after a step, and functions those of jnp."""

    def __init__(self, env: EnvSpec) -> None:
        self._fields = {field.name for field in env.fields}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`sum` and `norm` are over the last axis."""
        arguments = [self.visit(argument) for argument in node.args]
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise UsageError(f"--require calls {ast.unparse(node)!r:.60}.", _EXAMPLE)
        name = node.func.id
        if name in ("sum", "norm"):
            return ast.Call(ast.Name("total" if name == "sum" else name, ast.Load()), arguments, [])
        if name not in JNP_MEMBERS:
            raise UnknownNameError("function of a requirement", name, {"sum", "norm", *JNP_MEMBERS})
        return ast.Call(ast.Attribute(ast.Name("jnp", ast.Load()), name, ast.Load()), arguments, [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A field, or the action."""
        if node.id == "action":
            return node
        if node.id not in self._fields:
            raise UnknownNameError("field", node.id, {*self._fields, "action"})
        return ast.Attribute(ast.Name("next_state", ast.Load()), node.id, ast.Load())
