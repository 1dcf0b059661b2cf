"""Events, files and notes of one run folder."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.config import DesignSettings, Settings
from autoreward.errors import StorageError, UsageError
from autoreward.ledger import Run
from autoreward.ledger.find import new_id
from autoreward.records import CompiledReward, Note, TaskSpec, Usage

NewRun = Callable[[], Run]


def _never() -> Usage:
    raise AssertionError("a stored result is never computed again")


def test_what_a_run_is_about_comes_back_equal(tmp_path: Path, task: TaskSpec) -> None:
    settings = Settings(design=DesignSettings(candidates=3, target=1.5))
    with Run.create(tmp_path / "a" / "runs", task, settings, {"numpy": "2.4"}) as run:
        path = run.path
    with Run.open(path, write=False) as again:
        assert (again.task, again.settings, again.versions) == (task, settings, {"numpy": "2.4"})


@given(text=st.text(), env=st.text(min_size=1))
def test_any_task_text_survives_and_makes_a_file_name(text: str, env: str) -> None:
    from autoreward.ledger.run import _to_yaml

    task = TaskSpec(env=env, name=None, text=text, metric=None)
    import yaml

    assert TaskSpec.model_validate(yaml.safe_load(_to_yaml(task))) == task
    assert "/" not in new_id(Path("no-such-folder"), task)


def test_id_of_a_free_text(tmp_path: Path) -> None:
    task = TaskSpec(env="hopper", name=None, text="Hop forward quickly, please", metric=None)
    day, words, suffix = new_id(tmp_path, task).split("_")
    assert (len(day), words, len(suffix)) == (10, "hopper-hop-forward-quickly", 4)


def test_once_computes_one_time_and_returns_the_stored_record(new_run: NewRun) -> None:
    run = new_run()
    reward = CompiledReward(weights={"a": float("inf")}, inputs=("action",), program=b"\x00\xffARW", digest="d")
    assert run.once("verdict", "g00c00", CompiledReward, lambda: reward) == reward
    run.close()
    with Run.open(run.path, write=True) as again:
        computed = again.once("verdict", "g00c00", CompiledReward, lambda: CompiledReward.model_validate(_never()))
        assert computed == reward


def test_once_computes_one_time_across_processes(new_run: NewRun) -> None:
    run = new_run()
    run.close()
    script = (
        "import sys, pathlib; from autoreward.ledger import Run; from autoreward.records import Usage\n"
        "def compute():\n    print('computed'); return Usage(calls=7)\n"
        "with Run.open(pathlib.Path(sys.argv[1]), write=True) as run:\n"
        "    print(run.once('reply', 'g00c00', Usage, compute).calls)\n"
    )
    command = [sys.executable, "-c", script, str(run.path)]
    outputs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert outputs == ["computed\n7\n", "7\n"]


def test_once_in_two_threads_stores_one_result(new_run: NewRun) -> None:
    run, both_compute, seen = new_run(), threading.Barrier(2), []

    def ask(calls: int) -> None:
        def compute() -> Usage:
            both_compute.wait()
            return Usage(calls=calls)

        seen.append(run.once("reply", "k", Usage, compute))

    threads = [threading.Thread(target=ask, args=(calls,)) for calls in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen[0] == seen[1] == run.get("reply", "k", Usage)
    assert len(list(run.events("reply"))) == 1


def test_a_failed_computation_stores_nothing(new_run: NewRun) -> None:
    run = new_run()
    with pytest.raises(AssertionError):
        run.once("reply", "k", Usage, _never)
    assert list(run.events()) == []


def test_events_come_in_order_and_get_gives_the_newest(new_run: NewRun) -> None:
    run = new_run()
    for calls in (1, 2, 3):
        run.append("call_started", "g00c00", Usage(calls=calls))
    run.append("status", "", Usage())
    assert [event.data["calls"] for event in run.events("call_started")] == [1, 2, 3]
    assert [event.kind for event in run.events(after=2)] == ["call_started", "status"]
    assert run.get("call_started", "g00c00", Usage) == Usage(calls=3)
    assert run.get("call_started", "g00c01", Usage) is None


def test_events_are_never_changed(new_run: NewRun) -> None:
    run = new_run()
    run.append("status", "", Usage())
    with sqlite3.connect(run.path / "run.db") as connection:
        for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


def test_a_run_is_readable_without_the_tool(new_run: NewRun) -> None:
    run = new_run()
    run.add_note("the left foot drags", candidate="g00c01")
    connection = sqlite3.connect(run.path / "run.db")
    assert connection.execute("select key, data ->> 'text' from events").fetchall() == [
        ("g00c01", "the left foot drags")
    ]
    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    connection.close()


def test_notes_of_other_processes_while_the_run_is_held(new_run: NewRun) -> None:
    run = new_run()
    script = (
        "import sys, pathlib; from autoreward.ledger import Run\n"
        "with Run.open(pathlib.Path(sys.argv[1]), write=False) as run:\n"
        "    for number in range(20): run.add_note(f'{sys.argv[2]}{number}')\n"
    )
    people = [subprocess.Popen([sys.executable, "-c", script, str(run.path), name]) for name in "ab"]
    for number in range(20):
        run.append("step", str(number), Usage())
        run.add_note(f"c{number}")
    assert [person.wait() for person in people] == [0, 0]
    notes = run.notes()
    assert [note.id for note in notes] == list(range(1, 61))
    assert {note.text for note in notes} == {f"{name}{number}" for name in "abc" for number in range(20)}


def test_results_need_the_lock_and_preferences_do_not(new_run: NewRun) -> None:
    run = new_run()
    with Run.open(run.path, write=False) as reader:
        reader.append("preference", "g00c00", Usage())
        with pytest.raises(RuntimeError, match="not open for writing"):
            reader.append("verdict", "g00c00", Usage())
        with pytest.raises(RuntimeError, match="not open for writing"):
            reader.write_file("best/reward.py", "")
    assert [event.kind for event in run.events()] == ["preference"]


def test_files_and_arrays_come_back(new_run: NewRun) -> None:
    run = new_run()
    arrays = {"g00c00/0/steps": np.arange(3), "g00c00/0/success": np.array([np.nan, 0.5], np.float32)}
    assert run.write_file("best/reward.py", "first") == run.path / "best" / "reward.py"
    run.write_file("best/reward.py", "second")
    run.write_arrays("candidates/g00c00/curves.npz", arrays)
    stored = run.read_arrays("candidates/g00c00/curves.npz")
    assert run.read_file("best/reward.py") == b"second"
    assert {name: array.dtype for name, array in stored.items()} == {name: a.dtype for name, a in arrays.items()}
    for name, array in arrays.items():
        np.testing.assert_array_equal(stored[name], array)


def test_files_stay_inside_the_run(new_run: NewRun) -> None:
    with pytest.raises(StorageError, match="outside"):
        new_run().write_file("../elsewhere.txt", "")


def test_leftovers_of_a_killed_writer_are_removed(new_run: NewRun) -> None:
    run = new_run()
    leftover = run.write_file("best/reward.py", "whole").with_name(".reward.py.0011aabb.tmp")
    leftover.write_text("par")
    run.close()
    Run.open(run.path, write=False).close()
    assert leftover.exists()  # a reader must not touch what a writer may be about to rename
    Run.open(run.path, write=True).close()
    assert [path.name for path in leftover.parent.iterdir()] == ["reward.py"]


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a run"):
        Run.open(tmp_path, write=False)


def test_a_damaged_database_is_a_storage_error_and_the_lock_is_free_again(new_run: NewRun) -> None:
    run = new_run()
    run.close()
    (run.path / "run.db").write_bytes(b"no database at all" * 100)
    for _ in range(2):
        with pytest.raises(StorageError, match="not a database") as caught:
            Run.open(run.path, write=True)
    assert "recover" in caught.value.remedy


def test_a_damaged_task_is_a_storage_error(new_run: NewRun) -> None:
    run = new_run()
    (run.path / "task.yaml").write_text(json.dumps({"env": 1}))
    with pytest.raises(StorageError, match=r"task\.yaml"):
        _ = run.task


def test_a_note_is_one_event(new_run: NewRun) -> None:
    run = new_run()
    assert run.add_note("slower", "g01c02") == Note(id=1, text="slower", candidate="g01c02")
    assert [(event.kind, event.key) for event in run.events()] == [("note", "g01c02")]
