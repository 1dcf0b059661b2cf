"""`autoreward bench icpl`: searches in which the metric answers in the place of people, beside searches that it leads.

Both have the same environment steps, the same calls and the same seed, restart by restart. What is compared is the
winner's success on fresh seeds. A search that was interrupted goes on, one that is done is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import split_environment
from autoreward.errors import UsageError
from autoreward.ledger import Run, list_runs
from autoreward.records import FinalReport
from autoreward.search.budget import count_spent
from autoreward.search.events import FINAL
from autoreward.search.loop import search
from autoreward.search.request import check_request, make_task, run_versions
from autoreward.search.session import open_session
from autoreward.search.signals import stopping_on_signals
from autoreward.views import IcplRow, IcplSearch, IcplView

ENOUGH = 0.9  # of the metric-selected search
WAYS = ("metric", "people")
OnEvent = Callable[[Any], None]


def bench_icpl(envs: Sequence[str], restarts: int, folder: Path, settings: Settings, on_event: OnEvent) -> IcplView:
    """Search each environment both ways, as often as asked for; restart by restart, so that early results are fair.

    Args:
        envs: "half_cheetah", "hopper/forward"; the task is `forward` by default.
        folder: where the runs lie.
        settings: of both searches but for who chooses, and the seed.

    Raises:
        UsageError: an environment or a setting is wrong.
    """
    names = ["/".join((env, task or "forward")) for env, task in (split_environment(env, None) for env in envs)]
    done: dict[str, list[Mapping[str, IcplSearch]]] = {name: [] for name in names}
    for restart in range(restarts):
        for name in names:
            done[name].append(
                {way: _searched(name, _settings(way, restart, settings), folder, on_event) for way in WAYS}
            )
    rows = tuple(_row(name, searches) for name, searches in done.items())
    return IcplView(designer=_designer(settings), rows=rows, passed=all(row.enough for row in rows))


def _settings(way: str, restart: int, settings: Settings) -> Settings:
    """Those of one search."""
    design = {"select": way, "synthetic_preferences": way == "people", "seed": restart, "clips": False}
    return settings.model_copy(
        update={
            "design": settings.design.model_copy(update=design),
            "llm": settings.llm.model_copy(update={"model": _designer(settings)}),
        }
    )


def _designer(settings: Settings) -> str:
    return settings.llm.model or "compose"


def _row(name: str, searches: Sequence[Mapping[str, IcplSearch]]) -> IcplRow:
    means = {way: sum(one[way].success for one in searches) / len(searches) for way in WAYS}
    share = means["people"] / means["metric"] if means["metric"] > 0.0 else None
    return IcplRow(
        env=name,
        metric=tuple(one["metric"] for one in searches),
        people=tuple(one["people"] for one in searches),
        share=share,
        enough=share is not None and share >= ENOUGH,
    )


def _searched(name: str, settings: Settings, folder: Path, on_event: OnEvent) -> IcplSearch:
    """What one search came to; it is begun, or gone on with, or only read."""
    env, task = split_environment(name, None)
    environment, design = open_environment(env, task), settings.design
    with _opened(environment, task, settings, folder / f"{env}_{task}_{design.select}_{design.seed}") as run:
        report = run.get(FINAL, f"g{design.generations - 1:02d}", FinalReport)
        if report is None:
            with stopping_on_signals(run.path), open_session(run, environment, on_event, settings) as session:
                session.human = None  # a baseline that nothing here is compared with
                report = search(session)
        spent = count_spent(run)
    assert report.fresh is not None  # the task has a metric
    return IcplSearch(
        restart=design.seed,
        winner=report.candidate,
        success=report.fresh.mean,
        calls=spent.calls,
        env_steps=spent.env_steps,
    )


def _opened(environment: Environment, task: str | None, settings: Settings, where: Path) -> Run:
    """The run of a search: the one that an earlier call has begun, or a new one."""
    spec = make_task(environment, None, task, None)
    check_request(environment, spec, settings)
    found = list_runs(where)
    run = Run.open(found[0], write=True) if found else Run.create(where, spec, settings, run_versions())
    if run.settings.design != settings.design:
        run.close()
        raise UsageError(f"{run.path} was begun with other settings.", "Name another --folder, or the same settings.")
    return run
