"""Designing rewards: a search from a text, and everything that makes one go on."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoreward.api.arguments import OnEvent, chosen_settings, find_folder, ignore_event
from autoreward.config import Settings
from autoreward.views import (
    DryRunView,
    MetricPromptsView,
    MetricView,
    NoteEvent,
    ReplyView,
    RestartsView,
    RunReport,
    StartedEvent,
)

if TYPE_CHECKING:
    from autoreward.environment.environment import Environment
    from autoreward.ledger import Run
    from autoreward.people.reviewer import MetricReviewer


def design(
    text: str | None = None,
    *,
    env: str,
    task: str | None = None,
    metric: str | None = None,
    seed_reward: str | Path | None = None,
    properties: str | Path | None = None,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    reviewer: MetricReviewer | None = None,
    **overrides: Any,
) -> RunReport:
    """Design a reward: generations of candidates, each checked, trained and measured.

    Args:
        text: what the robot should do; the task's own text by default.
        env: an environment (`half_cheetah`, `half_cheetah/forward`), or the path of a pack.
        task: a task of the environment, with its success metric.
        metric: a Python file with `success(trajectory, params)`, or an expression over trajectory fields.
        seed_reward: a reward file to start from: it is the first candidate, and the parent of the others.
        properties: a file of pairs that every candidate is tested by, in place of those that a language model writes.
        settings: all settings; by default those of the configuration files and the environment.
        on_event: called with every event of `autoreward.views`, as it happens.
        reviewer: a person who is asked about the metric that a language model finds in a text without a task; without
            one the likeliest is taken.
        overrides: single settings by name: `candidates=4, generations=2, seeds=2, n_timesteps=100_000`.

    Returns:
        The run, with the best reward and the baselines measured on fresh seeds.

    Raises:
        UsageError: a name or an option is wrong, or a text came without a task or metric, and without a language
            model that could find one in it.
        WaitingForPersonError: the designer is `manual`; what to do stands in it. Go on with `resume`.
        NoValidCandidateError, TargetNotMetError, ModelError, BudgetReachedError, EnvironmentFailedError,
        IsolationError, StorageError, InterruptedRunError: see `autoreward.errors`.
    """
    from autoreward.critic.property_files import read_properties
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.ledger import Run
    from autoreward.ledger.trust import remember_own
    from autoreward.search.methods import as_published
    from autoreward.search.request import check_request, finds_metric, make_task, read_seed_reward, run_versions

    chosen = as_published(chosen_settings(settings, overrides).for_search())
    name, task = split_environment(env, task)
    environment = open_environment(name, task)
    spec = make_task(environment, text, task, metric, words=finds_metric(chosen))
    check_request(environment, spec, chosen)
    if properties is not None:
        spec = spec.model_copy(update={"properties": read_properties(properties, environment.spec.name)})
    if seed_reward is not None:
        source = read_seed_reward(str(seed_reward), environment, chosen)
        spec = spec.model_copy(update={"seed_reward": source})
    with Run.create(Path(chosen.runs), spec, chosen, run_versions()) as run:
        remember_own(pack=environment.path, server=chosen.llm.base_url)
        return _search(run, environment, chosen, on_event or ignore_event, reviewer)


def design_restarts(
    text: str | None = None,
    *,
    restarts: int,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    **arguments: Any,
) -> RestartsView:
    """Several searches for the same task, each a run of its own, and the mean over all of them: never the best.

    Args:
        text: see `design`.
        restarts: how many; restart k has the seed `design.seed` + k.
        settings: see `design`.
        on_event: see `design`; of every search.
        arguments: of `design`; single settings by name too.

    Raises:
        UsageError: a target is set, which is for one search.
        InterruptedRunError, ...: of one search, see `design`; those before it are kept as runs.
    """
    from autoreward.errors import NoValidCandidateError, UsageError
    from autoreward.runs.restarts import restarts_view

    own_names = inspect.signature(design).parameters  # `properties` is a file there, and a number among the settings
    chosen = chosen_settings(settings, {name: value for name, value in arguments.items() if name not in own_names})
    rest = {name: value for name, value in arguments.items() if name in own_names}
    if chosen.design.target is not None:
        raise UsageError("A target is for one search, and the restarts are told by their mean.", "Leave it out.")
    folders: list[Path] = []

    def listen(event: Any) -> None:
        if isinstance(event, StartedEvent):
            folders.append(Path(event.folder))
        if on_event is not None:
            on_event(event)

    for restart in range(restarts):
        own = chosen.design.model_copy(update={"seed": chosen.design.seed + restart})
        try:
            design(text, settings=chosen.model_copy(update={"design": own}), on_event=listen, **rest)
        except NoValidCandidateError as error:  # one search that found nothing is a result
            listen(NoteEvent(text=error.message))
    return restarts_view(folders)


def estimate(
    text: str | None = None,
    *,
    env: str,
    task: str | None = None,
    metric: str | None = None,
    settings: Settings | None = None,
    checked: bool = False,
    **overrides: Any,
) -> DryRunView:
    """What `design` would ask and take, with the rendered prompts of the first generation. Nothing is run.

    Args:
        checked: also raise what `design` would raise before it begins: no key, no such device, a refused metric.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.search.methods import as_published
    from autoreward.search.request import check_request, finds_metric, make_task
    from autoreward.workflows.dry_run import dry_run

    chosen = as_published(chosen_settings(settings, overrides).for_search())
    name, task = split_environment(env, task)
    environment = open_environment(name, task)
    spec = make_task(environment, text, task, metric, words=finds_metric(chosen))
    if checked:
        check_request(environment, spec, chosen)
    return dry_run(environment, spec, chosen)


