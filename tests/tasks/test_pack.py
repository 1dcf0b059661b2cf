"""Packs and tasks: what is there loads, what is wrong is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.tasks.pack import load_pack, pack_names, packs_directory
from autoreward.tasks.task import human_reward, load_task, split_environment, task_names


def copied(tmp_path: Path, old: str, new: str) -> str:
    folder = tmp_path / "mine"
    shutil.copytree(packs_directory() / "half_cheetah", folder)
    file = folder / "pack.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return str(folder)


def test_packs_and_tasks() -> None:
    assert {"half_cheetah", "inverted_pendulum"} <= set(pack_names())
    assert task_names(load_pack("half_cheetah")) == ["backward", "forward"]
    task = load_task(load_pack("half_cheetah"), "forward")
    assert task.text == "Run forward as fast and as steadily as possible."
    assert task.metric is not None
    assert (task.metric.unit, task.metric.reference, task.metric.origin) == ("m", 300.0, "task")


def test_human_reward_only_where_there_is_one(tmp_path: Path) -> None:
    pack = load_pack("half_cheetah")
    assert "WEIGHTS" in (human_reward(pack, "forward") or "")
    assert human_reward(pack, None) is None
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "bare")
    (tmp_path / "bare/tasks/forward/human.py").unlink()
    assert human_reward(load_pack(str(tmp_path / "bare")), "forward") is None


def test_pack_outside_the_installation_by_path(tmp_path: Path) -> None:
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "mine")
    assert load_pack(str(tmp_path / "mine")).name == "mine"


def test_unknown_names_say_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'half_cheetah'"):
        load_pack("half_chetah")
    with pytest.raises(UnknownNameError, match="Did you mean 'forward'"):
        load_task(load_pack("half_cheetah"), "forwards")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("FRAME_SKIP = 5", "FRAME_SKIP = 'five'", "FRAME_SKIP is str 'five', expected int"),
        ("HORIZON = 1000", "", "HORIZON is nothing, expected int"),
        ("def observation(", "def observe(", r"no function observation\(\)"),
        ("TITLE =", "1 / 0\nTITLE =", "raised ZeroDivisionError on import"),
        ('"torso_pitch":', '"time":', "declares 'time', which every environment has"),
        (
            'unit="rad", frame="world", meaning="pitch',
            'units="rad", meaning="pitch',
            r"FIELDS\['torso_pitch'\] is wrong",
        ),
    ],
)
def test_wrong_packs_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(EnvironmentFailedError, match=message):
        load_pack(copied(tmp_path, old, new))


def test_incomplete_task_is_named(tmp_path: Path) -> None:
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "mine")
    (tmp_path / "mine/tasks/forward/task.yaml").write_text("text: Run.\n")
    with pytest.raises(EnvironmentFailedError, match=r"lacks meaning, reference, unit"):
        load_task(load_pack(str(tmp_path / "mine")), "forward")


def test_split_environment(tmp_path: Path) -> None:
    assert split_environment("hopper/forward", None) == ("hopper", "forward")
    assert split_environment("hopper", "forward") == ("hopper", "forward")
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "mine")
    assert split_environment(str(tmp_path / "mine"), "forward") == (str(tmp_path / "mine"), "forward")
    with pytest.raises(UsageError, match="named twice"):
        split_environment("hopper/forward", "backward")
