"""The recorded replies of a language model: every reward is accepted, and no metric depends on other episodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoreward.critic import check, check_metric
from autoreward.designer.parse import find_program
from autoreward.environment.environment import Environment
from autoreward.environment.pack import pack_names
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.reward.sandbox.sandbox import Sandbox

REPLIES = Path(__file__).resolve().parents[3] / "shared" / "replies"
PADDING = "depends on steps after the end of an episode"

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not REPLIES.is_dir(), reason=f"no recorded replies at {REPLIES}"),
]


def _tasks() -> list[str]:
    return sorted(folder.name for folder in (REPLIES / "rewards").glob("*") if folder.is_dir())


def _environment(folder: str) -> Environment:
    env = max((name for name in pack_names() if folder.startswith(f"{name}_")), key=len)
    return open_environment(env, folder.removeprefix(f"{env}_"))


@pytest.mark.parametrize("folder", _tasks())
def test_every_reward_is_accepted(sandbox: Sandbox, folder: str) -> None:
    environment = _environment(folder)
    files = [(file.stem, find_program(file.read_text("utf-8"))) for file in (REPLIES / "rewards" / folder).glob("*.md")]
    verdicts = check(files, environment.spec, environment.transitions, sandbox)
    assert len(verdicts) == 8
    assert {verdict.candidate: verdict.findings for verdict in verdicts if verdict.status != "accepted"} == {}


def _metrics(folder: str) -> Iterator[str]:
    for file in sorted((REPLIES / "metrics" / folder).glob("*.md")):
        block = re.search(r"```python\n(.*?)```", file.read_text("utf-8"), re.DOTALL)
        assert block is not None
        yield block.group(1)


@pytest.mark.parametrize("folder", _tasks())
def test_no_metric_is_refused_but_for_its_mask(sandbox: Sandbox, folder: str) -> None:
    """Some of the drafts do read what stands behind an end."""
    environment = _environment(folder)
    refused = []
    for code in _metrics(folder):
        try:
            check_metric(code, environment.spec, environment.spec.horizon, sandbox)
        except UsageError as error:
            refused.append(error.message)
    assert all(PADDING in message for message in refused), refused
