"""One accepted and one refused program for each rule of the critic."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from autoreward.critic import check
from autoreward.export.reward_file import reward_file
from autoreward.records import Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions
from tests.thorough import packs

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
FILES = {kind: sorted((CORPUS / kind).glob("*.py")) for kind in ("accepted", "warned", "refused")}


ACCEPTED = [*FILES["accepted"], *FILES["warned"]]
USUAL = ACCEPTED[::3]  # checked each time
Judge = Callable[[Path], Verdict]


@pytest.fixture(scope="module")
def judge(sandbox: Sandbox) -> Judge:
    """Checks a program, each once."""
    rows = transitions(300)

    @cache
    def judged(path: Path) -> Verdict:
        return check([(path.stem, path.read_text("utf-8"))], ROBOT, rows, sandbox)[0]

    return judged


@pytest.mark.parametrize("name", packs([path.stem for path in FILES["accepted"]], {path.stem for path in USUAL}))
def test_honest_program_is_accepted(judge: Judge, name: str) -> None:
    verdict = judge(CORPUS / "accepted" / f"{name}.py")
    assert [finding for finding in verdict.findings if finding.severity == "error"] == []
    assert verdict.status == "accepted"
    assert verdict.reward is not None


@pytest.mark.parametrize("name", [path.stem for path in FILES["warned"]])
def test_doubtful_program_is_accepted_with_a_warning(judge: Judge, name: str) -> None:
    verdict = judge(CORPUS / "warned" / f"{name}.py")
    assert verdict.status == "accepted"
    assert (name.replace("_", ".", 1), "warning") in {(one.rule, one.severity) for one in verdict.findings}


@pytest.mark.parametrize("name", [path.stem for path in FILES["refused"]])
def test_program_that_breaks_a_rule_is_refused_by_it(judge: Judge, name: str) -> None:
    verdict = judge(CORPUS / "refused" / f"{name}.py")
    assert verdict.status == "refused"
    assert verdict.reward is None
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    assert name.replace("_", ".", 1) in {finding.rule for finding in errors}
    assert all(finding.message and finding.remedy for finding in errors)


WITNESS = """
import __future__, json, os, sys, types, warnings
warnings.simplefilter("error")
import numpy as np
np.linalg.norm(np.ones((2, 3), np.float32), axis=-1)
files = json.load(sys.stdin)
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
seen, harmless = [], {"compile", "exec", "import", "object.__getattr__", "code.__new__"}
sys.addaudithook(lambda event, arguments: event in harmless or seen.append((event, str(arguments))))
said = {}
for name, text in files.items():
    seen.clear()
    module = types.ModuleType("reward")
    exec(compile(text, "reward.py", "exec", dont_inherit=True), module.__dict__)
    fields = {field: np.ones(shape) for field, shape in module.FIELDS.items()}
    module.reward(fields, np.zeros(6), fields), module.reward(fields, np.zeros(6), fields)
    said[name] = list(seen)
print(json.dumps(said))
"""


@pytest.mark.parametrize(
    "paths",
    [USUAL, pytest.param(FILES["accepted"] + FILES["warned"], marks=pytest.mark.thorough)],
    ids=["usual", "all"],
)
def test_the_exports_of_accepted_programs_compute_and_do_nothing_else(
    judge: Judge, paths: list[Path], tmp_path: Path
) -> None:
    texts = {}
    for path in paths:
        reward = judge(path).reward
        assert reward is not None
        texts[path.stem] = reward_file(path.read_text("utf-8"), reward, ROBOT, 0.99, "")
    said = _imported(texts, tmp_path)
    assert set(said) == set(texts)
    assert {name: events for name, events in said.items() if events} == {}
    assert list(tmp_path.iterdir()) == []


def test_the_witness_sees_a_canary(judge: Judge, tmp_path: Path) -> None:
    path = FILES["accepted"][0]
    reward = judge(path).reward
    assert reward is not None
    text = reward_file(path.read_text("utf-8"), reward, ROBOT, 0.99, "")
    said = _imported({"system": text + "D = {}\nD[__import__('os').system('true')]: float\n"}, tmp_path)
    assert [event for event, _ in said["system"]] == ["os.system"]


def _imported(texts: dict[str, str], folder: Path) -> dict[str, list[list[str]]]:
    """What every exported file did besides computing, when it was imported and called twice without privileges."""
    command = [sys.executable, "-I", "-c", WITNESS]
    done = subprocess.run(command, input=json.dumps(texts), env={}, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen: dict[str, list[list[str]]] = json.loads(done.stdout)
    return seen


def test_every_rule_has_both_files() -> None:
    accepted, refused = ({path.stem for path in FILES[kind]} for kind in ("accepted", "refused"))
    assert refused <= accepted
