"""The published JSON: the keys that are documented, and schemas that real objects satisfy."""

from __future__ import annotations

import json

import jsonschema
import pytest

from autoreward.records import Finding, Fitness
from autoreward.views import (
    PRINTED,
    BaselinesView,
    BestView,
    CandidateReport,
    CheckLine,
    ErrorBody,
    ErrorView,
    RunReport,
    TrainLine,
    TrainSummary,
    TrainTotals,
    View,
    schemas,
)

FIT = Fitness(mean=1.0, low=None, high=None, seeds=1, episodes=10)
FINDING = Finding(rule="static.import", severity="error", line=1, message="imports os", remedy="Remove it.")
CANDIDATE = CandidateReport(id="g00c00", generation=0, parents=(), status="trained", fitness=FIT, findings=(FINDING,))
EXAMPLES: dict[str, View] = {
    "check": CheckLine(file="a.py", status="refused", tier="basic", findings=(FINDING,), seconds=0.1),
    "train": TrainLine(
        file="a.py", seed=0, status="trained", success=1.0, progress=0.5, own_episodic_return=9.0, env_steps=10
    ),
    "train.summary": TrainSummary(summary=TrainTotals(env_steps=10, seconds=1.0, steps_per_second=10.0, members=1)),
    "show": RunReport(
        run="r",
        status="finished",
        task="t",
        env="e",
        best=BestView(candidate="g00c00", file="best/reward.py", fitness=FIT, progress=None),
        baselines=BaselinesView(human=FIT),
        candidates=(CANDIDATE,),
        folder="runs/r",
    ),
    "error": ErrorView(error=ErrorBody(type="UsageError", message="m", remedy="r")),
}
KEYS = {
    "check": {"file", "status", "tier", "findings", "seconds"},
    "train": {
        "file",
        "seed",
        "status",
        "success",
        "progress",
        "own_episodic_return",
        "env_steps",
        "findings",
        "requirements",
        "required",
        "weights",
    },
    "train.summary": {"summary"},
    "show": {
        "run",
        "status",
        "task",
        "env",
        "best",
        "baselines",
        "candidates",
        "choice",
        "certainty",
        "confirmation",
        "message",
        "spent",
        "metric",
        "metric_origin",
        "metric_digest",
        "metric_version",
        "properties",
        "properties_digest",
        "witness",
        "unit",
        "reference",
        "folder",
        "files",
        "next",
        "candidate",
        "source",
        "learned",
        "plan",
        "analysis",
        "symptoms",
        "terms",
    },
    "error": {"error"},
}


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_every_schema_is_one_and_knows_its_version(name: str) -> None:
    schema = schemas()[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"]["const"] == 1
    assert "schema_version" in schema["required"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_documented_keys_and_no_others(name: str) -> None:
    printed = json.loads(EXAMPLES[name].as_json())
    jsonschema.validate(printed, schemas()[name])
    assert set(printed) == KEYS[name] | {"schema_version"}
    assert set(schemas()[name]["properties"]) == set(printed)


def test_the_parts_of_a_run() -> None:
    printed = json.loads(EXAMPLES["show"].as_json())
    assert set(printed["best"]) == {"candidate", "difference", "over_random", "file", "fitness", "progress"}
    assert set(printed["files"]) == {"learning", "clips", "terms", "prompts", "replies"}
    assert set(printed["best"]["fitness"]) == {"mean", "low", "high", "seeds", "episodes"}
    assert set(printed["baselines"]) == {"human", "random", "sparse"}
    assert set(printed["candidates"][0]) == {
        "id", "generation", "parents", "status", "fitness", "findings", "remarks", "subtasks", "required", "preferred",
    }  # fmt: skip
    assert set(printed["candidates"][0]["findings"][0]) == {"rule", "severity", "line", "message", "remedy"}
    assert set(printed["spent"]) == {"calls", "tokens", "cost", "env_steps", "seconds"}


def test_what_is_not_a_number_is_null_in_json() -> None:
    line = TrainLine(
        file="a.py", seed=0, status="failed", success=None, progress=None, own_episodic_return=float("nan"), env_steps=0
    )
    assert json.loads(line.as_json())["own_episodic_return"] is None
