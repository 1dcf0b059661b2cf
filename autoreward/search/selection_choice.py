"""Which way of choosing a run has, by its settings."""

from __future__ import annotations

from autoreward.ledger import Run
from autoreward.people.preferences import preferences
from autoreward.search.methods import METHODS
from autoreward.search.selection import GatedSelection, MetricSelection, PeopleSelection, RacedSelection, Selection


def choose_selection(run: Run) -> Selection:
    """How candidates of this run are chosen."""
    design = run.settings.design
    if design.select != "metric":
        told = preferences(run)
        return PeopleSelection(told) if design.select == "people" else GatedSelection(told)
    if design.method in METHODS:
        return METHODS[design.method](design.seed)
    return RacedSelection(design.seed) if design.race else MetricSelection()
