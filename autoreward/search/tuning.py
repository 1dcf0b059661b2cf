"""Numbers by an optimiser, structure by the designer: `--tune-weights N`.

After the designer's generations come as many further ones as N candidates take. Their candidates are the best program
and the best of another structure with other WEIGHTS and PARAMS, proposed by CMA-ES over the logarithms of the numbers.
Candidates of one structure share one compiled program, and a generation has the population of any other, so nothing is
compiled. What the optimiser is told is the order of its candidates, on the seeds of the search, read from the ledger:
it has no state of its own, and a resumed run proposes the same.

Source: Hansen 2016, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from jaxtyping import Float

from autoreward.analyzer.gist import alike
from autoreward.config import DesignSettings
from autoreward.designer.program import Program, read_program
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import Leaderboard

TUNER = "cma-es"  # the designer of its candidates
SIGMA = 0.4  # of a first step in the logarithm: numbers change by about half
FARTHEST = 5.0  # of a logarithm: 150 times as much, or as little
STRUCTURES = 2  # that are tuned
FEWEST = 2  # candidates of one structure a generation

Vector = Float[np.ndarray, " D"]


@dataclass(frozen=True)
class Numbers:
    """The numbers of a program as a vector of logarithms, relative to the program: at 0 it is the program itself.

    Signs stay, and zeros stay zero. Only ratios of weights matter to a learner that normalises rewards, so the first
    weight is kept, except where a potential, which has none, stands beside the terms.
    """

    program: Program
    weights: tuple[str, ...]
    params: tuple[str, ...]

    @classmethod
    def of(cls, source: str, candidate: str) -> Self | None:
        """The numbers of a program; None where they cannot be read, or there is nothing to tune."""
        program = read_program(source, candidate)
        if program is None:
            return None
        weights = [term.name for term in program.terms if term.weight != 0.0]
        params = tuple(name for name, value in program.params.items() if value != 0.0)
        kept = weights if "def potential(" in source else weights[1:]
        return cls(program, tuple(kept), params) if kept or params else None

    def at(self, x: Vector) -> Program:
        """The program with each number times e to the power of its entry."""
        factors = np.exp(np.clip(x, -FARTHEST, FARTHEST)).tolist()
        scaled = dict(zip((*self.weights, *(f"params/{name}" for name in self.params)), factors, strict=True))
        terms = [replace(term, weight=term.weight * scaled.get(term.name, 1.0)) for term in self.program.terms]
        params = {name: value * scaled.get(f"params/{name}", 1.0) for name, value in self.program.params.items()}
        return replace(self.program, terms=tuple(terms), params=params)

    def where(self, source: str) -> Vector | None:
        """Where another program of the same structure lies; None where its numbers are no multiples of these."""
        other = read_program(source)
        if other is None:
            return None
        before = {term.name: term.weight for term in self.program.terms}
        after = {term.name: term.weight for term in other.terms}
        ratios = [after.get(name, 0.0) / before[name] for name in self.weights]
        ratios += [other.params.get(name, 0.0) / self.program.params[name] for name in self.params]
        return np.asarray([math.log(one) for one in ratios]) if all(one > 0.0 for one in ratios) else None


def is_tuning(design: DesignSettings, index: int) -> bool:
    """Whether a generation is one of the optimiser's."""
    return design.generations <= index < design.generations + design.tuning_generations


def tuned_programs(design: DesignSettings, board: Leaderboard, index: int, count: int) -> list[tuple[str, str]]:
    """Programs for a generation of the optimiser, and the id of the candidate whose numbers each has changed.

    Args:
        board: all candidates of the generations before it.
        index: the generation.
        count: how many are wanted.

    Returns:
        () where no trained program has numbers to tune.
    """
    bases = _bases(design, board, index)
    programs: list[tuple[str, str]] = []
    for place, base in enumerate(bases):
        numbers = Numbers.of(base.candidate.source, base.id)
        assert numbers is not None  # it is a base
        told = [_told(numbers, base, board, earlier) for earlier in range(design.generations, index)]
        wanted = len(range(place, count, len(bases)))
        size = max(FEWEST, design.candidates // len(bases))
        rng = np.random.default_rng([design.seed, index, place])
        asked = propose(len(numbers.weights) + len(numbers.params), size, wanted, told, rng)
        programs += [(numbers.at(x).source(), base.id) for x in asked]
    return programs


def propose(
    dimension: int, size: int, wanted: int, told: Sequence[tuple[list[Vector], list[float]]], rng: np.random.Generator
) -> list[Vector]:
    """Points that CMA-ES asks for next.

    Args:
        dimension: of a point.
        size: of its population.
        wanted: how many points.
        told: for each earlier generation its points, and the value of each, the least is the best.
        rng: the randomness of this generation.
    """
    from cma import CMAEvolutionStrategy  # loads scipy.stats

    options = {"popsize": size, "randn": lambda *shape: rng.standard_normal(shape), "seed": math.nan, "verbose": -9}
    strategy = CMAEvolutionStrategy(np.zeros(dimension), SIGMA, options)
    for points, values in told:
        if len(points) >= strategy.sp.weights.mu:  # fewer tell it nothing
            strategy.ask()  # it wants to be asked before it is told
            strategy.tell(points, values)
    return [np.asarray(point) for point in strategy.ask(wanted)]


def _bases(design: DesignSettings, board: Leaderboard, index: int) -> list[Entry]:
    """Whose numbers are tuned: the best, and the best of another structure where there is room for two."""
    if index > design.generations:
        tuned = [one for one in board.of_generation(design.generations).entries if one.candidate.designer == TUNER]
        names = dict.fromkeys(one.candidate.parents[0] for one in tuned)
        return [entry for entry in map(board.find, names) if entry is not None]
    able = [entry for entry in board.ranked if Numbers.of(entry.candidate.source, entry.id) is not None]
    others = [entry for entry in able[1:] if not alike(entry.candidate.source, able[0].candidate.source)]
    room = min(STRUCTURES, design.candidates // FEWEST)
    return [*able[:1], *others][: max(1, room)]


def _told(numbers: Numbers, base: Entry, board: Leaderboard, index: int) -> tuple[list[Vector], list[float]]:
    """The points of one generation, and the place of each in its order; those that failed come last."""
    part = board.of_generation(index)
    order = [entry.id for entry in part.ranked]
    points, values = [], []
    for entry in part.entries:
        point = numbers.where(entry.candidate.source) if entry.candidate.parents == (base.id,) else None
        if point is not None and entry.candidate.designer == TUNER:
            points.append(point)
            values.append(float(order.index(entry.id) if entry.id in order else len(order)))
    return points, values
