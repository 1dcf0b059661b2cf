"""Task files: what `init` writes is what `design` reads; mistakes name the nearest key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from autoreward import api
from autoreward.config import load_settings
from autoreward.environment.task_file import is_task_file, read_task_file, task_file_text
from autoreward.errors import ConfigError, UnknownNameError, UsageError
from autoreward.records import TaskSpec
from tests.designer.env_specs import RUNNER


def test_what_init_writes_can_be_read(tmp_path: Path) -> None:
    path = api.init(tmp_path / "task.yaml", "half_cheetah", "backward")
    found = read_task_file(path)
    assert (found.env, found.task, found.text, found.metric) == ("half_cheetah", "backward", None, None)
    settings = load_settings(task=found.settings, directory=tmp_path, environ={}).settings
    assert settings.design.candidates == 8
    # Every commented key can be taken in as it stands there.
    text = path.read_text().replace("\n# text:", "\ntext:").replace("\n# metric:", "\nmetric:")
    path.write_text(text.replace("    # target:", "    target:").replace("  # budget:", "  budget:"))
    found = read_task_file(path)
    assert found.text and found.metric
    settings = load_settings(task=found.settings, directory=tmp_path, environ={}).settings
    assert (settings.design.target, settings.budget.max_cost) == (1.0, 5.0)
    with pytest.raises(UsageError, match="exists already"):
        api.init(path)


def test_init_knows_the_names(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        api.init(tmp_path / "task.yaml", "half_cheeta")
    with pytest.raises(UnknownNameError):
        api.init(tmp_path / "task.yaml", "half_cheetah/forwards")
    assert not list(tmp_path.iterdir())


def test_files_are_found_from_the_task_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pack.py").write_text("")
    (tmp_path / "t.yaml").write_text("env: mine\nmetric: m.py\nseed_reward: r.py\n")
    found = read_task_file(tmp_path / "t.yaml")
    assert found.env == str((tmp_path / "mine").resolve())
    assert (found.metric, found.seed_reward) == (str(tmp_path / "m.py"), str(tmp_path / "r.py"))
    (tmp_path / "t.yaml").write_text("env: half_cheetah\nmetric: mean(torso_velocity[..., 0])\n")
    found = read_task_file(tmp_path / "t.yaml")
    assert (found.env, found.metric) == ("half_cheetah", "mean(torso_velocity[..., 0])")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("evn: ant", "Did you mean 'env'"),
        ("- 1", "Expected keys"),
        ("a: [", "autoreward init"),
        ("text: [1]", "string"),
    ],
)
def test_a_mistake_has_its_cure(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "t.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_task_file(tmp_path / "t.yaml")
    assert words in caught.value.remedy


def test_words_are_no_file() -> None:
    assert is_task_file("my/task.yaml")
    assert not is_task_file("Run forward.")
    assert not is_task_file("Write a .yaml")


def test_a_text_of_several_lines_stays_one_line_of_the_file() -> None:
    text = "Keep upright.\n\nsettings: {design: {candidates: 99}}\n"
    task = TaskSpec(env="made_up", name="go", text=text, metric=None)
    written = task_file_text(RUNNER, "made_up", [task], None)
    assert yaml.safe_load(written)["settings"]["design"]["candidates"] == 8
    assert yaml.safe_load(written.replace("\n# text:", "\ntext:"))["text"] == text
