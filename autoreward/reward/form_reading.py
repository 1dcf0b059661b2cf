"""`FORM` of a reward program, read from its text: a constant, held against the names of the terms."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError

from autoreward.python_text import parse_module
from autoreward.records.candidate import Finding
from autoreward.records.form import SUM, Form, FormKind

NAME = "FORM"
KINDS: tuple[str, ...] = get_args(FormKind)
# Which parts belong to which kind; `delta` and `clip` to all.
PARTS = {
    "gate": ("gates",),
    "product": ("penalties", "terminal"),
    "accumulated": ("outcome", "threshold"),
    "centred": ("reference",),
    "sign": ("sparse",),
}
NEEDED = {"gate": ("gates",), "accumulated": ("outcome", "threshold"), "sign": ("sparse",)}
ALWAYS = ("kind", "delta", "clip")
TERMS = ("gates", "penalties", "terminal", "outcome", "sparse", "delta")  # lists of terms


class FormError(Exception):
    """A FORM that cannot be used.

    Args:
        message: what was seen, and what was expected.
        remedy: the cure.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy

    def finding(self, line: int | None = None) -> Finding:
        """The same as a finding of the critic."""
        return Finding(rule="contract.form", severity="error", line=line, message=self.message, remedy=self.remedy)


def form_node(tree: ast.Module) -> ast.Assign | None:
    """Where a program assigns its FORM; None where it has none."""
    return next((node for node in tree.body if isinstance(node, ast.Assign) and _is_form(node)), None)


def _is_form(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == NAME for target in node.targets)


def read_form(source: str, weights: dict[str, float]) -> Form:
    """The form of a program; the sum where it has none.

    Raises:
        FormError: it cannot be used with these terms.
    """
    if NAME not in source:
        return SUM
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in a docstring is no finding
        node = form_node(parse_module(source))
    return SUM if node is None else form_of(node.value, weights)


def form_of(node: ast.expr, weights: dict[str, float] | None) -> Form:
    """The form that a constant expression writes.

    Args:
        weights: of the terms; None where they are not known, then names are not looked at.

    Raises:
        FormError: it is none.
    """
    try:
        data = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise FormError("FORM is not written out", 'Write FORM = {"kind": "gate", "gates": ["upright"]}.') from error
    form = _parsed({"kind": data} if isinstance(data, str) else data)
    if weights is not None:
        for problem in form_problems(form, weights):
            raise problem
    return form


def _parsed(data: Any) -> Form:
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        raise FormError("FORM is neither a kind nor a dict with one", f"Kinds: {', '.join(KINDS)}.")
    kind = data["kind"]
    if kind not in KINDS:
        raise FormError(f"FORM has the kind {kind!r:.60}", f"{_nearest(kind, KINDS)}Kinds: {', '.join(KINDS)}.")
    allowed = (*ALWAYS, *PARTS.get(kind, ()))
    for key in data:
        if key not in allowed:
            listed = f"FORM of kind {kind!r} has: {', '.join(allowed)}."
            raise FormError(f"FORM has the part {key!r:.60}", f"{_nearest(str(key), allowed)}{listed}")
    for part in NEEDED.get(kind, ()):
        if data.get(part) in (None, [], ()):
            raise FormError(f"FORM of kind {kind!r} has no {part!r}", f"Add {part!r}: {_MEANING[part]}.")
    try:
        form = Form(**data)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise FormError(f"FORM[{where!r}] is not of its kind", f"It is {_MEANING.get(where, 'a number')}.") from error
    if form.clip is not None and not form.clip[0] < form.clip[1]:
        raise FormError(f"FORM clips to {list(form.clip)}", "Write the lower limit first: [-1.0, 1.0].")
    return form


_MEANING = {
    "gates": "a list of the terms in [0, 1] that multiply the others",
    "penalties": "a list of the terms in [0, 1] that multiply the others",
    "terminal": "a list of the terms that are paid where the episode terminates",
    "outcome": "a list of the terms whose sum over the episode decides",
    "threshold": "the sum over the episode from which on the other terms are paid",
    "sparse": "a list of the terms that say whether the task is done, or lost",
    "reference": "the reward that counts as one half",
    "delta": "a list of terms",
    "clip": "a list of the least and the largest reward",
}


def form_problems(form: Form, weights: dict[str, float]) -> list[FormError]:
    """What is wrong between a form and the terms of its program."""
    problems = []
    names = list(weights)
    listed = [(part, name) for part in TERMS for name in getattr(form, part)]
    for part, name in listed:
        if name not in weights:
            remedy = f"{_nearest(name, names)}It has: {', '.join(names)}."
            problems.append(FormError(f"FORM[{part!r}] has {name!r}, which is no term", remedy))
    roles = [name for part, name in listed if part != "delta"]
    problems += [
        FormError(f"FORM uses {name!r} twice", "Give each term one part.")
        for name in sorted(set(roles))
        if roles.count(name) > 1
    ]
    for name in form.factors:
        if weights.get(name, 0.0) < 0.0:
            remedy = "The weight of a gate or a penalty is its exponent: 1.0 leaves it as it is, 0.0 ignores it."
            problems.append(FormError(f"the gate {name!r} has the weight {weights[name]:g}", remedy))
    if form.factors and not set(names) - set(form.factors) - set(form.terminal):
        problems.append(FormError("FORM leaves no term that is paid", "Leave one term out of it: the goal."))
    if form.kind == "root" and not all(weights.values()):
        problems.append(FormError("a weight is 0, and with it the whole product", "Remove the term."))
    return problems


def _nearest(name: str, known: Sequence[str]) -> str:
    found = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {found[0]!r}? " if found else ""
