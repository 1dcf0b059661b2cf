"""How `compose` makes a new program from the library or from earlier programs: draw, retune, cross, grow, prune, swap.

Only ratios of weights matter to PPO with normalised rewards, so the first term, the goal, keeps its weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import exp
from random import Random

from autoreward.designer.compose.ingredients import Ingredient
from autoreward.designer.compose.library import Library, unique
from autoreward.designer.program import Program, Term


def assemble(ingredients: Iterable[Ingredient], potential: bool = False) -> Program:
    """A program of these ingredients, the goal first; a second one of the same name is left out."""
    chosen = unique(ingredients)
    params = {name: value for one in chosen for name, value in one.params.items()}
    shaping = next((one.potential for one in chosen if one.potential), "") if potential else ""
    return Program((), params, shaping).with_terms(tuple(one.term for one in chosen), params)


def recipe(library: Library, index: int, rng: Random, asked: frozenset[str]) -> Program:
    """The `index`-th draw from the library: plausible combinations first, then random ones.

    Args:
        library: what there is for the task; it has at least one goal.
        index: 0, 1, 2, ...
        rng: the randomness of this draw.
        asked: the aims of the task text, which decide what goes beside the goal early on.
    """
    goals = library.goals
    alive, effort = library.serving("alive"), library.serving("thrift")
    posture = library.serving("posture")[:1]
    steady = library.serving("steady") if asked & {"steady", "posture", "still"} else []
    extras = [ingredient for aim in ("smooth",) if "thrift" in asked for ingredient in library.serving(aim)]
    planned = [
        [goals[0], *alive, *effort],
        [goals[1 % len(goals)], *alive, *posture, *steady, *effort, *extras],
        [goals[0], *alive, *posture, *steady, *effort, *extras],
        [goals[1 % len(goals)], *alive, *effort],
        [goals[2 % len(goals)], *alive, *effort],
        [goals[3 % len(goals)], *alive, *effort],
        [goals[0]],
        [goals[0], *alive, *posture],
    ]
    if index < len(planned):
        return assemble(planned[index])
    return random_draw(library, rng)


def random_draw(library: Library, rng: Random) -> Program:
    """A goal, the likelier ones more often, and about two fifths of everything else."""
    goal = library.goals[min(int(rng.expovariate(0.8)), len(library.goals) - 1)]
    beside = [one for one in (*library.guides, *library.costs) if rng.random() < 0.4]
    program = assemble([goal, *beside], potential=rng.random() < 0.3)
    return retune(program, rng, 0.7)


def retune(program: Program, rng: Random, sigma: float) -> Program:
    """Other weights (not the goal's) and other parameters, each times exp(N(0, sigma^2)); signs stay."""
    terms = tuple(
        term if rank == 0 else replace(term, weight=term.weight * exp(rng.gauss(0.0, sigma)))
        for rank, term in enumerate(program.terms)
    )
    params = {name: value * exp(rng.gauss(0.0, 0.6 * sigma)) for name, value in program.params.items()}
    return replace(program, terms=terms, params=params)


def shift(program: Program, rng: Random, sigma: float) -> Program:
    """All weights changed, the goal's too: differs from the program whatever that holds."""
    terms = tuple(replace(term, weight=term.weight * exp(rng.gauss(0.0, sigma))) for term in program.terms)
    return replace(program, terms=terms)


def cross(one: Program, other: Program, rng: Random) -> Program:
    """The goal of `one`, and of all further terms of both about half; a common term takes a weight in between."""
    if one.base or other.base:
        return _cross_numbers(one, other, rng)
    theirs = {term.name: term for term in other.terms}
    mixed = [one.terms[0]]
    for term in one.terms[1:]:
        if term.name in theirs and theirs[term.name].expression == term.expression:
            share = rng.random()
            mixed.append(replace(term, weight=share * term.weight + (1 - share) * theirs[term.name].weight))
        elif rng.random() < 0.6:
            mixed.append(term)
    names = set(one.names())
    mixed += [term for term in other.terms if term.name not in names and rng.random() < 0.6]
    origin = tuple(dict.fromkeys((*one.origin, *other.origin)))
    child = Program((), {**other.params, **one.params}, one.potential or other.potential, origin=origin)
    return child.with_terms(tuple(mixed))


def _cross_numbers(one: Program, other: Program, rng: Random) -> Program:
    """Programs kept as text share numbers only where they have the same terms."""
    theirs = {term.name: term.weight for term in other.terms}
    if set(theirs) != set(one.names()):
        return retune(one, rng, 0.5)
    terms = tuple(replace(term, weight=rng.choice((term.weight, theirs[term.name]))) for term in one.terms)
    return replace(one, terms=terms)


def grow(program: Program, library: Library, rng: Random) -> Program:
    """One more guide or cost from the library, the likelier ones more often."""
    absent = [one for one in (*library.guides, *library.costs) if one.term.name not in program.names()]
    if program.base or not absent:
        return retune(program, rng, 0.5)
    chosen = absent[min(int(rng.expovariate(0.7)), len(absent) - 1)]
    return program.with_terms((*program.terms, chosen.term), chosen.params)


def prune(program: Program, credit: Mapping[str, float], rng: Random) -> Program:
    """Without the term (never the goal) that did least for the candidates that had it; unjudged ones by chance."""
    if len(program.terms) < 2:
        return retune(program, rng, 0.5)
    judged = [(credit.get(term.name, 0.0), rng.random(), term.name) for term in program.terms[1:]]
    worst = min(judged)[2]
    if not program.base:
        return program.without(worst)
    faint = [replace(term, weight=0.1 * term.weight) if term.name == worst else term for term in program.terms]
    return replace(program, terms=tuple(faint))


def swap(program: Program, library: Library, rng: Random) -> Program:
    """Another goal, with the same other terms; their weights follow the new goal's scale."""
    others = [one for one in library.goals if one.term.name not in program.names()]
    if program.base or not others:
        return retune(program, rng, 0.5)
    goal = others[min(int(rng.expovariate(0.8)), len(others) - 1)]
    return program.with_terms((goal.term, *program.terms[1:]), goal.params)


def hold(program: Program, library: Library, names: Sequence[str]) -> Program:
    """The program with the terms of these names that the library has. A program kept as text is left as it is."""
    for one in library.all():
        if not program.base and one.term.name in names and one.term.name not in program.names():
            program = program.with_terms((*program.terms, one.term), one.params)
    return program


def heed(program: Program, library: Library, asked: frozenset[str], strength: float) -> Program:
    """What a person's notes ask for: at least `strength` (1 to 6) times the usual cost, up to twice the usual bonus.

    Saying the same twice changes nothing more. A program kept as text is left as it is.
    """
    if program.base:
        return program
    serving = {"steady": ("steady", "smooth"), "thrift": ("thrift",), "posture": ("posture", "alive")}
    for aim in sorted(asked & serving.keys()):
        wanted = [one for served in serving[aim] for one in library.serving(served)]
        for one in wanted[:1] if aim == "posture" and not library.serving("alive") else wanted[:2]:
            # A large bonus for posture would pay for standing still.
            program = _at_least(program, one, strength if one.kind == "cost" else 1.0 + strength / 6.0)
    if "fast" in asked and not asked & {"steady", "thrift"}:
        program = program.with_terms(tuple(_at_most(term, library, 1.0 / strength) for term in program.terms))
    return program


def _at_least(program: Program, ingredient: Ingredient, strength: float) -> Program:
    wanted = strength * ingredient.term.weight
    if ingredient.term.name not in program.names():
        term = replace(ingredient.term, weight=wanted)
        return program.with_terms((*program.terms, term), ingredient.params)
    terms = tuple(
        replace(term, weight=wanted)
        if term.name == ingredient.term.name and rank > 0 and abs(term.weight) < abs(wanted)
        else term
        for rank, term in enumerate(program.terms)
    )
    return replace(program, terms=terms)


def _at_most(term: Term, library: Library, share: float) -> Term:
    """A cost at no more than a share of its usual weight."""
    cost = next((one.term for one in library.costs if one.term.name == term.name), None)
    if cost is None or abs(term.weight) <= share * abs(cost.weight):
        return term
    return replace(term, weight=share * cost.weight)
