"""What the page of a candidate shows."""

from __future__ import annotations

import pytest

from autoreward.errors import UnknownNameError
from autoreward.ledger import Run
from autoreward.pages.candidate_page import candidate_page, steps_shown
from tests.web.serving import STEPS


def test_the_page_of_a_candidate_has_its_program_its_change_and_its_income(run: Run) -> None:
    page = candidate_page(run, "g01c00")
    assert (page.before, page.after, page.parents) == ("g00c01", "g01c01", ("g00c00",))
    assert "+WEIGHTS = {'up': 3.0, 'calm': 0.5}" in page.diff and "-WEIGHTS = {'up': 1.0, 'calm': 0.5}" in page.diff
    (episode,) = page.episodes
    (band,) = episode.bands
    assert (episode.label, episode.steps, band.name, band.total) == ("first", STEPS, "up", STEPS * 1.0)
    assert steps_shown(run, "g01c00") == STEPS and steps_shown(run, "g09c00") == 0
    with pytest.raises(UnknownNameError, match="g09c00"):
        candidate_page(run, "g09c00")
