"""Which way of choosing a run has."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings, load_settings
from autoreward.errors import ConfigError
from autoreward.search.methods import METHODS, as_published
from tests.search.methods.trained import SEEDS, entries


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_method_is_a_setting(tmp_path: Path, method: str) -> None:
    assert len(entries(tmp_path, SEEDS, method)) == len(SEEDS)


def test_two_ways_to_choose_are_refused() -> None:
    with pytest.raises(ConfigError, match="race"):
        load_settings({"method": "eureka", "race": 8})
    with pytest.raises(ConfigError, match="select=people"):
        load_settings({"method": "archive", "select": "people"})


def test_one_shot_asks_for_one() -> None:
    one = as_published(load_settings({"method": "text2reward"}).settings).design
    assert (one.candidates, one.generations, one.seeds) == (1, 1, 3)
    usual = Settings()
    assert as_published(usual) is usual
