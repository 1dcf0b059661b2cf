"""No honest reward is refused: 104 replies of a language model, where their folder lies beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.critic import check_static
from autoreward.designer.parse import find_program
from autoreward.environment.pack import pack_names
from autoreward.environment.random_rollout import open_environment
from autoreward.export.source import checked_tree, program_text
from autoreward.records import EnvSpec
from tests.thorough import every

REPLIES = Path(__file__).resolve().parents[3] / "shared" / "replies" / "rewards"
TASKS = sorted(folder.name for folder in REPLIES.glob("*")) if REPLIES.is_dir() else []


def _spec(task: str) -> EnvSpec:
    return open_environment(next(name for name in pack_names() if task.startswith(f"{name}_"))).spec


@pytest.mark.skipif(not TASKS, reason=f"{REPLIES} is not there")
@pytest.mark.parametrize("task", every(4, TASKS))
def test_replies_are_in_the_language_and_can_be_exported(task: str) -> None:
    env = _spec(task)
    fields = [field.name for field in env.fields]
    for file in sorted((REPLIES / task).glob("*.md")):
        source = find_program(file.read_text("utf-8"))
        errors = [finding for finding in check_static(source, env) if finding.severity == "error"]
        assert errors == [], file.name
        assert program_text(checked_tree(source, fields), source)
