"""`autoreward bench suite`: methods of reward design at equal steps and calls, by the mean over restarts.

    DIR/suite.json                                    what all searches have in common
    DIR/half_cheetah_forward/eureka/r0/RUN            one search; resumed where it ended early, read where it is done

Restart K of every method has the same seed: the same first programs, policies, resets and reporting seeds, so methods
are compared in pairs. Each search is an ordinary run, with the human reward trained on the same fresh seeds beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoreward.config import Settings
from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task, split_environment
from autoreward.errors import NoValidCandidateError, UsageError
from autoreward.input_files import read_text
from autoreward.intervals import interval, paired_interval
from autoreward.ledger import Run, list_runs
from autoreward.ledger.files import write_atomic
from autoreward.llm.resolve import COMPOSE
from autoreward.records import Completion, Fitness
from autoreward.runs.report import status
from autoreward.runs.restarts import restart_row, summarise
from autoreward.search.events import REPLY
from autoreward.search.loop import search
from autoreward.search.methods import METHODS, as_published
from autoreward.search.request import make_task, run_versions
from autoreward.search.session import continue_settings, open_session
from autoreward.search.signals import stopping_on_signals
from autoreward.views import NoteEvent, ProgressEvent, RestartRow, SuiteRow, SuiteTotal, SuiteView

OURS, TUNED = "ours", "tuned"
PLAN = "suite.json"
RECORDED = "recorded"  # the designer of replies that are replayed
ENDED = ("done", "no_valid_candidate")  # statuses of searches that have nothing left to do

OnEvent = Callable[[Any], None]


@dataclass(frozen=True)
class Suite:
    """What is compared.

    Attributes:
        tasks: "half_cheetah/forward", ...
        methods: of `design --method`, or "tuned": as ours, but the later half of the candidates are the best programs
            of the earlier half with numbers of an optimiser's. The others are compared with the first.
        restarts: searches of each method on each task.
        folder: where the searches lie.
        replies: a folder with `rewards/ENV_TASK/*.md`, which are replayed; None: the embedded designer writes.
    """

    tasks: tuple[str, ...]
    methods: tuple[str, ...]
    restarts: int
    folder: Path
    replies: Path | None = None

    @property
    def designer(self) -> str:
        """Who writes the programs."""
        return RECORDED if self.replies is not None else COMPOSE


def run_suite(suite: Suite, settings: Settings, on_event: OnEvent) -> SuiteView:
    """Run what is missing of a suite, and put all of it side by side.

    Raises:
        UsageError: a method or a task is not known, the folder holds a suite of other settings, or replies are too few.
        InterruptedRunError: a person ended it; the same command goes on.
    """

    def tell(event: Any) -> None:
        if isinstance(event, NoteEvent | ProgressEvent):  # what a search prints is no part of the result
            on_event(event)

    _check(suite, settings)
    for task in suite.tasks:
        for restart in range(suite.restarts):
            for method in suite.methods:
                on_event(NoteEvent(text=f"{task}, {method}, restart {restart + 1} of {suite.restarts}"))
                own = _settings_of(suite, settings, method, restart)
                _search_once(suite, task, place_of(suite, task, method, restart), own, tell)
    return suite_view(suite, settings)


def suite_view(suite: Suite, settings: Settings) -> SuiteView:
    """What there is of a suite by now."""
    design = settings.design
    episodes = design.final_seeds * design.evaluation_episodes
    rows = tuple(row for task in suite.tasks for row in _task_rows(suite, task, episodes))
    return SuiteView(
        folder=str(suite.folder),
        designer=suite.designer,
        candidates=design.candidates,
        generations=design.generations,
        seeds=design.seeds,
        n_timesteps=design.n_timesteps,
        rows=rows,
        totals=tuple(_total(method, [row for row in rows if row.method == method]) for method in suite.methods),
    )


# --- The searches -------------------------------------------------------------------------------------------


def _check(suite: Suite, settings: Settings) -> None:
    known = (OURS, TUNED, *METHODS)
    for method in suite.methods:
        if method not in known:
            raise UsageError(f"There is no method {method!r}.", f"Known: {', '.join(known)}.")
    if settings.design.race and suite.methods != (OURS,):
        raise UsageError(
            "A race is our way to choose, and other methods are to be compared.", "Leave race out, or --methods ours."
        )
    for task in suite.tasks:
        name, named = split_environment(task, None)
        if named is None:
            raise UsageError(f"{task} names no task.", "Write --tasks half_cheetah/forward,hopper/forward.")
        load_task(load_pack(name), named)  # an unknown one is named before anything is made
        if suite.replies is not None:
            _replies(suite.replies, task, settings)
    common = _common(suite, settings)
    file = suite.folder / PLAN
    if file.exists() and json.loads(read_text(file)) != common:
        raise UsageError(
            f"{suite.folder} holds a suite of other settings.", "Take another --folder, or the settings that it has."
        )
    suite.folder.mkdir(parents=True, exist_ok=True)
    write_atomic(file, json.dumps(common, indent=2).encode())


def _common(suite: Suite, settings: Settings) -> dict[str, Any]:
    """What all searches of a suite have in common."""
    design = settings.design.model_dump(mode="json", exclude={"method"})
    return {"designer": suite.designer, "design": design, "ppo": settings.ppo.model_dump(mode="json")}


def _settings_of(suite: Suite, settings: Settings, method: str, restart: int) -> Settings:
    """Those of one search. Replayed replies are not sent back: nobody would answer."""
    changes: dict[str, Any] = {"method": method, "seed": settings.design.seed + restart, "clips": False}
    changes |= {"target": None, "select": "metric"}
    if suite.replies is not None:
        changes["repairs"] = 0
    if method == TUNED:
        later = settings.design.generations // 2
        changes |= {"method": OURS, "generations": settings.design.generations - later}
        changes["tune_weights"] = later * settings.design.candidates
    return as_published(
        settings.model_copy(
            update={
                "design": settings.design.model_copy(update=changes),
                "llm": settings.llm.model_copy(update={"model": COMPOSE}),
            }
        )
    )


def place_of(suite: Suite, task: str, method: str, restart: int) -> Path:
    """The folder of one search."""
    return suite.folder / task.replace("/", "_") / method / f"r{restart}"


def _search_once(suite: Suite, task: str, folder: Path, settings: Settings, on_event: OnEvent) -> None:
    """One search, or what is missing of it."""
    name, named = split_environment(task, None)
    for path in list_runs(folder):
        with Run.open(path, write=True) as run:
            if status(run, held=True) not in ENDED:
                _go_on(run, continue_settings(run, settings), on_event)
        return
    environment = open_environment(name, named)
    spec = make_task(environment, None, named, None)
    with Run.create(folder, spec, settings, run_versions()) as run:
        if suite.replies is not None:
            _store(run, _replies(suite.replies, task, settings), settings)
        _go_on(run, settings, on_event)


def _go_on(run: Run, settings: Settings, on_event: OnEvent) -> None:
    environment = open_environment(run.task.env_path or run.task.env, run.task.name)
    with stopping_on_signals(run.path), open_session(run, environment, on_event, settings) as session:
        try:
            search(session)
        except NoValidCandidateError as error:
            on_event(NoteEvent(text=error.message))  # counted as failed


def _replies(folder: Path, task: str, settings: Settings) -> list[Path]:
    """The recorded replies of a task, as many as a search takes at least."""
    files = sorted((folder / "rewards" / task.replace("/", "_")).glob("*.md"))
    wanted = settings.design.candidates * settings.design.generations
    if len(files) < wanted:
        raise UsageError(
            f"{folder}: {len(files)} recorded replies for {task}, expected at least {wanted}.",
            "It has rewards/ENV_TASK/*.md; ask for fewer with --candidates and --generations.",
        )
    return files


def _store(run: Run, files: Sequence[Path], settings: Settings) -> None:
    """Answer the questions of a run ahead, with recorded replies in an order of its seed's: none is asked then."""
    design = settings.design
    order = np.random.default_rng(design.seed).permutation(len(files))
    ids = [f"g{index:02d}c{slot:02d}" for index in range(design.generations) for slot in range(design.candidates)]
    for name, place in zip(ids, order, strict=False):
        run.append(REPLY, name, Completion(prompt=name, text=read_text(files[int(place)]), designer=RECORDED))


