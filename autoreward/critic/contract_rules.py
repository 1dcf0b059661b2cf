"""Contract rules: the parts a reward program or a metric must have, and the fields and parameters it may read."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Literal

from autoreward.records import EnvSpec, Finding
from autoreward.reward.composition import as_float32
from autoreward.reward.form_reading import FormError, form_node, form_of
from autoreward.reward.language import grammar
from autoreward.reward.language.node_rules import shown
from autoreward.reward.sandbox.namespaces import nearest_fields

Rule = Callable[[ast.Module, EnvSpec], Iterator[Finding]]

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def reward_findings(tree: ast.Module, env: EnvSpec) -> list[Finding]:
    """Contract findings of a reward program."""
    return [finding for rule in REWARD_RULES for finding in rule(tree, env)]


def metric_findings(tree: ast.Module, env: EnvSpec) -> list[Finding]:
    """Contract findings of a metric."""
    return [finding for rule in METRIC_RULES for finding in rule(tree, env)]


def reward_terms_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """`reward_terms` is there, with the parameters it is called with."""
    yield from _function_rule(tree, "reward_terms", grammar.REWARD_PARAMETERS, required=True)


def potential_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """`potential`, where there is one, takes (state, params)."""
    yield from _function_rule(tree, "potential", grammar.POTENTIAL_PARAMETERS, required=False)


def success_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """`success` is there, with the parameters it is called with."""
    yield from _function_rule(tree, "success", grammar.METRIC_PARAMETERS, required=True)


def weights_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """`WEIGHTS` is a dict of numbers, one for each returned term."""
    nodes = _assigned(tree, "WEIGHTS")
    if not nodes:
        message = "WEIGHTS is missing"
        yield _finding("contract.weights", None, message, 'Add WEIGHTS = {"term": 1.0} with one number for each term.')
        return
    yield from _rebound_findings("contract.weights", tree, "WEIGHTS")
    yield from _scalars_findings("WEIGHTS", nodes)
    returned = _returned_terms(_function(tree, "reward_terms"))
    names = _keys(nodes[-1].value)
    if returned is None or names is None:
        return  # names made by the program: the child compares them
    for name in [name for name in returned if name not in names]:
        yield _finding("contract.weights", nodes[-1], f"term {name!r} has no weight", f"Add {name!r} to WEIGHTS.")
    for name in [name for name in names if name not in returned]:
        message = f"WEIGHTS has {name!r}, which reward_terms does not return"
        yield _finding("contract.weights", nodes[-1], message, "Return the term, or remove its weight.")


def form_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """`FORM`, where there is one, is a constant: a known kind, and parts that name terms."""
    node = form_node(tree)
    yield from _rebound_findings("contract.form", tree, "FORM")
    if node is None:
        yield from _misspelt_form_findings(tree)
        return
    try:
        form_of(node.value, _numbers_of(_assigned(tree, "WEIGHTS")))
    except FormError as error:
        yield error.finding(node.lineno)


def _misspelt_form_findings(tree: ast.Module) -> Iterator[Finding]:
    """A dict whose name is nearly FORM means nothing: the terms are summed."""
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Dict):
            continue
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        if get_close_matches(name.upper(), ["FORM"], 1, 0.75):
            message = f"{name} means nothing: the terms are summed"
            finding = _finding("contract.form", node, message, "Did you mean FORM? Call it so, or by another name.")
            yield finding.model_copy(update={"severity": "warning"})


def _numbers_of(nodes: Sequence[ast.Assign]) -> dict[str, float] | None:
    """A dict of numbers that is written out; None where it is not, which its own rule says."""
    value = nodes[-1].value if nodes else None
    names = _keys(value) if isinstance(value, ast.Dict) else None
    if names is None or not isinstance(value, ast.Dict):
        return None
    numbers = [constant_number(one) for one in value.values]
    return {name: number for name, number in zip(names, numbers, strict=True) if number is not None}


def params_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """`PARAMS`, where there is one, is a dict of numbers; `params["x"]` names one of them."""
    nodes = _assigned(tree, "PARAMS")
    yield from _rebound_findings("contract.params", tree, "PARAMS")
    yield from _scalars_findings("PARAMS", nodes)
    names = (_keys(nodes[-1].value) if nodes else []) or []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_name(node.value, "params") and node.attr not in _DICT_METHODS:
            message = f"params.{node.attr}: params is a dict"
            yield _finding("contract.params", node, message, f'Write params["{node.attr}"].')
        if isinstance(node, ast.Subscript) and _is_name(node.value, "params"):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(key, str) and key not in names:
                listed = f"It has: {', '.join(names)}." if names else "There is no PARAMS."
                remedy = f'Add "{key}" to PARAMS. {listed}'
                yield _finding("contract.params", node, f"params[{key!r}] is not in PARAMS", remedy)


def reward_fields_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """Fields of state and next_state exist; what the policy can never infer is a warning."""
    after = {field.name: field for field in env.fields}
    before = {name: field for name, field in after.items() if not field.next_state_only}
    declared_by_state = {"state": before, "next_state": after}
    warned: set[str] = set()
    for node, side in _record_reads(tree, tuple(declared_by_state)):
        declared = declared_by_state[side].get(node.attr)
        if declared is not None:
            if not declared.inferable and not declared.next_state_only and node.attr not in warned:
                warned.add(node.attr)
                yield _unobservable(node, side)
        elif node.attr in after:
            remedy = f"Read next_state.{node.attr}, in reward_terms only."
            yield _finding("contract.unknown_field", node, f"{side}.{node.attr} exists on next_state only", remedy)
        else:
            yield _unknown_field(node, side, list(declared_by_state[side]), env)


def metric_fields_rule(tree: ast.Module, env: EnvSpec) -> Iterator[Finding]:
    """Fields of the trajectory exist."""
    names = [field.name for field in env.fields] + ["action", "valid"]
    for node, side in _record_reads(tree, ("trajectory",)):
        if node.attr not in names:
            yield _unknown_field(node, side, names, env)


REWARD_RULES: tuple[Rule, ...] = (
    reward_terms_rule,
    weights_rule,
    form_rule,
    params_rule,
    potential_rule,
    reward_fields_rule,
)
METRIC_RULES: tuple[Rule, ...] = (success_rule, params_rule, metric_fields_rule)
_DICT_METHODS = ("get", "items", "keys", "values", "copy")


def _function_rule(tree: ast.Module, name: str, parameters: Sequence[str], required: bool) -> Iterator[Finding]:
    rule = f"contract.{name}"
    written = f"def {name}({', '.join(parameters)}):"
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    yield from _rebound_findings(rule, tree, name)
    if not functions:
        if required or _assigned(tree, name):
            yield _finding(rule, None, f"there is no function {name}", f"Define it at module level: {written}")
        return
    node = functions[-1]
    arguments = node.args
    given = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    others = [*arguments.kwonlyargs, arguments.vararg, arguments.kwarg, *arguments.defaults]
    if given != list(parameters) or any(other is not None for other in others):
        message = f"{name} takes ({shown(arguments)}), expected ({', '.join(parameters)})"
        yield _finding(rule, node, message, f"Write {written}")


def _rebound_findings(rule: str, tree: ast.Module, name: str) -> Iterator[Finding]:
    """What the critic reads is what runs: a name of the contract is bound once in the module, in whatever way."""
    bound = [node for node in tree.body for _ in range(_bindings(node, name))]
    for node in bound[1:]:
        yield _finding(rule, node, f"{name} is defined twice", "Keep one definition.")


def _bindings(node: ast.stmt, name: str) -> int:
    """How often a statement of the module binds a name."""
    if isinstance(node, ast.FunctionDef):
        return int(node.name == name)
    targets = [node.target] if isinstance(node, ast.AugAssign) else getattr(node, "targets", [])
    stored = [part for target in targets for part in ast.walk(target)]
    return sum(isinstance(part, ast.Name) and part.id == name for part in stored)


def _scalars_findings(name: str, nodes: Sequence[ast.Assign]) -> Iterator[Finding]:
    rule = f"contract.{name.lower()}"
    for node in nodes[-1:]:
        if not isinstance(node.value, ast.Dict) or _keys(node.value) is None:
            yield _finding(rule, node, f"{name} is not a dict with names written out", _scalars_remedy(name))
            continue
        names = _keys(node.value) or []
        for key in sorted({key for key in names if names.count(key) > 1}):
            yield _finding(rule, node, f"{name} has {key!r} twice", "Keep one.")
        for key, value in zip(names, node.value.values, strict=True):
            number = constant_number(value)
            if number is None or not math.isfinite(as_float32(number)):
                message = f"{name}[{key!r}] is {shown(value)}, expected a number that is finite in float32"
                yield _finding(rule, value, message, "Write a plain number; what has to be computed goes into a term.")
        if name == "WEIGHTS" and not any(as_float32(constant_number(value) or 0.0) for value in node.value.values):
            yield _finding(
                rule, node, "all weights are zero in float32, so every reward is zero", "Give a term a weight."
            )


def _scalars_remedy(name: str) -> str:
    return f'Write {name} = {{"name": 1.0, ...}} with plain numbers.'


def constant_number(node: ast.expr) -> float | None:
    """The value of a constant arithmetic expression, or None."""
    if isinstance(node, ast.Constant):
        value = node.value
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = constant_number(node.operand)
        return inner if inner is None or isinstance(node.op, ast.UAdd) else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = constant_number(node.left), constant_number(node.right)
        if left is None or right is None or (right == 0 and isinstance(node.op, ast.Div)):
            return None
        return _OPERATORS[type(node.op)](left, right)
    return None


def _keys(node: ast.expr) -> list[str] | None:
    """The keys of a dict literal when all are plain strings."""
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return keys if len(keys) == len(node.keys) else None


def _returned_terms(function: ast.FunctionDef | None) -> list[str] | None:
    """Names of the terms when every return of the function is a dict with plain keys."""
    if function is None:
        return None
    names: list[str] = []
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            keys = _keys(node.value) if node.value is not None else None
            if keys is None:
                return None
            names += [key for key in keys if key not in names]
        elif not isinstance(node, ast.FunctionDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))
    return names or None


def _record_reads(tree: ast.Module, names: Sequence[str]) -> Iterator[tuple[ast.Attribute, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load) or "__" in node.attr:
            continue  # refused by the language already
        if isinstance(node.value, ast.Name) and node.value.id in names:
            yield node, node.value.id


def _unknown_field(node: ast.Attribute, side: str, known: list[str], env: EnvSpec) -> Finding:
    message = f"reads {side}.{node.attr}, which {env.name} does not have"
    return _finding("contract.unknown_field", node, message, nearest_fields(node.attr, known))


def _unobservable(node: ast.Attribute, side: str) -> Finding:
    message = f"reads {side}.{node.attr}, which the policy can never infer"
    remedy = "The policy cannot tell apart what only this field tells apart: prefer another field."
    return _finding("contract.unobservable", node, message, remedy, "warning")


def _assigned(tree: ast.Module, name: str) -> list[ast.Assign]:
    return [
        node
        for node in tree.body
        if isinstance(node, ast.Assign) and any(_is_name(target, name) for target in node.targets)
    ]


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    return next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _finding(
    rule: str, node: ast.AST | None, message: str, remedy: str, severity: Literal["error", "warning"] = "error"
) -> Finding:
    return Finding(rule=rule, severity=severity, line=getattr(node, "lineno", None), message=message, remedy=remedy)
