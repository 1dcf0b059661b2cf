"""Packs and tasks: what is there loads, what is wrong is named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoreward.environment.pack import data_view, load_pack, pack_names, packs_directory
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import human_reward, load_task, pack_for_task, split_environment, task_names
from autoreward.environment.vector_env import VectorEnv
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError


def copied(tmp_path: Path, old: str, new: str) -> str:
    folder = tmp_path / "mine"
    shutil.copytree(packs_directory() / "half_cheetah", folder)
    file = folder / "pack.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return str(folder)


def test_packs_and_tasks() -> None:
    expected = "ant half_cheetah hopper humanoid inverted_pendulum reacher swimmer walker2d"
    assert set(expected.split()) <= set(pack_names())
    assert task_names(load_pack("hopper")) == ["back_flip", "forward", "front_flip"]
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
        ("HORIZON = 1000", 'HORIZON = 1000\nBOUNDS = {"torso_pitch": 0.2}', "BOUNDS cannot be read"),
        (
            "HORIZON = 1000",
            'HORIZON = 1000\nBOUNDS = {"head.z": (0.2, None)}',
            "BOUNDS names no field of FIELDS: 'head.z'",
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


@pytest.mark.parametrize(
    ("text", "message"), [("text: [Run.", "is not YAML"), ("- Run.", "expected names with values")]
)
def test_a_task_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "mine")
    (tmp_path / "mine/tasks/forward/task.yaml").write_text(text)
    with pytest.raises(EnvironmentFailedError, match=message):
        load_task(load_pack(str(tmp_path / "mine")), "forward")


def test_split_environment(tmp_path: Path) -> None:
    assert split_environment("hopper/forward", None) == ("hopper", "forward")
    assert split_environment("hopper", "forward") == ("hopper", "forward")
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "mine")
    assert split_environment(str(tmp_path / "mine"), "forward") == (str(tmp_path / "mine"), "forward")
    with pytest.raises(UsageError, match="named twice"):
        split_environment("hopper/forward", "backward")


def test_a_task_overrides_the_pack() -> None:
    pack = load_pack("hopper")
    assert (pack.horizon, pack.mirror_arguments) == (1000, {})
    flip = pack_for_task(pack, "front_flip")
    assert (flip.horizon, flip.termination) == (500, "never")
    assert flip.mirror_arguments == {"terminate_when_unhealthy": False}
    fallen = data_view({"qpos": np.array([[0.0, 0.2, 1.5, 0.0, 0.0, 0.0]]), "qvel": np.zeros((1, 6))})
    assert pack.terminated(np, fallen, {}).tolist() == [True]
    assert flip.terminated(np, fallen, {}).tolist() == [False]


def test_a_task_keeps_what_it_does_not_override() -> None:
    pack = load_pack("ant")
    wave = pack_for_task(pack, "wave_leg")
    assert wave == replace(pack, horizon=200)
    assert pack_for_task(pack, "forward") == pack
    assert pack_for_task(pack, None) is pack
    lying = pack_for_task(pack, "lie_down").mirror_arguments
    assert lying == {**pack.mirror_arguments, "terminate_when_unhealthy": False}


def test_the_override_reaches_episodes_and_what_a_designer_sees() -> None:
    environment = open_environment("hopper", "back_flip")
    assert (environment.spec.horizon, environment.spec.termination) == (500, "never")
    assert environment.spec.mirror_arguments == {"terminate_when_unhealthy": False}
    assert environment.transitions.next_state["terminated"].max() == 0.0
    assert np.abs(environment.transitions.next_state["torso_pitch"]).max() > 0.5  # beyond the healthy 0.2 rad
    assert open_environment("hopper", "forward").transitions.next_state["terminated"].max() == 1.0
    assert VectorEnv(environment.pack, 1).horizon == 500


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("horizon: 0", "horizon is 0, expected a number of control steps"),
        ("horizon: true", "horizon is True, expected a number of control steps"),
        ("termination: sometimes", "termination is 'sometimes', expected never"),
        ("mirror_arguments: no", "mirror_arguments is False, expected a mapping"),
        ("horizons: 10", "has unknown keys: horizons"),
    ],
)
def test_wrong_overrides_are_named(tmp_path: Path, line: str, message: str) -> None:
    shutil.copytree(packs_directory() / "half_cheetah", tmp_path / "mine")
    with (tmp_path / "mine/tasks/forward/task.yaml").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(EnvironmentFailedError, match=message):
        pack_for_task(load_pack(str(tmp_path / "mine")), "forward")