# --- What they came to --------------------------------------------------------------------------------------


def _task_rows(suite: Suite, task: str, episodes: int) -> Iterator[SuiteRow]:
    first: Mapping[int, float] = {}
    for method in suite.methods:
        places = [place_of(suite, task, method, restart) for restart in range(suite.restarts)]
        rows = tuple(restart_row(path) for place in places for path in list_runs(place))
        means = _by_seed(rows)
        yield SuiteRow(
            task=task,
            method=method,
            restarts=rows,
            summary=summarise(rows, episodes),
            to_first=paired_interval(means, first, episodes) if first else None,
        )
        first = first or means


def _by_seed(rows: Sequence[RestartRow]) -> dict[int, float]:
    return {row.seed: row.fitness.mean for row in rows if row.fitness is not None}


def _total(method: str, rows: Sequence[SuiteRow]) -> SuiteTotal:
    summaries = [row.summary for row in rows]
    return SuiteTotal(
        method=method,
        better=sum(one.better for one in summaries),
        undecided=sum(one.undecided for one in summaries),
        worse=sum(one.worse for one in summaries),
        failed=sum(one.failed for one in summaries),
        above_human=sum(one.above_human for one in summaries),
        of_human=_of_human([restart for row in rows for restart in row.restarts]),
    )


def _of_human(rows: Sequence[RestartRow]) -> Fitness | None:
    """Success as a share of the human reward's, where that one came to more than nothing."""
    shares = [
        row.fitness.mean / row.human.mean
        for row in rows
        if row.fitness is not None and row.human is not None and row.human.mean > 0.0
    ]
    return interval(shares, sum(row.fitness.episodes for row in rows if row.fitness is not None))
