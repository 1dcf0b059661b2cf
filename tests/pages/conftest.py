"""A run that was never searched, whose pages are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.ledger import Run
from autoreward.people.preferences import read_statement
from autoreward.runs.preferences import say_preference
from tests.web.serving import told_run


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = told_run(tmp_path_factory.mktemp("told"), clips=2)
    say_preference(folder, read_statement("g00c01 > g01c01: smoother"), "anna")
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    return Run.open(folder, write=False)
