"""The public functions. The command line and the page call these and nothing below them.

import autoreward

run = autoreward.design(env="half_cheetah", task="forward", candidates=4, generations=2)
print(run.best.file, run.best.fitness)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoreward.config import Settings, load_settings
from autoreward.errors import UsageError
from autoreward.views import (
    CheckLine,
    ClipView,
    CompareReport,
    ConversationView,
    DoctorLine,
    DryRunView,
    EnvCheckLine,
    EnvReport,
    EnvSummary,
    ExportView,
    NewEnvView,
    ReplyView,
    RunReport,
    RunSummary,
    TermPicturesView,
    TrainView,
)

if TYPE_CHECKING:
    from autoreward.environment.environment import Environment
    from autoreward.environment.task_file import TaskFile
    from autoreward.ledger import Run

OnEvent = Callable[[Any], None]


def _ignore(event: Any) -> None:
    """The receiver of events where nobody listens."""


# --- The search -----------------------------------------------------------------------------------------


def design(
    text: str | None = None,
    *,
    env: str,
    task: str | None = None,
    metric: str | None = None,
    seed_reward: str | Path | None = None,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    **overrides: Any,
) -> RunReport:
    """Design a reward: generations of candidates, each checked, trained and measured.

    Args:
        text: what the robot should do; the task's own text by default.
        env: an environment (`half_cheetah`, `half_cheetah/forward`), or the path of a pack.
        task: a task of the environment, with its success metric.
        metric: a Python file with `success(trajectory, params)`, or an expression over trajectory fields.
        seed_reward: a reward file to start from: it is the first candidate, and the parent of the others.
        settings: all settings; by default those of the configuration files and the environment.
        on_event: called with every event of `autoreward.views`, as it happens.
        overrides: single settings by name: `candidates=4, generations=2, seeds=2, n_timesteps=100_000`.

    Returns:
        The run, with the best reward and the baselines measured on fresh seeds.

    Raises:
        UsageError: a name or an option is wrong, or a text came without a task or metric.
        WaitingForPersonError: the designer is `manual`; what to do stands in it. Go on with `resume`.
        NoValidCandidateError, TargetNotMetError, ModelError, BudgetReachedError, EnvironmentFailedError,
        IsolationError, StorageError, InterruptedRunError: see `autoreward.errors`.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.ledger import Run
    from autoreward.ledger.trust import remember_own
    from autoreward.search.request import check_request, make_task, read_seed_reward, run_versions

    chosen = _settings(settings, overrides)
    name, task = split_environment(env, task)
    environment = open_environment(name, task)
    spec = make_task(environment, text, task, metric)
    check_request(environment, spec, chosen)
    if seed_reward is not None:
        source = read_seed_reward(str(seed_reward), environment, chosen)
        spec = spec.model_copy(update={"seed_reward": source})
    with Run.create(Path(chosen.runs), spec, chosen, run_versions()) as run:
        remember_own(pack=environment.path, server=chosen.llm.base_url)
        return _search(run, environment, chosen, on_event or _ignore)


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
    from autoreward.search.request import check_request, make_task
    from autoreward.workflows.dry_run import dry_run

    chosen = _settings(settings, overrides)
    name, task = split_environment(env, task)
    environment = open_environment(name, task)
    spec = make_task(environment, text, task, metric)
    if checked:
        check_request(environment, spec, chosen)
    return dry_run(environment, spec, chosen)


def resume(run: str = "last", *, settings: Settings | None = None, on_event: OnEvent | None = None) -> RunReport:
    """Go on with a run that ended early, with the missing work only. A finished run is shown as it is.

    Args:
        run: a path, the suffix of an id (`k3f9`), or `last`.
        settings: where to look for runs, and the budgets from now on.
    """
    chosen = _settings(settings, {})
    return _continue(run, chosen, on_event or _ignore, note=None)


def refine(run: str, note: str, *, settings: Settings | None = None, on_event: OnEvent | None = None) -> RunReport:
    """Say what should be different, and search one more generation with it.

    Args:
        run: a path, the suffix of an id, or `last`; `RUN:g01c02` ties the note to a candidate.
        note: in plain words; it stands in every later prompt.
    """
    return _continue(run, _settings(settings, {}), on_event or _ignore, note=note)