def metric(
    text: str,
    *,
    env: str,
    file: str | Path = "metric.py",
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    reviewer: MetricReviewer | None = None,
) -> MetricView:
    """Find out from a text what success is, with a language model, and write it as a file that `--metric` takes.

    Args:
        text: what the robot should do.
        env: an environment, or the path of a pack.
        file: where to; it must not exist.
        settings: the model, its budgets, `design.metric_drafts` and `design.metric_questions`.
        on_event: called with each proposal, and with what has to be said.
        reviewer: see `design`.

    Raises:
        UsageError: there is no language model, the file exists, or no draft can be used.
        ModelError, BudgetReachedError, IsolationError, StorageError: see `autoreward.errors`.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.workflows.metric import write_metric

    name, task = split_environment(env, None)
    chosen = chosen_settings(settings, {})
    return write_metric(text, open_environment(name, task), chosen, Path(file), on_event or ignore_event, reviewer)


def metric_prompts(
    text: str, *, env: str | None = None, wrong: str | None = None, settings: Settings | None = None
) -> MetricPromptsView:
    """The prompts of `metric` or of `revise_metric`, as they would be sent; nothing is asked.

    Args:
        text: what the robot should do; with `wrong`, a run.
        env: an environment, or the path of a pack; that of the run by default.
        wrong: what is wrong with the metric of the run.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.ledger import Run
    from autoreward.ledger.trust import trusted_pack
    from autoreward.people.notes import read_note
    from autoreward.workflows.metric import prompts_for_revision, prompts_for_text

    chosen = chosen_settings(settings, {})
    if wrong is None:
        name, task = split_environment(env or "", None)
        return prompts_for_text(text, open_environment(name, task), chosen)
    with Run.open(find_folder(text, chosen)[0], write=False) as run:
        environment = open_environment(trusted_pack(run), run.task.name)
        return prompts_for_revision(run, read_note(wrong), environment, chosen)


