"""A view prints its fields; a report, which has more, prints as the view that it extends."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from pydantic.json_schema import SkipJsonSchema

import autoreward.views
from autoreward.records import Fitness
from autoreward.views import (
    CandidateReport,
    CandidateView,
    CompareReport,
    CompareView,
    Report,
    RunReport,
    RunView,
    SpentReport,
    SpentView,
    View,
    schemas,
)
from autoreward.views.view import Part

FIT = Fitness(mean=1.0, low=None, high=None, seeds=1, episodes=10)
CANDIDATE = {"id": "g00c00", "generation": 0, "parents": (), "status": "trained", "fitness": FIT}
RUN = {"run": "r", "status": "done", "task": "t", "env": "e", "best": None}
COMPARED: dict[str, Any] = {
    "env": "e", "task": None, "rewards": (), "pairs": (), "transitions": 1, "trajectories": 1, "env_steps": 0,
}  # fmt: skip


def test_a_report_prints_as_its_view_with_all_its_parts() -> None:
    report = RunReport(
        **RUN,
        candidates=(CandidateReport(**CANDIDATE, progress=FIT),),
        spent=SpentReport(env_steps=800, saved_steps=1_200),
        source="WEIGHTS = {}",
        analysis="Success 1.",
        unit="m",
    )
    asked: dict[str, Any] = {"source": "WEIGHTS = {}", "analysis": "Success 1.", "unit": "m"}
    view = RunView(**RUN, **asked, candidates=(CandidateView(**CANDIDATE),), spent=SpentView(env_steps=800))
    assert report.as_json() == view.as_json() == view.model_dump_json()
    printed = json.loads(report.as_json())
    jsonschema.validate(printed, schemas()["show"])
    assert {key: printed[key] for key in asked} == asked


def test_the_unit_of_a_comparison_is_for_people() -> None:
    assert CompareReport(**COMPARED, unit="m/s").as_json() == CompareView(**COMPARED).as_json()


def test_a_view_prints_what_is_not_a_number_as_null() -> None:
    class Measured(View):
        value: float

    assert json.loads(Measured(value=float("nan")).as_json()) == {"schema_version": 1, "value": None}


@pytest.mark.parametrize("name", autoreward.views.__all__)
def test_no_field_is_hidden(name: str) -> None:
    kind = getattr(autoreward.views, name)
    if not (isinstance(kind, type) and issubclass(kind, Part)):
        return
    for field in kind.model_fields.values():
        assert not field.exclude
        assert not any(isinstance(one, SkipJsonSchema) for one in field.metadata)
    assert issubclass(kind, Report) == (kind.__name__.endswith("Report"))