def reply(run: str, text: str, *, settings: Settings | None = None) -> ReplyView:
    """Answer the question of the designer `manual`; `resume` then goes on.

    Args:
        run: a path, the suffix of an id, or `last`.
        text: the answer: for each candidate asked for, a heading with its id and a fenced block with its program.

    Raises:
        UsageError: the run waits for nobody, or a program is missing.
    """
    from autoreward.runs.answers import give_reply

    return give_reply(_find(run, _settings(settings, {}))[0], text)


def show(run: str = "last", *, settings: Settings | None = None) -> RunReport:
    """What came of a run; with `RUN:g01c02` also that candidate's source and analysis."""
    from autoreward.ledger import Run
    from autoreward.runs.report import run_report

    folder, candidate = _find(run, _settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        return run_report(opened, candidate)


def conversation(run: str, *, settings: Settings | None = None) -> ConversationView:
    """What the designer was asked for a candidate (`RUN:g01c02`), and what it said, repairs included.

    Raises:
        UnknownNameError: there is no such run, or nothing was asked for this candidate.
    """
    from autoreward.ledger import Run
    from autoreward.runs.conversation import read_conversation

    folder, candidate = _find(run, _settings(settings, {}))
    with Run.open(folder, write=False) as opened:
        return read_conversation(opened, candidate)


def plot_terms(run: str = "last", *, settings: Settings | None = None) -> TermPicturesView:
    """Draw each term of the best candidate, or of one (`RUN:g01c02`), over the fields that it reads, as PNG files.

    Raises:
        NoValidCandidateError: there is no reward that passed the critic.
        StorageError: the run's folder cannot be written.
    """
    from autoreward.workflows.term_plots import draw_terms

    chosen = _settings(settings, {})
    return draw_terms(*_find(run, chosen), chosen.require_isolation)


def list_runs(folder: str | Path = "runs") -> list[RunSummary]:
    """The runs in a folder, oldest first; one that cannot be read is listed with the reason.

    Raises:
        StorageError: the folder itself cannot be read.
    """
    from autoreward.ledger import list_runs as find_all
    from autoreward.runs.report import summary_of

    return [summary_of(path) for path in find_all(Path(folder))]


def export(run: str, directory: str | Path, *, settings: Settings | None = None) -> ExportView:
    """Write the best reward of a run, or one candidate's (`RUN:g01c02`), as files that work without autoreward.

    Returns:
        The files written: `reward.py` (numpy), `wrapper.py` around the Gymnasium environment that is mirrored, or
        `env.py` for one without a mirror, `policy.py` (numpy) and `policy.onnx`, and `PROVENANCE.json`; and a line on
        each thing that could not be written.

    Raises:
        UnknownNameError: there is no such run or candidate.
        NoValidCandidateError: there is no reward that passed the critic.
        StorageError: the directory cannot be written.
    """
    from autoreward.runs.exports import export_run

    folder, candidate = _find(run, _settings(settings, {}))
    return export_run(folder, candidate, Path(directory))


def video(
    run: str,
    file: str | Path | None = None,
    *,
    episode: str = "first",
    seed: int | None = None,
    settings: Settings | None = None,
) -> ClipView:
    """Draw the policy of the best candidate of a run, or of one (`RUN:g01c02`), as an MP4 file.

    Where nothing can be drawn, the view has no file, and its `problem` says why and what to install.

    Args:
        file: where to write; by default `SUFFIX_CANDIDATE.mp4` in the working directory.
        episode: "first", the first evaluation episode of a seed, which starts in the same state for every candidate;
            "best" or "worst" of all evaluation episodes.
        seed: whose first episode; the first seed by default.

    Raises:
        NoValidCandidateError: nothing was trained.
    """
    from autoreward.runs.video import draw_video

    folder, candidate = _find(run, _settings(settings, {}))
    return draw_video(folder, candidate, Path(file) if file is not None else None, episode, seed)


# --- Without a search --------------------------------------------------------------------------------------


def check(
    files: Sequence[str], env: str, task: str | None = None, *, settings: Settings | None = None
) -> list[CheckLine]:
    """Check reward files without training: static rules, then a probe in a sandbox.

    Args:
        files: reward files, `RUN:CANDIDATE`, or `human` of the task.
        task: a task of the environment; its horizon and termination hold for the probe.

    Raises:
        UsageError: a file cannot be read.
        IsolationError: this machine gives less than the isolation that the settings require.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.workflows.check import check_files

    chosen = _settings(settings, {})
    name, task = split_environment(env, task)
    return check_files(files, open_environment(name, task), chosen.require_isolation, task, Path(chosen.runs))


def train(
    files: Sequence[str],
    env: str,
    task: str | None = None,
    metric: str | None = None,
    *,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    **overrides: Any,
) -> TrainView:
    """Train policies against reward files, all in one population.

    Args:
        files: reward files, `RUN:CANDIDATE`; `human` and `sparse` name the task's baselines.
        overrides: `seeds=3, n_timesteps=300_000` and every other setting by name.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import split_environment
    from autoreward.workflows.train import train_files

    name, task = split_environment(env, task)
    return train_files(
        files, open_environment(name, task), task, metric, _settings(settings, overrides), on_event or _ignore
    )


def compare(
    rewards: Sequence[str],
    env: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    *,
    training: bool = True,
    picture: str | Path | None = None,
    settings: Settings | None = None,
    on_event: OnEvent | None = None,
    **overrides: Any,
) -> CompareReport:
    """How far rewards are apart: STARC distance, rank agreement of trajectories, and training on the same seeds.

    Args:
        rewards: at least two of: a reward file, `RUN:CANDIDATE`, a run (its best candidate), `human` (of the task).
        env: environment, or ENV/TASK; by default that of the runs.
        task: a task of the environment; by default that of the runs.
        metric: success metric: a file, or an expression over trajectory fields.
        training: train them all on the same seeds; otherwise nothing is trained.
        picture: where to draw it, ".png" or ".svg".
        overrides: `seeds=3, n_timesteps=300_000` and every other setting by name.

    Raises:
        UsageError: fewer than two rewards, runs of different environments, or no success metric to train with.
        IsolationError: this machine gives less than the isolation that the settings require.
        NoValidCandidateError: the critic refused a reward.
    """
    from autoreward.workflows.compare import compare_rewards
    from autoreward.workflows.contestants import Question

    question = Question(tuple(rewards), env, task, metric, training, Path(picture) if picture else None)
    return compare_rewards(question, _settings(settings, overrides), on_event or _ignore)


def read_task_file(file: str | Path) -> TaskFile:
    """What a task file says: arguments for `design`, and settings.

    Raises:
        UsageError: it cannot be read, or holds something else.
    """
    from autoreward.environment.task_file import read_task_file as read

    return read(Path(file))


def init(file: str | Path = "task.yaml", env: str = "half_cheetah", task: str | None = None) -> Path:
    """Write a commented task file that `design` accepts.

    Raises:
        UsageError: there is a file of this name already, or it has another ending than .yaml.
        UnknownNameError: there is no such environment or task.
        StorageError: it cannot be written.
    """
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import load_task, split_environment, task_names
    from autoreward.environment.task_file import SUFFIXES, task_file_text
    from autoreward.ledger.files import write_atomic
    from autoreward.ledger.trust import remember_own

    path = Path(file)
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path}: a task file ends in .yaml.", "autoreward init task.yaml")
    if path.exists():
        raise UsageError(f"{path} exists already.", "Give another name, or remove it.")
    name, task = split_environment(env, task)
    environment = open_environment(name)
    tasks = [
        load_task(environment.pack, one)
        for one in dict.fromkeys([*([task] if task else []), *task_names(environment.pack)])
    ]
    remember_own(pack=environment.path)
    write_atomic(path, task_file_text(environment.spec, environment.path or environment.pack.name, tasks, task))
    return path


