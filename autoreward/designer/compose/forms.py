"""How `compose` varies the form of a program: other ways of combining the same terms, where they fit.

Source: Cheng et al. 2025, "Differentiable Evolutionary Reinforcement Learning" (DERL), arXiv:2512.13399: a reward as
atoms joined by operators, which evolve with it.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from autoreward.designer.program import Program
from autoreward.records import Form

CLIP = 5.0  # times the goal's weight


def vary_form(program: Program, rng: Random) -> Program:
    """The program with another form, each that fits its terms as likely; one kept as text stays as it is."""
    if program.base or len(program.terms) < 2:
        return program
    others = [form for form in fitting_forms(program) if form != program.form]
    if not others:
        return program
    form = rng.choice(others)
    plain = dict.fromkeys(form.factors, 1.0)  # exponents
    terms = tuple(replace(term, weight=plain.get(term.name, term.weight)) for term in program.terms)
    return replace(program, terms=terms, form=form)


def fitting_forms(program: Program) -> list[Form]:
    """The sum, and what suits the terms: gates and penalties are terms in [0, 1] beside the goal."""
    goal, *beside = program.terms
    bounded = [term.name for term in beside if term.weight > 0.0 and _is_bounded(term.expression)]
    limit = CLIP * abs(goal.weight)
    forms = [Form(), Form(clip=(-limit, limit)), Form(kind="centred")]
    if bounded:
        forms += [Form(kind="gate", gates=(name,)) for name in bounded]
        forms += [Form(kind="product", penalties=tuple(bounded))]
    return forms


def _is_bounded(expression: str) -> bool:
    """Whether an expression of the library is written so that it lies in [0, 1]."""
    return expression.startswith(("jnp.exp(-", "1.0 - next_state.terminated"))
