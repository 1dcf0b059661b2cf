"""Methods side by side: searches that go on where they ended, pairs of restarts, replies that are replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward.bench import suite as module
from autoreward.bench.suite import Suite, place_of, run_suite, suite_view
from autoreward.cli import bench_tables
from autoreward.config import Settings, load_settings
from autoreward.errors import InterruptedRunError, UsageError
from autoreward.ledger import Run, list_runs
from autoreward.records import Candidate, TrainingResult
from autoreward.search.events import CANDIDATE, TRAINING
from autoreward.views import NoteEvent
from tests.loopback import PROGRAM
from tests.search.test_loop import TINY

TASK = "inverted_pendulum/balance"


def tiny(**changes: Any) -> Settings:
    return load_settings({**TINY, "n_timesteps": 256, **changes}).settings


@pytest.mark.thorough
def test_a_suite_goes_on_where_it_ended_and_compares_in_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None
) -> None:
    suite = Suite((TASK,), ("random", "text2reward"), 2, tmp_path / "suite")
    real, told = module.search, []

    def interrupted(session: Any) -> Any:
        if len(told) == 1:
            raise InterruptedRunError("Stopped.")
        told.append(session.run.id)
        return real(session)

    monkeypatch.setattr(module, "search", interrupted)
    with pytest.raises(InterruptedRunError):
        run_suite(suite, tiny(), lambda event: None)
    monkeypatch.setattr(module, "search", real)
    notes: list[Any] = []
    view = run_suite(suite, tiny(), notes.append)
    assert sum(isinstance(one, NoteEvent) and "restart" in one.text for one in notes) == 4
    places = [place_of(suite, TASK, row.method, restart) for row in view.rows for restart in (0, 1)]
    assert [len(list_runs(place)) for place in places] == [1, 1, 1, 1]  # the one that was interrupted went on
    random, one_shot = view.rows
    assert [one.seed for one in random.restarts] == [one.seed for one in one_shot.restarts] == [0, 1]
    assert (random.summary.replies, one_shot.summary.replies, random.summary.failed) == (8, 2, 0)
    assert [one.human for one in random.restarts] == [one.human for one in one_shot.restarts]  # equal reporting seeds
    assert random.to_first is None and one_shot.to_first is not None
    pairs = zip(one_shot.restarts, random.restarts, strict=True)
    expected = [a.fitness.mean - b.fitness.mean for a, b in pairs if a.fitness and b.fitness]
    assert one_shot.to_first.mean == pytest.approx(sum(expected) / 2)
    totals = view.totals[0]
    assert totals.better + totals.undecided + totals.worse == 2
    first, *_, last = bench_tables.suite(view)
    assert str(first).startswith("designer compose, 2 candidates x 2 generations") and "paired interval" in str(last)
    before = _trainings(suite)
    assert run_suite(suite, tiny(), lambda event: None) == suite_view(suite, tiny()) == view
    assert _trainings(suite) == before
    with pytest.raises(UsageError, match="other settings"):
        run_suite(suite, tiny(seeds=2), lambda event: None)


@pytest.mark.thorough
def test_replies_are_replayed_in_an_order_of_the_seed(tmp_path: Path, warm: None) -> None:
    folder = tmp_path / "replies/rewards/inverted_pendulum_balance"
    folder.mkdir(parents=True)
    for number in range(4):
        program = PROGRAM.replace("NUMBER", f"{number + 1}.0")
        (folder / f"g00c0{number}.md").write_text(f"```python\n{program}```\n")
    suite = Suite((TASK,), ("random",), 2, tmp_path / "suite", tmp_path / "replies")
    view = run_suite(suite, tiny(), lambda event: None)
    assert view.designer == "recorded" and view.rows[0].summary.replies == 8
    sources = [_sources(place_of(suite, TASK, "random", restart)) for restart in range(2)]
    assert set(sources[0]) == set(sources[1]) and len(set(sources[0])) == 4 and sources[0] != sources[1]
    with pytest.raises(UsageError, match=r"4 recorded replies .* expected at least 6"):
        run_suite(Suite((TASK,), ("random",), 2, tmp_path / "other", tmp_path / "replies"), tiny(candidates=3), print)


def test_tuned_spends_the_later_half_on_numbers(tmp_path: Path) -> None:
    own = module._settings_of(Suite((TASK,), ("tuned",), 1, tmp_path), tiny(generations=5, candidates=4), "tuned", 3)
    design = own.design
    assert (design.method, design.generations, design.tune_weights, design.seed) == ("ours", 3, 8, 3)
    assert design.generations + design.tuning_generations == 5


def test_a_race_is_no_part_of_other_methods(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="race"):
        run_suite(Suite((TASK,), ("ours", "eureka"), 1, tmp_path), tiny(race=2), print)


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no method 'eureca'"):
        run_suite(Suite((TASK,), ("eureca",), 1, tmp_path), tiny(), print)


@pytest.mark.parametrize("task", ["inverted_pendulum/balanse", "inverted_pendulum", "inverted_pendulun/balance"])
def test_a_task_that_is_none_is_refused_before_anything_is_made(tmp_path: Path, task: str) -> None:
    with pytest.raises(UsageError, match=r"no task|names no task|no environment"):
        run_suite(Suite((TASK, task), ("ours",), 1, tmp_path / "suite"), tiny(), print)
    assert not (tmp_path / "suite").exists()


def _trainings(suite: Suite) -> list[str]:
    jobs = []
    for method in suite.methods:
        for restart in range(suite.restarts):
            (path,) = list_runs(place_of(suite, TASK, method, restart))
            with Run.open(path, write=False) as run:
                jobs += [event.record(TrainingResult).job for event in run.events(TRAINING)]
    return jobs


def _sources(place: Path) -> list[str]:
    (path,) = list_runs(place)
    with Run.open(path, write=False) as run:
        return [event.record(Candidate).source for event in run.events(CANDIDATE)]
