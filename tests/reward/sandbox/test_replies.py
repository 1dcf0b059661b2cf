"""Forged replies of a child are refused, and its texts lose what a terminal would obey."""

from __future__ import annotations

from typing import Any

import pytest

from autoreward.reward.sandbox.replies import (
    ReplyError,
    compiled_metric,
    compiled_reward,
    plain,
    read_failure,
    read_findings,
)
from autoreward.wire import Packet
from tests.reward.robot import ROBOT

HONEST: dict[str, Any] = {
    "weights": [["forward", 1.0], ["effort", -0.1]],
    "params": {"scale": 2.0},
    "has_potential": False,
    "inputs": ["action", "next_state.torso_velocity", "params.scale"],
}


def test_honest_reply() -> None:
    compiled = compiled_reward(Packet(HONEST, {"program": b"bytes"}), ROBOT)
    assert list(compiled.weights.items()) == [("forward", 1.0), ("effort", -0.1)]
    assert compiled.digest == "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"  # sha256 of b"bytes"


@pytest.mark.parametrize(
    "forged",
    [
        {"weights": []},
        {"weights": [["forward", 1.0], ["forward", 2.0]]},
        {"weights": [["forward", float("inf")]]},
        {"weights": [["forward", True]]},
        {"weights": [["../forward", 1.0]]},
        {"weights": [["f" * 49, 1.0]]},
        {"weights": [[f"t{number}", 1.0] for number in range(33)]},
        {"weights": [["forward"]]},
        {"weights": {"forward": 1.0}},
        {"params": None},
        {"params": {"scale": "2"}},
        {"inputs": ["action", "action"]},
        {"inputs": ["state.terminated"]},
        {"inputs": ["params.other"]},
        {"inputs": "action"},
        {"inputs": [1]},
    ],
)
def test_forged_reply_is_refused(forged: dict[str, Any]) -> None:
    with pytest.raises(ReplyError):
        compiled_reward(Packet(HONEST | forged, {"program": b"bytes"}), ROBOT)


@pytest.mark.parametrize("data", [None, [], "text", {"inputs": ["reward"]}])
def test_forged_metric_is_refused(data: Any) -> None:
    with pytest.raises(ReplyError):
        compiled_metric(Packet(data, {"program": b""}), ROBOT, 10)


def test_texts_are_cut_and_cleaned() -> None:
    assert plain("a\x1b[31mb\u202ec\u200bd") == "abcd"
    assert plain("Läuft · Σ w≥0") == "Läuft · Σ w≥0"
    assert len(plain("x" * 5_000)) == 1_000


def test_findings_are_limited_and_always_errors() -> None:
    told = {"rule": "trace.shape", "message": "m", "remedy": "r", "line": "3", "severity": "warning"}
    findings = read_findings({"findings": [told] * 500})
    assert len(findings) == 40
    assert {(finding.severity, finding.line) for finding in findings} == {("error", None)}


@pytest.mark.parametrize("data", [{"error": "text"}, {"error": {"type": 1, "message": "m"}}, {"error": []}])
def test_forged_failure_is_refused(data: Any) -> None:
    with pytest.raises(ReplyError):
        read_failure(data, "error")
