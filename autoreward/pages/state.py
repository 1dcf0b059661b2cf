"""How far a run has come, and what one more generation of it would take."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.ledger import Run
from autoreward.records import Generation
from autoreward.runs.report import status
from autoreward.search.budget import count_spent
from autoreward.search.events import GENERATION, STARTED, Started

FREE = ("compose", "manual")  # designers that ask no language model


@dataclass(frozen=True)
class State:
    """What is looked at again and again while a page is open."""

    event: int  # the newest one
    status: str


@dataclass(frozen=True)
class Spends:
    """What one more generation takes."""

    steps: int  # environment steps: of its training, and of the measurement of the winner on fresh seeds
    calls: tuple[int, int]  # fewest and most requests to a language model
    designer: str
    cost: float | None  # [USD], what a generation of this run came to so far; None: unknown
    running: bool  # somebody works on the run: nothing can be started


def read_state(run: Run) -> State:
    """The newest event and the status."""
    newest = run.newest()
    return State(newest.id if newest else 0, status(run))


def one_generation(run: Run) -> Spends:
    """What is spent by a button that starts another generation."""
    design, started = run.settings.design, run.get(STARTED, "", Started)
    designer = started.designer if started else run.settings.llm.model or ""
    done = max(1, len({event.record(Generation).index for event in run.events(GENERATION)}))
    spent = count_spent(run)
    free = designer in FREE
    return Spends(
        steps=design.n_timesteps * (design.candidates * design.seeds + design.final_seeds),
        calls=(0, 0) if free else (design.candidates, design.candidates * (1 + design.repairs)),
        designer=designer,
        cost=0.0 if free else None if spent.cost is None else spent.cost / done,
        running=status(run) == "running",
    )