def revise_metric(
    run: str,
    wrong: str,
    *,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    reviewer: MetricReviewer | None = None,
) -> RunReport:
    """Have a language model mend the success metric of a run, and measure anew all that was trained, without training.

    The leaderboard is that of the new metric, and the next generation goes on under it (`resume`, `refine`); the old
    one stays in the ledger. Any metric can be revised: one found in the text, a task's, a person's.

    Args:
        run: a path, the suffix of an id, or `last`.
        wrong: what is wrong with the metric, in words: "it counts falling as a flip".
        settings: the model, where it shall be another than the run's; budgets from now on.
        reviewer: see `design`.

    Raises:
        RunLockedError: somebody works on the run.
        UsageError: no language model is there, no metric, or no draft can be used.
        ModelError, BudgetReachedError, StorageError: see `autoreward.errors`; `resume` goes on with it.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.ledger import Run
    from autoreward.ledger.trust import remember_own, trusted_pack
    from autoreward.people.notes import read_note
    from autoreward.records import MetricRevision
    from autoreward.runs.report import run_report
    from autoreward.search.loop import revise_metric
    from autoreward.search.metric_revision import reviser
    from autoreward.search.session import continue_settings, open_session, require_trusted_server
    from autoreward.search.signals import stopping_on_signals

    chosen, words = chosen_settings(settings, {}), read_note(wrong)
    with Run.open(find_folder(run, chosen)[0], write=True) as opened:
        pack = trusted_pack(opened)
        require_trusted_server(opened, chosen)
        llm = reviser(opened, chosen)
        assert llm.model is not None  # one was chosen
        remember_own(server=chosen.llm.base_url)
        revision = MetricRevision(wrong=words, designer=llm.model, base_url=llm.base_url)
        environment = open_environment(pack, opened.task.name)
        now, listen = continue_settings(opened, chosen), on_event or ignore_event
        with (
            stopping_on_signals(opened.path),
            open_session(opened, environment, listen, now, reviewer) as session,
        ):
            revise_metric(session, revision)
        return run_report(opened, held=True)


def resume(
    run: str = "last",
    *,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    reviewer: MetricReviewer | None = None,
) -> RunReport:
    """Go on with a run that ended early, with the missing work only. A finished run is shown as it is.

    Args:
        run: a path, the suffix of an id (`k3f9`), or `last`.
        settings: where to look for runs, and the budgets from now on.
        reviewer: see `design`.
    """
    chosen = chosen_settings(settings, {})
    return _continue(run, chosen, on_event or ignore_event, None, reviewer)


def refine(
    run: str,
    note: str = "",
    *,
    start: str | None = None,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
) -> RunReport:
    """Say what should be different, and search one more generation with it.

    Args:
        run: a path, the suffix of an id, or `last`; `RUN:g01c02` ties the note to a candidate.
        note: in plain words; it stands in every later prompt. With a start it may be left out.
        start: the candidate that the generation starts from: "g01c02"; the chosen one by default.

    Raises:
        UsageError: neither a note nor a start is given, or the start was not trained.
        UnknownNameError: there is no such candidate.
    """
    return _continue(run, chosen_settings(settings, {}), on_event or ignore_event, note=note, start=start)


def reply(run: str, text: str, *, settings: Settings | None = None) -> ReplyView:
    """Answer the question of the designer `manual`; `resume` then goes on.

    Args:
        run: a path, the suffix of an id, or `last`.
        text: the answer: for each candidate asked for, a heading with its id and a fenced block with its program.

    Raises:
        UsageError: the run waits for nobody, or a program is missing.
    """
    from autoreward.runs.answers import give_reply

    return give_reply(find_folder(run, chosen_settings(settings, {}))[0], text)


def _continue(
    name: str,
    settings: Settings,
    on_event: OnEvent,
    note: str | None,
    reviewer: MetricReviewer | None = None,
    start: str | None = None,
) -> RunReport:
    from autoreward.environment.random_rollout import open_environment
    from autoreward.ledger import Run
    from autoreward.ledger.trust import trusted_pack
    from autoreward.runs.preferences import require_watchable
    from autoreward.runs.report import run_report, status
    from autoreward.search.session import continue_settings, extend_run, require_trusted_server
    from autoreward.trainer.graphics import require_gpu

    folder, candidate = find_folder(name, settings)
    with Run.open(folder, write=True) as run:
        if note is None and status(run, held=True) == "done":
            return run_report(run, held=True)
        pack = trusted_pack(run)
        require_trusted_server(run, settings)
        require_gpu(continue_settings(run, settings).device)
        if note is not None:
            if start is not None:
                require_watchable(run, [start])
            extend_run(run, note, candidate, start)
        environment = open_environment(pack, run.task.name)
        return _search(run, environment, continue_settings(run, settings), on_event, reviewer)


def _search(
    run: Run,
    environment: Environment,
    settings: Settings,
    on_event: OnEvent,
    reviewer: MetricReviewer | None,
) -> RunReport:
    from autoreward.pages.static_report import write_best_report
    from autoreward.runs.replays import write_best_replay
    from autoreward.runs.report import finished_event, run_report
    from autoreward.search.loop import search
    from autoreward.search.session import open_session
    from autoreward.search.signals import stopping_on_signals

    with (
        stopping_on_signals(run.path),
        open_session(run, environment, on_event, settings, reviewer) as session,
    ):
        try:
            search(session)
        finally:
            _track(run, settings, on_event)
        write_best_report(run)
        write_best_replay(run)
        on_event(finished_event(run))
    return run_report(run, held=True)


def _track(run: Run, settings: Settings, on_event: OnEvent) -> None:
    """Show the run where people already look; what goes wrong with that is said, and the run is as it is."""
    from autoreward.errors import AutorewardError
    from autoreward.runs.tracking import track_run
    from autoreward.views import NoteEvent

    if settings.design.track == "none":
        return
    try:
        view = track_run(run.path, settings.design.track)
    except AutorewardError as error:
        on_event(NoteEvent(text=f"{error.message} {error.remedy}".strip()))
    else:
        on_event(NoteEvent(text=f"{view.series} curves for {view.to}: {view.open_with}"))
