"""Tasks of a pack: what `task.yaml` states, what it overrides, and what is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.task import human_reward, load_task, pack_for_task, split_environment, task_names
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError

STATED = "text: Stand.\nmeaning: time\nunit: s\nreference: 1.0\n"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """The pendulum with a folder of tasks of its own."""
    from dataclasses import replace

    task = tmp_path / "tasks" / "stand"
    task.mkdir(parents=True)
    (task / "task.yaml").write_text(STATED)
    (task / "metric.py").write_text("METRIC")
    return replace(load_pack("inverted_pendulum"), folder=tmp_path)


def rewrite(pack: Pack, text: str) -> None:
    (pack.folder / "tasks" / "stand" / "task.yaml").write_text(text)


def test_a_task_with_its_metric(pack: Pack) -> None:
    task = load_task(pack, "stand")
    assert (task.env, task.name, task.text) == ("inverted_pendulum", "stand", "Stand.")
    assert task.metric is not None and (task.metric.code, task.metric.unit) == ("METRIC", "s")
    assert task_names(pack) == ["stand"]


def test_an_unknown_task_has_the_nearest_name(pack: Pack) -> None:
    with pytest.raises(UnknownNameError, match="stand"):
        load_task(pack, "stant")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("text: Stand.\n", "lacks meaning, reference, unit"),
        (f"{STATED}speed: 1\n", "has unknown keys: speed"),
        (f"{STATED}horizon: 0\n", "horizon is 0, expected a number of control steps from 1"),
        (f"{STATED}horizon: true\n", "horizon is True"),
        (f"{STATED}termination: sometimes\n", "termination is 'sometimes', expected never"),
        (f"{STATED}randomise: 3\n", "randomise is 3, expected a list"),
        ("[1, 2]", "expected names with values"),
        ("text: a: b", "is not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(pack: Pack, text: str, words: str) -> None:
    rewrite(pack, text)
    with pytest.raises(EnvironmentFailedError, match=words) as error:
        pack_for_task(pack, "stand")
    assert "tasks/stand/task.yaml" in error.value.message


def test_a_task_overrides_horizon_and_termination(pack: Pack) -> None:
    assert pack_for_task(pack, None) is pack
    rewrite(pack, f"{STATED}horizon: 7\ntermination: never\n")
    changed = pack_for_task(pack, "stand")
    assert (changed.horizon, changed.termination, changed.bounds) == (7, "never", ())
    assert pack.termination != "never"


def test_the_reward_of_an_expert_where_there_is_one(pack: Pack) -> None:
    assert human_reward(pack, "stand") is None and human_reward(pack, None) is None
    (pack.folder / "tasks" / "stand" / "human.py").write_text("REWARD")
    assert human_reward(pack, "stand") == "REWARD"


def test_an_environment_may_name_its_task(tmp_path: Path) -> None:
    assert split_environment("hopper/forward", None) == ("hopper", "forward")
    assert split_environment("hopper/forward", "forward") == ("hopper", "forward")
    assert split_environment("hopper", "forward") == ("hopper", "forward")
    (tmp_path / "pack.py").write_text("")
    assert split_environment(str(tmp_path), None) == (str(tmp_path), None)
    with pytest.raises(UsageError, match="named twice"):
        split_environment("hopper/forward", "hop")
