"""A person answers only where a run waits for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.errors import UsageError
from autoreward.runs.answers import give_reply
from autoreward.search.events import STARTED, Started
from tests.search.stored_run import new_run


def test_a_run_that_asks_nobody_takes_no_answer(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        run.append(STARTED, "", Started(designer="compose", base_url=None))
    with pytest.raises(UsageError, match="does not wait for a reply"):
        give_reply(run.path, "WEIGHTS = {}")


def test_between_rounds_nothing_is_asked(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        run.append(STARTED, "", Started(designer="manual", base_url=None))
    with pytest.raises(UsageError, match="does not wait for a reply"):
        give_reply(run.path, "WEIGHTS = {}")
