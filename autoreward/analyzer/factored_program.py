"""The factors of terms that are products, as a program of their own: so that one sees which factor closed a gate.

Reads and rewrites text only; what it makes is run where reward programs are, in the sandbox.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from autoreward.analyzer.formulas import TERMS, UNREADABLE, definitions, dict_entries
from autoreward.python_text import parse_module
from autoreward.records import TrajectoryTable

MOST = 4  # factors that are shown of a program
SHOWN = 32  # characters of a factor
OF = ", factor "  # between a term and its factor in the head of a column


class Factored(NamedTuple):
    """A program whose terms are factors, and what each of them is: a column's head by name."""

    source: str
    columns: Mapping[str, str]


def factored(source: str, terms: Sequence[str]) -> Factored | None:
    """The factors of some terms of a program; None where none of them is a product that can be told apart.

    Args:
        terms: those that are shown, in order.
    """
    try:
        tree = parse_module(source)
        function = next((one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == TERMS), None)
        if function is None or not isinstance(function.body[-1], ast.Return):
            return None
        entries, known = dict(dict_entries(function)), definitions(function.body)
        several = ((term, one) for term in terms if term in entries for one in _product(entries[term], known))
        found = list({ast.dump(one): (term, one) for term, one in reversed([*several])}.values())[::-1][:MOST]
        if not found:
            return None
        columns = {f"factor_{place}": f"{term}{OF}{_told(one)}" for place, (term, one) in enumerate(found)}
        return Factored(_program(tree, function, [one for _, one in found]), columns)
    except UNREADABLE:
        return None


def with_factors(table: TrajectoryTable, columns: Sequence[str], values: Sequence[Sequence[float]]) -> TrajectoryTable:
    """A table with a column more for each factor.

    Args:
        values: a row for each row of the table.
    """
    rows = tuple((*row, *more) for row, more in zip(table.rows, values, strict=True))
    return table.model_copy(update={"columns": (*table.columns, *columns), "rows": rows})


def _product(node: ast.AST, known: Mapping[str, Sequence[ast.stmt]]) -> list[ast.expr]:
    """The factors of the first product in an expression, without numbers and parameters; none where fewer than two."""
    if isinstance(node, ast.Name) and len(known.get(node.id, ())) == 1:
        statement = known[node.id][0]
        node = statement.value if isinstance(statement, ast.Assign) else node
    top = next((one for one in ast.walk(node) if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult)), None)
    factors = [one for one in _flat(top) if not _is_number(one)] if top is not None else []
    return factors if len(factors) > 1 else []


def _flat(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return [*_flat(node.left), *_flat(node.right)]
    return [node]


def _is_number(node: ast.expr) -> bool:
    """Whether it reads no array: numbers, and what stands in `params`."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return names <= {"params", "jnp", "np", "math"}


def _told(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}..."


def _program(tree: ast.Module, function: ast.FunctionDef, factors: Sequence[ast.expr]) -> str:
    """The program with these expressions as its only terms, of weight 1, and without a potential."""
    names = [ast.Constant(f"factor_{place}") for place in range(len(factors))]
    returned = ast.Return(ast.Dict(keys=list(names), values=[copy.deepcopy(one) for one in factors]))
    terms = copy.deepcopy(function)
    terms.body = [*terms.body[:-1], returned]
    weights = ast.Assign([ast.Name("WEIGHTS", ast.Store())], ast.Dict(list(names), [ast.Constant(1.0) for _ in names]))
    kept = [one for one in tree.body if not _defines(one, ("WEIGHTS", TERMS, "potential"))]
    module = ast.Module([*kept[:1], weights, *kept[1:], terms] if kept else [weights, terms], [])
    return ast.unparse(ast.fix_missing_locations(module)) + "\n"


def _defines(node: ast.stmt, names: Sequence[str]) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name in names
    return isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id in names for one in node.targets)
