"""A reward program as `compose` handles it: named terms with weights and parameters, and the way to text and back.

Its own programs are read back term by term. A program that somebody else wrote is kept as text, and only its
numbers (WEIGHTS, PARAMS) are changed.
"""

from __future__ import annotations

import ast
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from autoreward.number_format import float_literal
from autoreward.python_text import parse_module
from autoreward.records.form import SUM, Form
from autoreward.reward.form_reading import FormError, form_problems, read_form
from autoreward.reward.language.grammar import NAME_LIMIT

SIGNATURE = "def reward_terms(state, action, next_state, params):"
NOT_AN_LLM = "Composed without an LLM from the field declarations."
_CHANGED = "# Numbers changed without an LLM."
_PARAM = re.compile(r"params\[\"(\w+)\"\]")
_SINGLE = re.compile(r"\w+(?:\.\w+)*(?:\[\.\.\., \d+\])?")
_CALL = re.compile(r"[\w.]+\(")
_ORIGIN = re.compile(r"\bFrom (g\d+c\d+(?: and g\d+c\d+)*)\.")
_LINE = 110  # characters
# What ast and the conversion of its numbers raise on any text.
_UNREADABLE = (
    FormError,
    SyntaxError,
    ValueError,
    RecursionError,
    MemoryError,
    TypeError,
    AttributeError,
    OverflowError,
)


@dataclass(frozen=True)
class Term:
    """One term: its name, its signed weight and the expression that gives it `[N]`."""

    name: str
    weight: float
    expression: str


@dataclass(frozen=True)
class Program:
    """Terms with weights; the first one is the goal. `base` is the text of a program written by somebody else."""

    terms: tuple[Term, ...]
    params: Mapping[str, float]
    potential: str = ""  # expression over `state`, or none
    base: str = ""
    form: Form = SUM  # how its terms become one number
    origin: tuple[str, ...] = ()  # ids of the candidates it was made from
    heard: str = ""  # what a person's notes changed

    def names(self) -> tuple[str, ...]:
        """The names of its terms."""
        return tuple(term.name for term in self.terms)

    def key(self, scaled: bool = False) -> object:
        """Equal for programs that pay the same; with `scaled`, also for those that pay a multiple."""
        if self.base and not scaled:
            return _without_remark(self.source())
        unit = abs(self.terms[0].weight) if scaled and self.terms else 1.0
        terms = frozenset(
            (term.name, term.expression, float_literal(term.weight / (unit or 1.0))) for term in self.terms
        )
        params = frozenset((name, float_literal(value)) for name, value in self.params.items())
        return terms, params, self.potential, self.form

    def with_terms(self, terms: tuple[Term, ...], params: Mapping[str, float] | None = None) -> Program:
        """The same program with other terms; parameters that no expression reads are dropped."""
        values = {**self.params, **(params or {})}
        if not self.base:
            text = self.potential + "".join(term.expression for term in terms)
            used = set(_PARAM.findall(text))
            values = {name: value for name, value in values.items() if name in used}
        fits = not form_problems(self.form, {term.name: term.weight for term in terms})
        return replace(self, terms=terms, params=values, form=self.form if fits else SUM)

    def without(self, name: str) -> Program:
        """The program without one term."""
        return self.with_terms(tuple(term for term in self.terms if term.name != name))

    def source(self) -> str:
        """The program as text, in the form of the reward contract."""
        return _changed_source(self) if self.base else _own_source(self)


def short(name: str) -> str:
    """A name of a term or a parameter within the length that the contract allows."""
    return name if len(name) <= NAME_LIMIT else f"{name[: NAME_LIMIT - 5]}_{zlib.crc32(name.encode()) & 0xFFFF:04x}"


def grouped(expression: str) -> str:
    """An expression in parentheses where it is more than a name, an attribute, one entry or one call."""
    return expression if _SINGLE.fullmatch(expression) or _is_call(expression) else f"({expression})"


def _is_call(expression: str) -> bool:
    """Whether it is `name(...)` and the parenthesis that opens first closes last."""
    start = _CALL.match(expression)
    if start is None:
        return False
    depth = 0
    for place, sign in enumerate(expression):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and place >= start.end():
            return place == len(expression) - 1
    return False


def read_program(source: str, candidate: str = "") -> Program | None:
    """The program behind a source; None where WEIGHTS cannot be read as plain numbers.

    Args:
        source: any text.
        candidate: its id, remembered as the origin of what is made from it.
    """
    try:
        tree = parse_module(source)
        weights = _numbers(tree, "WEIGHTS")
        params = _numbers(tree, "PARAMS") or {}
        if not weights:
            return None
        expressions = _own_expressions(tree, source) if NOT_AN_LLM in source else {}
        origin = (candidate,) if candidate else ()
        if expressions and expressions.keys() == weights.keys():
            terms = tuple(Term(name, weight, expressions[name]) for name, weight in weights.items())
            form = read_form(source, weights)
            return Program(terms, params, _own_potential(tree, source), form=form, origin=origin)
        terms = tuple(Term(name, weight, "") for name, weight in weights.items())
        return Program(terms, params, base=source, origin=origin)
    except _UNREADABLE:
        return None


