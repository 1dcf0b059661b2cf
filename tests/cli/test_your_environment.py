"""docs/your-environment.md, followed line by line."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commands import run_here

TOP = Path(__file__).parent.parent.parent
PAGE = (TOP / "docs" / "your-environment.md").read_text(encoding="utf-8")
SMALL = {
    "ppo": {"num_envs": 4, "num_steps": 64, "num_minibatches": 2, "hidden": [8]},
    "design": {"final_seeds": 1, "evaluation_episodes": 1, "clips": False},
}
EXPECTED = {  # what a person looks for, by how the command begins
    "autoreward envs describe my_robot:Reach": ["hand", "goal", "is_success (its name)", "unknown"],
    "autoreward envs describe my_robot:Reach --fields": ["gap", "between the hand and the goal"],
    "autoreward check": ["near.py: accepted"],
    "autoreward train": ["near.py", "sparse", "trained"],
    "autoreward design": ["best reward"],
    "autoreward show": ["g00c00"],
    "autoreward export": ["wrapper.py", "policy.py"],
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.usefixtures("warm")
def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in blocks("python"):
        (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text)
    (tmp_path / "autoreward.yaml").write_text(yaml.safe_dump(SMALL))
    for command in (line for block in blocks("sh") for line in block.splitlines()):
        done = run_here(tmp_path, *shlex.split(command)[1:])
        assert done.code == 0, (command, done.out, done.err)
        wanted = max((start for start in EXPECTED if command.startswith(start)), key=len)
        assert all(word in done.out for word in EXPECTED[wanted]), (command, done.out)
    used = subprocess.run([sys.executable, "use.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert re.match(r"-?\d+\.\d+ \{", used.stdout), used.stdout
    assert "import autoreward" not in "".join(file.read_text() for file in (tmp_path / "best_reach").glob("*.py"))


def test_the_readme_tells_of_it_with_commands_of_the_page() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    section = readme.partition("### Your own environment")[2].partition("\n## ")[0]
    assert "docs/your-environment.md" in section
    assert (
        "--env my_robot:Reach --metric info:is_success" in section
        and "my_robot:Reach --fields my_robot:fields --metric info:is_success" in PAGE
    )
