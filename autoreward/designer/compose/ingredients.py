"""One reward term that may be used: what it is for, which aim it serves, and the parameters it brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from autoreward.designer.compose.declared import rest_value
from autoreward.designer.program import Term, grouped, short
from autoreward.number_format import float_literal
from autoreward.records import FieldSpec

Kind = Literal["goal", "guide", "cost"]


@dataclass(frozen=True)
class Ingredient:
    """One term of the library. A goal can lead a program; guides (bonuses) and costs go beside it."""

    kind: Kind
    aim: str
    term: Term
    params: Mapping[str, float] = field(default_factory=dict)
    potential: str = ""  # a shaping potential that goes with it


def goal(aim: str, name: str, weight: float, expression: str, params: Mapping[str, float] | None = None) -> Ingredient:
    """An ingredient that can be the main term."""
    return Ingredient("goal", aim, Term(short(name), weight, expression), params or {})


def guide(aim: str, name: str, weight: float, expression: str, params: Mapping[str, float] | None = None) -> Ingredient:
    """A bonus beside the goal."""
    return Ingredient("guide", aim, Term(short(name), weight, expression), params or {})


def cost(aim: str, name: str, weight: float, expression: str) -> Ingredient:
    """A cost beside the goal; its weight is negative."""
    return Ingredient("cost", aim, Term(short(name), weight, expression))


def bell(value: str) -> str:
    """1 where `value` is 0, falling to 0 on both sides."""
    return f"jnp.exp(-jnp.square({value}))"


def scaled(value: str, param: str) -> str:
    """A value divided by a parameter."""
    return f'{grouped(value)} / params["{param}"]'


def from_rest(source: FieldSpec, record: str = "next_state") -> str:
    """How far a scalar is from where it rests."""
    entry = f"{record}.{source.name}" + ("[..., 0]" if source.shape else "")
    rest = rest_value(source)
    if rest == 0.0:
        return entry
    return f"{entry} - {float_literal(rest)}" if rest > 0 else f"{entry} + {float_literal(-rest)}"


def square_size(source: FieldSpec) -> str:
    """The squared length of a field."""
    square = f"jnp.square(next_state.{source.name})"
    return f"jnp.sum({square}, axis=-1)" if source.shape else square
