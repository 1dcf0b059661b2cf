"""The search policies that are compared: how many candidates start, on how many seeds, and who is stopped when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autoreward.records import Rung
from autoreward.trainer.rungs import count_whole_trainings

_ROUNDING = 1e-9  # of sums of shares
CANDIDATES, SEEDS = 8, 3  # of a generation as the search runs it


@dataclass(frozen=True)
class SearchPolicy:
    """How one generation is trained."""

    name: str
    candidates: int = CANDIDATES
    seeds: int = SEEDS
    rungs: tuple[Rung, ...] = ()

    @property
    def trainings(self) -> float:
        """What it costs, in whole trainings of one member."""
        return self.seeds * count_whole_trainings(self.candidates, self.rungs)

    def at_cost_of(self, other: SearchPolicy) -> SearchPolicy:
        """The same policy with as many candidates as the cost of the other one allows."""
        count = self.candidates
        while replace(self, candidates=count + 1).trainings <= other.trainings + _ROUNDING:
            count += 1
        return replace(self, candidates=count)


FULL = SearchPolicy("full training")
HALVINGS = (
    SearchPolicy("half at 1/3", rungs=(Rung(at=1 / 3, keep=0.5),)),
    SearchPolicy("half at 1/4, half at 1/2", rungs=(Rung(at=0.25, keep=0.5), Rung(at=0.5, keep=0.5))),
    SearchPolicy("half at 1/10, half at 1/3", rungs=(Rung(at=0.1, keep=0.5), Rung(at=1 / 3, keep=0.5))),
    SearchPolicy("a quarter at 1/4", rungs=(Rung(at=0.25, keep=0.25),)),
)


def compared() -> tuple[SearchPolicy, ...]:
    """Full training, each way of halving with the same candidates and at the same cost, and one seed instead of three.

    With the same candidates halving saves steps; at the same cost the steps go to further candidates.
    """
    equal = [replace(one.at_cost_of(FULL), name=f"{one.name}, more candidates") for one in HALVINGS]
    single = replace(FULL, name="one seed, more candidates", seeds=1).at_cost_of(FULL)
    return (FULL, *HALVINGS, *equal, single)
