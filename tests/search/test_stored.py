"""A run whose database was changed: nothing of it is trained or written, and it is said why."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import load_settings
from autoreward.errors import NoValidCandidateError, StorageError
from tests.search.test_loop import TINY

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of one candidate."""
    runs = tmp_path_factory.mktemp("runs")
    small = TINY | {"candidates": 1, "generations": 1, "final_seeds": 1, "runs": str(runs)}
    api.design(env="inverted_pendulum/balance", settings=load_settings(small, environ={}).settings)
    (path,) = runs.iterdir()
    return path


def changed(finished: Path, folder: Path, kind: str, change: Change) -> Path:
    """A copy of the run in which every event of a kind was changed."""
    path = folder / "runs" / finished.name
    shutil.copytree(finished, path)
    connection = sqlite3.connect(path / "run.db")
    connection.execute("DROP TRIGGER events_never_change")
    rows = connection.execute("SELECT id, data FROM events WHERE kind = ?", (kind,)).fetchall()
    assert rows
    for number, text in rows:
        data = json.loads(text)
        change(data)
        connection.execute("UPDATE events SET data = ? WHERE id = ?", (json.dumps(data), number))
    connection.commit()
    connection.close()
    return path


def put(*keys: str, value: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


def with_code(data: dict[str, Any]) -> None:
    data["source"] = 'import os\nos.system("touch canary")\n' + data["source"]


def other_program(data: dict[str, Any]) -> None:
    data["reward"]["program"] = base64.urlsafe_b64encode(b"\x00" * 100).decode()


CHANGES: dict[str, tuple[str, Change]] = {
    "code in the source": ("candidate", with_code),
    "a source that is no program": ("candidate", put("source", value="WEIGHTS = {")),
    "another program": ("verdict", other_program),
    "another digest": ("verdict", put("reward", "digest", value="0" * 64)),
    "a weight with a name of code": ("verdict", put("reward", "weights", value={"a\n__import__('os')": 1.0})),
    "an input that is none": ("verdict", put("reward", "inputs", value=["action", "next_state.secret"])),
    "an id that is a path": ("candidate", put("id", value="../../outside")),
    "an id with controls": ("candidate", put("id", value="g00c00\x1b[2J")),
}


@pytest.mark.thorough
def test_the_run_as_it_was_is_exported(finished: Path, tmp_path: Path) -> None:
    assert api.export(str(finished), tmp_path / "best").files


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_run_is_neither_exported_nor_continued(name: str, finished: Path, tmp_path: Path) -> None:
    path = changed(finished, tmp_path, *CHANGES[name])
    for use in (lambda: api.export(str(path), tmp_path / "best"), lambda: api.refine(str(path), "faster")):
        with pytest.raises((StorageError, NoValidCandidateError)) as caught:  # the second: a best that is not there
            use()
        assert "\x1b" not in str(caught.value)
    assert not (tmp_path / "best").exists()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["runs"]
    assert [one.name for one in (tmp_path / "runs").iterdir()] == [finished.name]


def test_a_changed_metric_is_not_trained_with(finished: Path, tmp_path: Path) -> None:
    path = changed(finished, tmp_path, "metric", put("program", value=base64.urlsafe_b64encode(b"x" * 50).decode()))
    with pytest.raises(StorageError, match="its metric would not be accepted"):
        api.refine(str(path), "faster")
