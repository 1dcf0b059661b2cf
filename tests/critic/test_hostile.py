"""Hostile and broken programs: each gets the verdict of `tests/corpus/expected.txt`, at the stage named there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autoreward.critic import check, check_static
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions
from tests.thorough import every

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
SHORT = 3.0  # [s] for programs that never end


@dataclass(frozen=True)
class Expected:
    """One line of the table."""

    name: str
    stage: str
    status: tuple[str, ...]
    rule: tuple[str, ...]

    def source(self) -> str:
        """The text as `autoreward check` reads it, with a number for every target."""
        path = CORPUS / f"{self.name}.py"
        return re.sub("@[A-Z]+@", "1", path.read_bytes().decode("utf-8", errors="surrogateescape"))


def _read_table() -> list[Expected]:
    lines = (CORPUS / "expected.txt").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return [
        Expected(name, stage, tuple(status.split("|")), tuple(rule.split("|"))) for name, stage, status, rule in rows
    ]


TABLE = _read_table()
STATIC = [row for row in TABLE if row.stage == "static"]
RUN = [row for row in TABLE if row.stage == "run"]


@contextmanager
def _deadline(sandbox: Sandbox, seconds: float) -> Iterator[None]:
    trace = sandbox.trace_reward

    def shorter(source: str, env: Any, rows: Any) -> Any:
        return trace(source, env, rows, deadline=seconds)

    sandbox.trace_reward = shorter  # type: ignore[assignment]
    try:
        yield
    finally:
        del sandbox.trace_reward  # type: ignore[method-assign]


def test_the_table_names_every_file() -> None:
    found = {
        f"{folder}/{path.stem}" for folder in ("broken", "contained", "escapes") for path in (CORPUS / folder).iterdir()
    }
    assert found == {row.name for row in TABLE}
    assert len(found) > 120
    assert len(list((CORPUS / "accepted").glob("*.py"))) >= 40


@pytest.mark.parametrize("row", STATIC, ids=[row.name for row in STATIC])
def test_refused_before_anything_runs(row: Expected) -> None:
    errors = [finding for finding in check_static(row.source(), ROBOT) if finding.severity == "error"]
    assert set(row.rule) & {finding.rule for finding in errors}
    assert all(finding.message and finding.remedy for finding in errors)


@pytest.mark.parametrize("row", every(6, RUN, [row.name for row in RUN]))
def test_stopped_when_it_runs(row: Expected, sandbox: Sandbox) -> None:
    assert not [finding for finding in check_static(row.source(), ROBOT) if finding.severity == "error"]
    with _deadline(sandbox, SHORT) if "run.deadline" in row.rule else nullcontext():
        (verdict,) = check([(row.name, row.source())], ROBOT, transitions(300), sandbox)
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    assert verdict.status in row.status, errors
    if verdict.status != "accepted":
        assert set(row.rule) & {finding.rule for finding in errors}
        assert all(finding.message and finding.remedy for finding in errors)
        assert verdict.reward is None