def environments() -> list[EnvSummary]:
    """The environments that come with autoreward."""
    from autoreward.environment.pack import load_pack, pack_names
    from autoreward.environment.task import task_names

    packs = [load_pack(name) for name in pack_names()]
    return [
        EnvSummary(env=pack.name, title=pack.title, tasks=tuple(task_names(pack)), mirrors=pack.mirrors)
        for pack in packs
    ]


def environment(env: str) -> EnvReport:
    """Exactly what a designer sees of an environment (of one task: `hopper/front_flip`), and its tasks."""
    from autoreward.environment.random_rollout import open_environment
    from autoreward.environment.task import load_task, split_environment, task_names

    environment = open_environment(*split_environment(env, None))
    tasks = tuple(load_task(environment.pack, name) for name in task_names(environment.pack))
    return EnvReport.of(environment.spec, tasks, environment.pack.mjx.reason if environment.pack.mjx else None)


def new_environment(
    name: str, mjcf: str | Path, home: str | None = None, *, forward: str | None = None, command: str | None = None
) -> NewEnvView:
    """Write an environment pack for a robot of one's own, and check it. It runs at once: `env="./NAME"`.

    Args:
        name: its folder, new.
        mjcf: the robot's model, MuJoCo's XML; it is copied with all that it includes.
        home: the keyframe of the initial pose; by default the one called "home", else the model's rest pose.
        forward: the world axis along which it faces: "x", "-y", ...; guessed by default.
        command: "velocity" or "target": drawn at each reset, seen by the policy and by rewards.

    Raises:
        UsageError: a name is wrong or taken, or the model cannot be used (a URDF: how to convert it).
    """
    from autoreward.pack_tools.scaffold.new import new_pack

    pack = new_pack(name, Path(mjcf), home, forward=forward, command=command)
    return NewEnvView(
        folder=str(pack.folder),
        tasks=pack.tasks,
        fields=pack.fields,
        observation_size=pack.observation,
        home=pack.home,
        check=check_environment(str(pack.folder.resolve())),
    )


