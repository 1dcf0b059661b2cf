"""Where an exported reward comes from: enough to judge it, and to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autoreward.config import Settings
from autoreward.export.report import report_rows
from autoreward.records import SCHEMA_VERSION, Candidate, FinalReport, TaskSpec

# What says something about the person's machines and nothing about the result; an address may hold a password.
PRIVATE: dict[str, Any] = {"runs": True, "llm": {"base_url"}}


def provenance_of(
    run: str,
    candidate: Candidate,
    task: TaskSpec,
    settings: Settings,
    versions: Mapping[str, Any],
    templates: str,
    report: FinalReport | None,
) -> dict[str, Any]:
    """Plain data for PROVENANCE.json.

    Args:
        run: its id.
        candidate: the exported one.
        task: its text and metric.
        settings: of the run: budgets, seeds, PPO. Keys are never part of them.
        versions: of the packages the run was started with.
        templates: digest of the prompt templates.
        report: the measurement on fresh seeds; None where the run did not get that far, or of another candidate.
    """
    measured = report if report is not None and report.candidate == candidate.id else None
    rows = report_rows(measured) if measured else ()
    return {
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "candidate": candidate.id,
        "parents": list(candidate.parents),
        "designer": candidate.designer,
        "task": task.model_dump(mode="json"),
        "results": {row.policy: row.fitness and row.fitness.model_dump(mode="json") for row in rows},
        "seeds": {
            "search": settings.design.seed,
            "selection": settings.design.seeds,
            "fresh": settings.design.final_seeds,
        },
        "settings": settings.model_dump(mode="json", exclude=PRIVATE),
        "versions": dict(versions),
        "prompt_templates_sha256": templates,
    }
