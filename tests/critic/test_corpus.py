"""One accepted and one refused program for each rule of the critic."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.critic import check
from autoreward.records import Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
FILES = {kind: sorted((CORPUS / kind).glob("*.py")) for kind in ("accepted", "warned", "refused")}


@pytest.fixture(scope="module")
def verdicts(sandbox: Sandbox) -> dict[str, Verdict]:
    files = [(f"{path.parent.name}/{path.stem}", path.read_text("utf-8")) for kind in FILES for path in FILES[kind]]
    return {verdict.candidate: verdict for verdict in check(files, ROBOT, transitions(300), sandbox)}


@pytest.mark.parametrize("name", [path.stem for path in FILES["accepted"]])
def test_honest_program_is_accepted(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"accepted/{name}"]
    assert [finding for finding in verdict.findings if finding.severity == "error"] == []
    assert verdict.status == "accepted"
    assert verdict.reward is not None


@pytest.mark.parametrize("name", [path.stem for path in FILES["warned"]])
def test_doubtful_program_is_accepted_with_a_warning(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"warned/{name}"]
    assert verdict.status == "accepted"
    assert (name.replace("_", ".", 1), "warning") in {(one.rule, one.severity) for one in verdict.findings}


@pytest.mark.parametrize("name", [path.stem for path in FILES["refused"]])
def test_program_that_breaks_a_rule_is_refused_by_it(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"refused/{name}"]
    assert verdict.status == "refused"
    assert verdict.reward is None
    errors = [finding for finding in verdict.findings if finding.severity == "error"]
    assert name.replace("_", ".", 1) in {finding.rule for finding in errors}
    assert all(finding.message and finding.remedy for finding in errors)


def test_every_rule_has_both_files() -> None:
    accepted, refused = ({path.stem for path in FILES[kind]} for kind in ("accepted", "refused"))
    assert refused <= accepted
