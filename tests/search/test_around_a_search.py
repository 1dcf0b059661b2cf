"""A search in odd places: in a running event loop, beside another one, under a clock that goes back."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings
from autoreward.environment.pack import packs_directory
from autoreward.errors import UsageError
from autoreward.ledger import Run, events, list_runs
from tests.cli.conftest import DESIGN
from tests.search.test_loop import design, tiny

pytestmark = pytest.mark.usefixtures("warm")
PACKAGE = Path(api.__file__).resolve().parent.parent
# Where the calendar's time is asked for: what is shown of an event, the day in an id, a date in Retry-After.
CALENDAR = {"ledger/events.py", "ledger/find.py", "llm/trouble.py", "runs/track_worker.py"}


def small(folder: Path) -> Settings:
    return tiny(folder, generations=1, candidates=1, n_timesteps=256, final_seeds=1)


@pytest.mark.thorough
def test_within_a_running_event_loop_and_without_a_real_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a notebook: the call stands in a coroutine, and standard output has no file behind it."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    async def cell() -> tuple[Any, Any, Any]:
        called = design(small(tmp_path / "called"))
        beside = await asyncio.to_thread(design, small(tmp_path / "beside"))
        return called, beside, api.check(["human"], "inverted_pendulum/balance")

    called, beside, checked = asyncio.run(cell())
    assert called.status == beside.status == "done"
    assert called.candidates == beside.candidates
    assert [line.status for line in checked] == ["accepted"]


@pytest.mark.thorough
def test_two_runs_at_once_in_one_folder_do_not_meet(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autoreward", *DESIGN, "-n", "256", "--candidates", "1", "--set", "final_seeds=1"]
    both = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for one in both:
        _, said = one.communicate(timeout=600)
        assert one.returncode == 0, said
    first, second = api.list_runs(tmp_path / "runs")
    assert first.run != second.run
    assert (first.status, second.status) == ("done", "done")
    assert first.fitness == second.fitness  # equal settings give equal runs, also beside each other


@pytest.mark.thorough
def test_under_a_clock_that_goes_back_durations_and_the_order_of_events_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)

    class Backward:
        """A calendar that is an hour earlier at each look."""

        looks = 0

        @classmethod
        def now(cls, zone: Any) -> datetime:
            cls.looks += 1
            return now - timedelta(hours=cls.looks)

    monkeypatch.setattr(events, "datetime", Backward)
    report = design(small(tmp_path))
    (path,) = list_runs(tmp_path / "runs")
    with Run.open(path, write=False) as run:
        stored = list(run.events())
    assert [event.id for event in stored] == sorted(event.id for event in stored)
    assert stored[0].created > stored[-1].created  # the clock did go back
    assert 0.0 < report.spent.seconds < 3600.0
    assert (report.status, stored[-1].kind) == ("done", "stopped")
    assert api.show("last", settings=tiny(tmp_path)).status == "done"


def test_the_calendar_measures_nothing() -> None:
    asks = re.compile(r"\btime\.time\(|\bdatetime\.(?:now|utcnow|today)\(")
    found = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if asks.search(path.read_text())}
    assert {name for name in found if not name.startswith("bench/")} == CALENDAR


@pytest.mark.thorough
def test_a_run_whose_pack_moved_is_shown_and_says_what_is_missing(tmp_path: Path) -> None:
    pack = tmp_path / "balancer"
    shutil.copytree(packs_directory() / "inverted_pendulum", pack)
    design(small(tmp_path), env=str(pack))
    pack.rename(tmp_path / "elsewhere")
    shutil.copytree(tmp_path / "runs", tmp_path / "copied")
    settings = small(tmp_path).model_copy(update={"runs": str(tmp_path / "copied")})
    assert api.show("last", settings=settings).status == "done"
    for use in (
        lambda: api.refine("last", "slower", settings=settings),
        lambda: api.export("last", tmp_path / "out", settings=settings),
    ):
        with pytest.raises(UsageError, match="is no environment pack") as caught:
            use()
        assert "Put the pack back" in caught.value.remedy