def read_origin(source: str) -> tuple[str, ...]:
    """The candidates that a program of `compose` says it was made from."""
    if NOT_AN_LLM not in source and not source.startswith(_CHANGED):
        return ()
    origin = _ORIGIN.search(source)
    return tuple(origin.group(1).split(" and ")) if origin else ()


def term_at(source: str, line: int) -> str | None:
    """The name of the term of one of `compose`'s programs that stands on a line, or None."""
    try:
        returned = _returned(parse_module(source), "reward_terms")
    except _UNREADABLE:
        return None
    if not isinstance(returned, ast.Dict):
        return None
    for key, value in zip(returned.keys, returned.values, strict=True):
        if isinstance(key, ast.Constant) and key.lineno <= line <= (value.end_lineno or value.lineno):
            return str(key.value)
    return None


def weights_line(source: str) -> str:
    """The weights of a program on one line, for a summary; "" where they cannot be read."""
    program = read_program(source)
    return ", ".join(f"{term.name} {float_literal(term.weight)}" for term in program.terms) if program else ""


def _own_source(program: Program) -> str:
    heard = f"\n{program.heard}" if program.heard else ""
    origin = f"\nFrom {' and '.join(program.origin)}." if program.origin else ""
    names = ", ".join(name.replace("_", " ") for name in program.names())
    lines = [f'"""{names[:1].upper() + names[1:]}.', "", NOT_AN_LLM + origin + heard, '"""', ""]
    lines += [_mapping("WEIGHTS", {term.name: term.weight for term in program.terms})]
    lines += [f"FORM = {json.dumps(program.form.data())}"] if not program.form.plain else []
    lines += [_mapping("PARAMS", program.params)] if program.params else []
    lines += ["", "", SIGNATURE, "    return {"]
    lines += [f'        "{term.name}": {term.expression},' for term in program.terms]
    lines += ["    }"]
    if program.potential:
        lines += ["", "", "def potential(state, params):", f"    return {program.potential}"]
    return "\n".join(lines) + "\n"


def _mapping(name: str, values: Mapping[str, float]) -> str:
    entries = ", ".join(f'"{key}": {float_literal(value)}' for key, value in values.items())
    line = f"{name} = {{{entries}}}"
    return line if len(line) <= _LINE else f"{name} = {{\n    " + entries.replace(", ", ",\n    ") + ",\n}"


def _changed_source(program: Program) -> str:
    """Somebody else's program with the new numbers, and a remark that says so."""
    lines = _without_remark(program.base).splitlines()
    changes = {"WEIGHTS": {term.name: term.weight for term in program.terms}, "PARAMS": dict(program.params)}
    for name, values in changes.items():
        node = _assignment(parse_module("\n".join(lines)), name)
        if node is not None:
            lines[node.lineno - 1 : node.end_lineno] = [_mapping(name, values)]
    origin = f" From {' and '.join(program.origin)}." if program.origin else ""
    heard = f" {program.heard}" if program.heard else ""
    return "\n".join([f"{_CHANGED}{origin}{heard}", *lines]) + "\n"


def _without_remark(source: str) -> str:
    return source.split("\n", 1)[1] if source.startswith(_CHANGED) and "\n" in source else source


def _assignment(tree: ast.Module, name: str) -> ast.Assign | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return node
    return None


def _numbers(tree: ast.Module, name: str) -> dict[str, float] | None:
    """A module-level mapping of names to numbers.

    Raises:
        ValueError, TypeError, AttributeError: it is something else.
    """
    node = _assignment(tree, name)
    if node is None:
        return None
    values = ast.literal_eval(node.value)
    return {str(key): float(value) for key, value in values.items()}


def _returned(tree: ast.Module, function: str) -> ast.expr | None:
    """What a function consisting of one return statement returns."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return node.body[0].value if len(node.body) == 1 and isinstance(node.body[0], ast.Return) else None
    return None


def _own_expressions(tree: ast.Module, source: str) -> dict[str, str]:
    returned = _returned(tree, "reward_terms")
    if not isinstance(returned, ast.Dict):
        return {}
    return {
        str(key.value): ast.get_source_segment(source, value) or ""
        for key, value in zip(returned.keys, returned.values, strict=True)
        if isinstance(key, ast.Constant)
    }


def _own_potential(tree: ast.Module, source: str) -> str:
    returned = _returned(tree, "potential")
    return ast.get_source_segment(source, returned) or "" if returned is not None else ""
