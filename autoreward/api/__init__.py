"""The public functions. The command line and the page call these and nothing below them.

import autoreward

run = autoreward.design(env="half_cheetah", task="forward", candidates=4, generations=2)
print(run.best.file, run.best.fitness)

The functions import what they need when they are called: `list` loads no simulator, and `design` no pictures.
"""

from __future__ import annotations

from autoreward.api.arguments import OnEvent
from autoreward.api.packs import (
    check_environment,
    describe_environment,
    environment,
    environments,
    gymnasium_environment,
    init,
    new_environment,
    read_task_file,
)
from autoreward.api.pages import (
    candidate_page,
    clip,
    delete_run,
    metric_page,
    replay,
    report,
    run_page,
    spends,
    state,
    steps_of_clips,
    track,
)
from autoreward.api.people import (
    accept_metric,
    answer,
    choose,
    newest_round,
    next_pair,
    note,
    prefer,
    prefer_by_model,
    prefer_ends,
    preferences,
    propose,
    several,
    take_back,
    taste,
    term_sums,
)
from autoreward.api.reading import conversation, export, list_runs, plot_terms, show, video
from autoreward.api.rewards import check, compare, guide, train
from autoreward.api.searching import (
    design,
    design_restarts,
    estimate,
    metric,
    metric_prompts,
    refine,
    reply,
    resume,
    revise_metric,
)
from autoreward.api.tools import doctor, skill

__all__ = [
    "OnEvent",
    "accept_metric",
    "answer",
    "candidate_page",
    "check",
    "check_environment",
    "choose",
    "clip",
    "compare",
    "conversation",
    "delete_run",
    "describe_environment",
    "design",
    "design_restarts",
    "doctor",
    "environment",
    "environments",
    "estimate",
    "export",
    "guide",
    "gymnasium_environment",
    "init",
    "list_runs",
    "metric",
    "metric_page",
    "metric_prompts",
    "new_environment",
    "newest_round",
    "next_pair",
    "note",
    "plot_terms",
    "prefer",
    "prefer_by_model",
    "prefer_ends",
    "preferences",
    "propose",
    "read_task_file",
    "refine",
    "replay",
    "reply",
    "report",
    "resume",
    "revise_metric",
    "run_page",
    "several",
    "show",
    "skill",
    "spends",
    "state",
    "steps_of_clips",
    "take_back",
    "taste",
    "term_sums",
    "track",
    "train",
    "video",
]
