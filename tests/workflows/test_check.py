"""Names that stand for rewards, and verdicts as they are printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError, UsageError
from autoreward.workflows.check import check_files, is_human, read_source, refuse_unknown_word


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum", "balance")


def test_human_is_the_tasks_reward_unless_a_file_is_called_so(
    pendulum: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_human("human")
    assert "WEIGHTS" in read_source("human", pendulum, "balance")
    Path("human").write_text("WEIGHTS = {}\n")
    assert not is_human("human")
    assert read_source("human", pendulum, "balance").strip() == "WEIGHTS = {}"


def test_an_environment_without_a_human_reward_says_so(pendulum: Environment) -> None:
    with pytest.raises(UsageError, match="there is no human-written reward"):
        read_source("human", pendulum, None)


def test_a_misspelt_baseline_is_told_which_one_was_meant(pendulum: Environment, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no reward file, RUN:CANDIDATE or baseline named 'hooman'") as caught:
        check_files(["hooman"], pendulum, "basic", "balance")
    assert "Did you mean 'human'?" in caught.value.remedy
    for name in ("human", "missing.py", "k3f9:g00c01", "folder/file", str(tmp_path)):
        refuse_unknown_word(name, ["human"])


def test_a_syntax_error_is_told_to_whoever_wrote_it(pendulum: Environment, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def reward_terms(state, action, next_state, params)\n    return {}\n")
    (line,) = check_files([str(file)], pendulum, "basic")
    (finding,) = line.findings
    assert (finding.rule, finding.line) == ("static.syntax", 1)
    assert "eply" not in finding.remedy


def test_each_file_has_its_line(pendulum: Environment, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(read_source("human", pendulum, "balance"))
    bad.write_text("import os\n")
    lines = check_files([str(good), str(bad)], pendulum, "basic")
    assert [(line.file, line.status) for line in lines] == [(str(good), "accepted"), (str(bad), "refused")]
    assert lines[1].findings
