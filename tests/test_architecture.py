"""The page that leads through the code names files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
JOURNEYS = {"A candidate": 12, "A PPO setting": 8, "A term": 12}


def journey(name: str) -> list[str]:
    """The files of the numbered list under a bold heading that begins with `name`."""
    _, _, rest = PAGE.partition(f"**{name}, from")
    return re.findall(r"^\d+\. `([\w/.]+)`", rest.partition("\n**")[0].partition("\n## ")[0], flags=re.MULTILINE)


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journey_has_the_files_it_counts(name: str) -> None:
    files = journey(name)
    assert len(files) == len(set(files)) == JOURNEYS[name]
    assert [file for file in files if not (CHECKOUT / "autoreward" / file).is_file()] == []


def test_every_file_that_the_page_names_is_there() -> None:
    """But `pack.py` of a new pack, and `backend.py` beside its folder."""
    named = set(re.findall(r"`((?:[\w]+/)*[\w]+\.py)`", PAGE)) - {
        "pack.py",
        "backend.py",
    }  # of a new pack; as it goes on
    roots = (CHECKOUT / "autoreward", CHECKOUT)
    assert sorted(file for file in named if not any((root / file).is_file() for root in roots)) == []
