"""Where an exported reward comes from: enough to judge it, and to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autoreward.config import Settings
from autoreward.records import SCHEMA_VERSION, Candidate, FinalReport, Fitness, TaskSpec

BASELINES = ("human", "sparse", "random")
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
    policies = measured_policies(measured) if measured else {}
    return {
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "candidate": candidate.id,
        "parents": list(candidate.parents),
        "designer": candidate.designer,
        "task": task.model_dump(mode="json"),
        "metric_sha256": task.metric.digest if task.metric else None,
        "results": {name: fitness and fitness.model_dump(mode="json") for name, fitness in policies.items()},
        "seeds": {
            "search": settings.design.seed,
            "selection": settings.design.seeds,
            "fresh": settings.design.final_seeds,
        },
        "settings": settings.model_dump(mode="json", exclude=PRIVATE),
        "versions": dict(versions),
        "prompt_templates_sha256": templates,
    }


def measured_policies(report: FinalReport) -> dict[str, Fitness | None]:
    """The best reward, on fresh seeds and as selected (biased upward: the best of many), beside the baselines.

    Always the same five in the same order; None where one was not measured.
    """
    baselines = {name: report.baselines.get(name) for name in BASELINES}
    return {
        "best": report.fresh,
        "best_as_selected": report.selection,
        **{name: baseline.fitness if baseline else None for name, baseline in baselines.items()},
    }
