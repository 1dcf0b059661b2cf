"""What a search takes where a person sets little."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import load_settings


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({}, (16, 1, 8)),
        ({"generations": 2, "final_seeds": 3}, (16, 1, 8)),
        ({"candidates": 4}, (4, 3, 0)),
        ({"seeds": 2}, (8, 2, 0)),
        ({"race": 0}, (8, 3, 0)),
        ({"race": 4, "seeds": 1}, (8, 1, 4)),
        ({"halving": True}, (8, 3, 0)),
        ({"method": "eureka"}, (8, 3, 0)),
        ({"select": "people"}, (8, 3, 0)),
        ({"require": ("torso_pitch <= 0.3 in 95 %",)}, (8, 3, 0)),
        ({"algo": "sac"}, (8, 3, 0)),
    ],
)
def test_a_search_races_where_nobody_says_how_trainings_are_divided(
    tmp_path: Path, given: dict[str, object], taken: tuple[int, int, int]
) -> None:
    settings = load_settings(given, directory=tmp_path, environ={"HOME": str(tmp_path)}).settings
    design = settings.for_search().design
    assert (design.candidates, design.seeds, design.race) == taken
    assert settings.design.seeds == given.get("seeds", 3)  # what every other command takes
