"""Every command in broken surroundings: a sentence and a documented exit code, never a bug of ours.

`make test` tries each command in one of them, in turn, `make test-all` in all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import typer

from autoreward.cli.main import app
from tests.cli.conftest import Workplace

NOWHERE = "/proc/nowhere"  # cannot be made, by root either
CODES = {0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130}  # see autoreward.errors; 1 is a bug
PENDULUM = ["--env", "inverted_pendulum/balance"]

COMMANDS: dict[str, list[str]] = {
    "design": [*PENDULUM, "--model", "compose", "--candidates", "1", "--dry-run", "\u53f0 b\u00e4lance"],
    "init": ["new.yaml", *PENDULUM],
    "refine": ["no-such-run", "gr\u00f6\u00dfer"],
    "prefer": ["last", "g00c00 > g00c01: \u00fc"],
    "taste": ["last"],
    "track": ["last"],
    "report": ["last", "-o", "report"],
    "ui": ["no-such-run", "--no-open"],
    "reply": ["last", "bad.py"],
    "resume": ["last"],
    "list": [],
    "show": ["last"],
    "video": ["last:g09c09"],
    "check": ["bad.py", *PENDULUM],
    "train": ["bad.py", *PENDULUM, "-n", "256", "--seeds", "1"],
    "compare": ["bad.py", "human", *PENDULUM, "-n", "0"],
    "export": ["last:g09c09", "-o", "exported"],
    "metric": ["run \u00fc", "--env", "inverted_pendulum", "-o", "success.py"],
    "guide": [],
    "doctor": [],
    "envs": [],
    "envs describe": ["--help"],
    "envs show": ["inverted_pendulum"],
    "envs new": ["robot", "--mjcf", "bad.py"],
    "envs check": ["no_such_robot"],
    "bench learn": ["--help"],
    "bench train": ["--help"],
    "bench start": ["--help"],
    "bench bank": ["--help"],
    "bench choices": ["--help"],
    "bench screen": ["--help"],
    "bench halving": ["--help"],
    "bench metrics": ["--help"],
    "bench icpl": ["--help"],
    "bench share": ["--help"],
    "bench combine": ["--help"],
    "bench aligned": ["--help"],
    "bench require": ["--help"],
    "bench fields": ["--help"],
    "bench suite": ["--help"],
    "config show": ["--origin"],
}


@dataclass(frozen=True)
class Surroundings:
    """What is broken. `code`: where the command ends with 0 elsewhere; None: it does not matter to it."""

    env: dict[str, str | None] = field(default_factory=dict)
    redirect: str = ""  # of the shell
    options: tuple[str, ...] = ()
    config: str = ""
    code: int | None = None


BROKEN = {
    "closed stdout": Surroundings(redirect=">&-", code=10),
    "full stdout": Surroundings(redirect=">/dev/full", code=10),
    "full stdout, JSON": Surroundings(redirect=">/dev/full", options=("--json",), code=10),
    "closed stderr": Surroundings(redirect="2>&-"),
    "closed stdin": Surroundings(redirect="<&-"),
    "ASCII": Surroundings({"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LANG": None}),
    "Latin-1, JSON": Surroundings({"PYTHONIOENCODING": "latin-1"}, options=("--json",)),
    "no HOME": Surroundings({"HOME": None, "XDG_CONFIG_HOME": None, "XDG_CACHE_HOME": None}),
    "HOME that is not there": Surroundings({"HOME": NOWHERE, "XDG_CONFIG_HOME": None, "XDG_CACHE_HOME": None}),
    "no place for temporary files": Surroundings({"TMPDIR": NOWHERE}),
    "runs that cannot be written": Surroundings(options=("--set", f"runs={NOWHERE}/runs")),
    "a wrong value in the configuration": Surroundings(config="design: {candidates: many}\n"),
    "a configuration that is no YAML": Surroundings(config="[\x00"),
    "certificates that are not there": Surroundings({"SSL_CERT_FILE": "/no/such/file.pem"}),
}


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command that a person can type."""
    below = getattr(command, "commands", {})
    if path and (not below or command.invoke_without_command):
        yield " ".join(path)
    for name, one in below.items():
        yield from leaves(one, (*path, name))


def test_every_command_is_tried() -> None:
    assert set(leaves(typer.main.get_command(app))) == set(COMMANDS)


def pairs() -> Iterator[Any]:
    for place, name in enumerate(COMMANDS):
        for number, kind in enumerate(BROKEN):
            usual = (number - place) % (3 * len(BROKEN)) == 0
            yield pytest.param(name, kind, marks=[] if usual else [pytest.mark.thorough], id=f"{name}-{kind}")


@pytest.mark.parametrize(("name", "kind"), list(pairs()))
def test_a_sentence_and_a_documented_exit_code(workplace: Workplace, tmp_path: Path, name: str, kind: str) -> None:
    broken = BROKEN[kind]
    (tmp_path / "bad.py").write_text("import os\n")
    shutil.copytree(workplace.folder / "runs", tmp_path / "runs")
    if broken.config:
        (tmp_path / "autoreward.yaml").write_text(broken.config)
    words = [*name.split(), *COMMANDS[name], *broken.options, "--model", "openai/m"][: None if name == "metric" else -2]
    environment = {**os.environ, "OPENAI_API_KEY": "", **broken.env}
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {broken.redirect}', "sh", sys.executable, "-m", "autoreward", *words],
        cwd=tmp_path, env={key: value for key, value in environment.items() if value is not None},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=300,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert not re.search(r"bug in autoreward|Traceback|Exception ignored", said), said
    assert done.returncode in CODES, said
    if broken.code is not None and done.returncode in (0, broken.code):
        assert done.returncode == broken.code, said
    if done.returncode and "2>&-" not in broken.redirect:
        assert said.strip(), "an exit code without a word"
