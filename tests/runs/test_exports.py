"""A reward of a run as files, and what is never overwritten."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import NoValidCandidateError, UnknownNameError, UsageError
from autoreward.ledger import Run
from autoreward.records import TaskSpec
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.runs.exports import export_run
from tests.search.stored_run import add_candidate, add_reward, add_training, member

SOURCE = """WEIGHTS = {"upright": 1.0}


def reward_terms(state, action, next_state, params):
    return {"upright": -jnp.abs(next_state.pole_angle) * NUMBER}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Path:
    """Two trained candidates, the second the better one, and a refused one."""
    task = TaskSpec(env="inverted_pendulum", name="balance", text="Balance.", metric=None)
    env = open_environment("inverted_pendulum", "balance").spec
    with Run.create(tmp_path_factory.mktemp("runs"), task, Settings(), {}) as run:
        for name, number in (("g00c00", "1.5"), ("g00c01", "2.5")):
            source = SOURCE.replace("NUMBER", number)
            compiled = sandbox.trace_reward(source, env).compiled
            assert compiled is not None
            add_reward(run, name, source, compiled)
        add_candidate(run, "g00c02", accepted=False)
        add_training(run, "g00", [member("g00c00", 0, 0.5), member("g00c01", 0, 1.0)])
    return run.path


@pytest.mark.parametrize(("candidate", "number"), [(None, "2.5"), ("g00c00", "1.5")])
def test_the_best_is_exported_where_none_is_named(
    run: Path, tmp_path: Path, candidate: str | None, number: str
) -> None:
    view = export_run(run, candidate, tmp_path / "out")
    assert f"* {number}" in (tmp_path / "out" / "reward.py").read_text()
    assert all(Path(file).is_file() for file in view.files)
    assert view.notes == (f"policy.py was not written: {candidate or 'g00c01'} has not been trained.",)


def test_the_same_candidate_is_exported_into_its_folder_again(run: Path, tmp_path: Path) -> None:
    first = export_run(run, "g00c00", tmp_path)
    assert export_run(run, "g00c00", tmp_path) == first


def test_another_candidate_is_replaced_only_where_that_was_said(run: Path, tmp_path: Path) -> None:
    export_run(run, "g00c00", tmp_path)
    with pytest.raises(UsageError, match=f"holds the export of g00c00 of {run.name}, not of g00c01") as caught:
        export_run(run, "g00c01", tmp_path)
    assert "--replace" in caught.value.remedy
    assert "* 1.5" in (tmp_path / "reward.py").read_text()
    view = export_run(run, "g00c01", tmp_path, replace=True)
    assert view.notes[-1] == f"Replaced the export of g00c00 of {run.name}."
    assert "* 2.5" in (tmp_path / "reward.py").read_text()
    assert json.loads((tmp_path / "PROVENANCE.json").read_text())["candidate"] == "g00c01"


def test_nothing_of_a_replaced_export_stays_but_what_a_person_changed(run: Path, tmp_path: Path) -> None:
    export_run(run, "g00c00", tmp_path)
    provenance = tmp_path / "PROVENANCE.json"
    facts = json.loads(provenance.read_text())
    outside = tmp_path.parent / "outside.txt"
    for path in (tmp_path / "policy.py", tmp_path / "policy.npz", outside):
        path.write_text("old")
        facts["files_sha256"][os.path.relpath(path, tmp_path)] = hashlib.sha256(b"old").hexdigest()
    (tmp_path / "policy.npz").write_text("mine now")
    provenance.write_text(json.dumps(facts))
    export_run(run, "g00c01", tmp_path, replace=True)
    assert not (tmp_path / "policy.py").exists()
    assert (tmp_path / "policy.npz").read_text() == "mine now" and outside.read_text() == "old"


def test_a_file_that_was_changed_since_is_replaced_only_where_that_was_said(run: Path, tmp_path: Path) -> None:
    export_run(run, "g00c00", tmp_path)
    (tmp_path / "reward.py").write_text("tuned by hand")
    with pytest.raises(UsageError, match=r"reward[.]py was changed since it was exported"):
        export_run(run, "g00c00", tmp_path)
    assert (tmp_path / "reward.py").read_text() == "tuned by hand"
    export_run(run, "g00c00", tmp_path, replace=True)
    assert "* 1.5" in (tmp_path / "reward.py").read_text()


@pytest.mark.parametrize("name", ["reward.py", "policy.py", "env.py", "PROVENANCE.json"])
def test_no_name_of_an_export_is_taken_from_a_person(run: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("my own")
    with pytest.raises(UsageError, match=f"{name} exists already, and no export wrote it"):
        export_run(run, None, tmp_path, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_imported_is_told(run: Path, tmp_path: Path) -> None:
    view = export_run(run, "g00c00", tmp_path / "best-reward")
    assert view.notes[-1].startswith("Python cannot import a folder called 'best-reward'")


def test_a_file_is_no_folder(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="is a file, expected a folder"):
            export_run(run, None, place)


def test_a_file_of_a_person_is_never_overwritten(run: Path, tmp_path: Path) -> None:
    (tmp_path / "reward.py").write_text("mine")
    with pytest.raises(UsageError, match="no export wrote it"):
        export_run(run, None, tmp_path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("reward.py", "mine")]


def test_who_is_not_there_or_was_refused_is_not_exported(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="g00c09"):
        export_run(run, "g00c09", tmp_path / "out")
    with pytest.raises(NoValidCandidateError, match="g00c02"):
        export_run(run, "g00c02", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_for_other_tools_belong_to_the_export(run: Path, tmp_path: Path) -> None:
    view = export_run(run, "g00c00", tmp_path / "out", targets=("mjlab", "playground"))
    made = [Path(file).name for file in view.files]
    assert {"mjlab_rewards.py", "playground_rewards.py"} <= set(made)
    digests = json.loads((tmp_path / "out" / "PROVENANCE.json").read_text())["files_sha256"]
    text = (tmp_path / "out" / "mjlab_rewards.py").read_bytes()
    assert digests["mjlab_rewards.py"] == hashlib.sha256(text).hexdigest()
    export_run(run, "g00c01", tmp_path / "out", replace=True)  # without them: nothing of the old export stays
    assert not (tmp_path / "out" / "mjlab_rewards.py").exists()
    with pytest.raises(UnknownNameError, match="mjlba"):
        export_run(run, None, tmp_path / "other", targets=("mjlba",))
