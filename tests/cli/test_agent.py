"""A coding agent that knows SKILL.md and JSON lines, and nothing else, comes from a text to an export."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autoreward.errors import AutorewardError
from tests.cli.conftest import Finished, autoreward

# As small as it gets, from the working folder, so that every command runs as it is written.
TINY = """
llm: {model: compose}
design:
  {candidates: 2, generations: 1, seeds: 1, n_timesteps: 256, final_seeds: 1, evaluation_episodes: 1, clips: false}
ppo: {num_envs: 4, num_steps: 64, num_minibatches: 2, hidden: [8]}
"""


class Agent:
    """Reads nothing but JSON lines and exit codes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.skill: str = self.lines("autoreward guide --skill --json")[0]["guide"]

    def lines(self, command: str) -> list[dict[str, Any]]:
        """What a command prints; it has to succeed."""
        done = run(self.folder, command)
        assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
        return [json.loads(line) for line in done.out.splitlines()]

    def commands(self) -> list[str]:
        """Those that SKILL.md sets apart, in its order."""
        found = [line.strip() for line in self.skill.splitlines() if line.startswith("    autoreward ")]
        assert all("--json" in command for command in found)
        return found


def run(folder: Path, command: str) -> Finished:
    """A command line as somebody would paste it."""
    program, *arguments = shlex.split(command)
    assert program == "autoreward"
    return autoreward(folder, *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("agent")
    (made / "autoreward.yaml").write_text(TINY)
    return made


def test_from_a_text_to_an_export(folder: Path) -> None:
    agent = Agent(folder)
    said: dict[str, list[dict[str, Any]]] = {}
    name = "RUN"
    for command in agent.commands():
        lines = agent.lines(command.replace("RUN", name))
        said[command.removeprefix("autoreward --json --no-input ")] = lines
        if name == "RUN" and lines[0].get("event") == "started":
            assert [line["event"] for line in lines] == ["started", "candidate", "candidate", "generation", "finished"]
            name = lines[0]["run"]
    assert name != "RUN"
    assert "forward" in next(env["tasks"] for env in said["envs"] if env["env"] == "half_cheetah")
    assert "torso_velocity" in {field["name"] for field in said["envs show half_cheetah"][0]["fields"]}
    (shown,) = said["show RUN"]
    assert shown["best"]["fitness"]["seeds"] == 1
    (export,) = said["export RUN -o best_reward"]
    assert folder / "best_reward" / "reward.py" in {folder / file for file in export["files"]}
    alone = subprocess.run(
        [sys.executable, "-c", "import reward; print(sorted(reward.WEIGHTS))"],
        cwd=folder / "best_reward",
        capture_output=True,
        text=True,
    )
    assert alone.stdout.startswith("['"), alone.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("place", ["my runs", "runs"])
def test_every_next_line_is_a_command_that_works(folder: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "autoreward.yaml").write_text(TINY)
    (made,) = (folder / "runs").iterdir()
    copy = Path(place) / made.name
    shutil.copytree(made, tmp_path / copy)
    lines = run(tmp_path, f"autoreward show {shlex.quote(str(copy))}").out.splitlines()
    commands = [line.strip() for line in lines[lines.index("next") + 1 :]]
    assert [command.split()[1] for command in commands] == ["show", "refine", "export"]
    for command in commands:
        done = run(tmp_path, command)
        assert done.code == 0, f"{command}\n{done.err}"
    assert (tmp_path / "best_reward" / "reward.py").is_file()


def test_the_skill_tells_every_exit_code(folder: Path) -> None:
    told = {int(line.split("|")[1]) for line in Agent(folder).skill.splitlines() if line[:3].strip("| ").isdigit()}
    known = {0}
    waiting: list[type[AutorewardError]] = [AutorewardError]
    while waiting:
        kind = waiting.pop()
        known.add(kind.exit_code)
        waiting += kind.__subclasses__()
    assert told == known
