"""Trained candidates without a training, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autoreward.config import DesignSettings, Settings
from autoreward.records import Analysis, EndStates, TermReport
from autoreward.search.entry import Entry
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.methods import METHODS
from tests.search.stored_run import add_candidate, add_training, member, new_run

SEEDS: dict[str, tuple[float, ...]] = {  # success by candidate
    "g00c00": (1.0, 9.0),
    "g00c01": (6.0, 6.0),
    "g00c02": (2.0, 2.0),
    "g00c03": (3.0, 3.0),
    "g01c00": (4.0, 4.5),
    "g01c01": (1.0, 2.0),
}


def entries(folder: Path, successes: dict[str, tuple[float, ...]], method: str = "ours") -> tuple[Entry, ...]:
    settings = Settings(design=DesignSettings(method=method))  # type: ignore[arg-type]
    with new_run(folder, settings) as run:
        for name in successes:
            add_candidate(run, name)
        add_training(
            run, "g00", [member(name, seed, one) for name, all_ in successes.items() for seed, one in enumerate(all_)]
        )
        board = read_leaderboard(run)
        if method != "ours":
            assert type(board.selection) is type(METHODS[method](0))
        return board.entries


def ids(several: Sequence[Entry]) -> list[str]:
    return [entry.id for entry in several]


def behaving(entry: Entry, counts: dict[str, int], term: str) -> Entry:
    paid = TermReport(name=term, weight=1.0, share=1.0, low=0.0, high=1.0, start=0.0, end=1.0, correlation=None)
    analysis = Analysis(
        candidate=entry.id, fitness=None, progress=None, curve=(), terms=(paid,), total_correlation=None,
        episode_length=None, symptoms=(), trajectories=(), ends=(EndStates(seed=0, counts=counts),),
    )  # fmt: skip
    return Entry(entry.candidate, entry.verdict, entry.members, analysis, entry.fitness, entry.progress)
