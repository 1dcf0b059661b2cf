"""What a person may ask for, and what is said where it is not enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import NoValidCandidateError, UnknownNameError, UsageError
from autoreward.search.request import check_request, make_task, read_metric, read_seed_reward, run_versions


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum")


def test_a_task_brings_its_text_and_its_metric(pendulum: Environment) -> None:
    task = make_task(pendulum, None, "balance", None)
    assert task.metric is not None and task.metric.origin == "task"
    assert task.text
    assert make_task(pendulum, "Hold it up.", "balance", None).text == "Hold it up."


def test_a_text_alone_borrows_no_metric(pendulum: Environment) -> None:
    with pytest.raises(UsageError, match="how success is measured") as refused:
        make_task(pendulum, "Hold it up.", None, None)
    assert "balance" in refused.value.remedy and "--metric" in refused.value.remedy
    with pytest.raises(UsageError, match="neither a text nor a task"):
        make_task(pendulum, None, None, None)
    with pytest.raises(UsageError, match="Training needs a success metric"):  # as `train` calls it
        make_task(pendulum, "", None, None)
    with pytest.raises(UnknownNameError):
        make_task(pendulum, None, "balence", None)


def test_a_metric_is_a_file_or_an_expression(pendulum: Environment, tmp_path: Path) -> None:
    file = tmp_path / "upright.py"
    file.write_text("def success(trajectory, params): ...\n")
    assert read_metric(pendulum, str(file)).origin == "file"
    expression = read_metric(pendulum, "mean(pole_angle)")
    assert (expression.origin, expression.meaning) == ("expression", "mean(pole_angle)")
    with pytest.raises(UsageError, match="cannot be read"):
        read_metric(pendulum, str(tmp_path / "missing.py"))


def test_shaping_needs_a_reward_to_shape(pendulum: Environment) -> None:
    task = make_task(pendulum, None, "balance", None).model_copy(update={"metric": None})
    settings = Settings.model_validate({"design": {"shaping_only": True}, "llm": {"model": "compose"}})
    with pytest.raises(UsageError, match="shaping needs a task reward"):
        check_request(pendulum, task, settings)


def test_a_seed_reward_that_is_refused_says_every_reason(pendulum: Environment, tmp_path: Path) -> None:
    file = tmp_path / "reward.py"
    file.write_text("import os\nimport sys\n")
    with pytest.raises(NoValidCandidateError, match=r"start of a search, it is refused:\n") as caught:
        read_seed_reward(str(file), pendulum, Settings())
    lines = caught.value.message.splitlines()
    assert [line for line in lines if "`import" in line] == [
        f"    error static.import: line {number}: `import {name}` is not part of the reward language"
        for number, name in ((1, "os"), (2, "sys"))
    ]
    assert caught.value.remedy.endswith(f"autoreward check {file} --env inverted_pendulum")


def test_a_run_is_made_with_prompts_and_packages() -> None:
    versions = run_versions()
    assert len(versions["prompts"]) == 64
    assert {"autoreward", "jax", "mujoco"} <= set(versions)