def check_environment(env: str) -> EnvCheckLine:
    """Check an environment pack against the contract: its functions, episodes, tasks and metrics.

    Args:
        env: a name, or the path of a pack's folder.
    """
    from autoreward.pack_tools.conformance.suite import check_pack

    report = check_pack(env)
    return EnvCheckLine(
        env=env,
        status="passed" if report.passed else "failed",
        tasks=report.tasks,
        findings=report.findings,
        seconds=round(report.seconds, 3),
    )


def guide() -> str:
    """The reward contract with its allow-list, on one page."""
    from autoreward.reward.language.grammar import guide as contract_guide

    return contract_guide()


def skill() -> str:
    """How a coding agent uses the command line: `SKILL.md`, which lies in the package beside `llms.txt`."""
    return (Path(__file__).parent / "SKILL.md").read_text(encoding="utf-8")


def doctor(settings: Settings | None = None) -> list[DoctorLine]:
    """What works on this machine, and what to do about the rest."""
    from autoreward.doctor import examine

    return examine(_settings(settings, {}))


# --- Shared ---------------------------------------------------------------------------------------------


def _settings(settings: Settings | None, overrides: dict[str, Any]) -> Settings:
    if settings is None:
        return load_settings(overrides).settings
    if overrides:
        raise UsageError(
            f"Settings were given twice: as an object and by name ({', '.join(overrides)}).", "Give one of the two."
        )
    return settings


def _find(run: str, settings: Settings) -> tuple[Path, str | None]:
    """The folder of a run and, where one is named, the candidate."""
    from autoreward.ledger import find_candidate

    return find_candidate(Path(settings.runs), run)


def _continue(name: str, settings: Settings, on_event: OnEvent, note: str | None) -> RunReport:
    from autoreward.environment.random_rollout import open_environment
    from autoreward.ledger import Run
    from autoreward.ledger.trust import trusted_pack
    from autoreward.runs.report import run_report, status
    from autoreward.search.session import continue_settings, extend_run, require_trusted_server
    from autoreward.trainer.graphics import require_gpu

    folder, candidate = _find(name, settings)
    with Run.open(folder, write=True) as run:
        if note is None and status(run, held=True) == "done":
            return run_report(run, held=True)
        pack = trusted_pack(run)
        require_trusted_server(run, settings)
        require_gpu(continue_settings(run, settings).device)
        if note is not None:
            extend_run(run, note, candidate)
        environment = open_environment(pack, run.task.name)
        return _search(run, environment, continue_settings(run, settings), on_event)


def _search(run: Run, environment: Environment, settings: Settings, on_event: OnEvent) -> RunReport:
    from autoreward.runs.report import finished_event, run_report
    from autoreward.search.loop import search
    from autoreward.search.session import open_session
    from autoreward.search.signals import stopping_on_signals

    with stopping_on_signals(run.path), open_session(run, environment, on_event, settings) as session:
        search(session)
        on_event(finished_event(run))
    return run_report(run, held=True)
