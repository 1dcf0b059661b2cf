"""`autoreward bench`: the measurements that anyone can repeat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from autoreward.cli.bench_output import end, measure_each, output_and_settings
from autoreward.cli.bench_weights import aligned, combine, require
from autoreward.cli.design import CandidatesOption, GenerationsOption
from autoreward.cli.environment_options import (
    EnvKwargsOption,
    FieldsOption,
    GymPackagesOption,
    ShowInfoOption,
    with_environment_options,
)
from autoreward.cli.options import (
    AlgoOption,
    EnvOption,
    FilesArgument,
    Globals,
    Group,
    MetricOption,
    SeedsOption,
    TaskOption,
    TimestepsOption,
    parsed,
)
from autoreward.cli.output import Output
from autoreward.cli.progress import Progress
from autoreward.written_numbers import read_count

if TYPE_CHECKING:
    from autoreward.views import LearnView, TrainBenchView

Measured = TypeVar("Measured", "LearnView", "TrainBenchView")

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="Where the bank lies; in the package by default.", show_default=False),
]

ResamplingsOption = Annotated[
    int,
    typer.Option("--resamplings", parser=parsed(read_count, 200), metavar="N", help="Generations drawn from the bank."),
]

app = typer.Typer(cls=Group, help="The measurements that anyone can repeat.", no_args_is_help=True)

AT_LEAST_ONE = parsed(read_count, 1, "expected a whole number, for instance 3")

RoundsOption = Annotated[int, typer.Option("--rounds", parser=AT_LEAST_ONE, metavar="N", help="Interleaved rounds.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="One short round: to try it, not to quote it.")]


@app.callback()
def bench() -> None:
    """The measurements that anyone can repeat."""


@app.command("learn")
def learn(
    context: typer.Context,
    env: Annotated[
        str | None,
        typer.Option("--env", metavar="ENV", help="half_cheetah, hopper or ant; all of them by default."),
    ] = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    fresh_baseline: Annotated[
        bool, typer.Option("--fresh-baseline", help="Train stable-baselines3 again (an hour; needs the extra sb3).")
    ] = False,
) -> None:
    """Our PPO with the human reward on half_cheetah, hopper and ant, against stable-baselines3 PPO.

    Exit code 0 if our mean is at least the better of the others in each, else 4.
    """
    from autoreward.bench import api
    from autoreward.bench.baselines import SUBJECTS, check_stored
    from autoreward.cli import bench_tables

    output, settings = output_and_settings(context)
    given = {name: value for name, value in {"seeds": seeds, "n_timesteps": n_timesteps}.items() if value is not None}
    wanted = tuple(SUBJECTS) if env is None else (env,)
    if not fresh_baseline:
        check_stored([SUBJECTS[name] for name in wanted if name in SUBJECTS])

    def learn(name: str, progress: Progress) -> LearnView:
        return api.bench_learn(settings, progress, name, fresh_baseline=fresh_baseline, **given)

    measure_each(output, wanted, learn, bench_tables.learned)


@app.command("train")
def train(
    context: typer.Context,
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="ENV",
            help="half_cheetah, hopper, ant, humanoid, or any id of Gymnasium or EnvPool; by default the four.",
        ),
    ] = None,
    rounds: RoundsOption = 3,
    quick: QuickOption = False,
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="ROW,...",
            help="Of physics, ours, ours_equal, sb3, sb3_tuned; of any id source, as_policy, one_process, ours, "
            "sb3_source. All by default.",
        ),
    ] = None,
    profile: Annotated[bool, typer.Option("--profile", help="Also show where our time goes.")] = False,
    population: Annotated[
        bool, typer.Option("--population", help="Instead: 1 to 32 candidates at the same number of environments.")
    ] = False,
) -> None:
    """How fast a population learns, beside the physics alone and beside stable-baselines3 PPO.

    Takes about 12 minutes an environment on two cores, most of it for stable-baselines3. Nothing else should run.
    Exit code 0 if every target that was measured is met, else 4. With --device cuda, populations on a GPU beside MJX
    alone: one JSON line a part, see docs/gpu.md.
    """
    from autoreward.bench import api
    from autoreward.bench.source import LABELS as SOURCE_LABELS
    from autoreward.bench.train import LABELS, TASKS, Plan, check_environment
    from autoreward.cli import bench_tables
    from autoreward.environment.foreign.reference import read_reference

    output, settings = output_and_settings(context)
    if settings.device not in ("auto", "cpu"):
        api.bench_gpu(settings, lambda line: typer.echo(json.dumps(line)), env)
        return
    turns = 1 if quick else rounds
    if population:
        with Progress(output) as progress:
            shapes = api.bench_population(settings, progress, rounds=turns, quick=quick)
        if output.json:
            output.line(shapes)
        else:
            output.show(*bench_tables.shapes(shapes))
        end(shapes.passed)
        return
    named = None if rows is None else tuple(row.strip() for row in rows.split(","))
    environments = tuple(TASKS) if env is None else (env,)
    foreign = env is not None and read_reference(env) is not None
    for name in environments if not foreign else ():
        check_environment(name)
    wanted = named or tuple(SOURCE_LABELS if foreign else LABELS)

    def measure(name: str, progress: Progress) -> TrainBenchView:
        return api.bench_train(settings, progress, Plan(name, turns, wanted, quick, profile))

    measure_each(output, environments, measure, bench_tables.speeds)


@app.command("share")
def share(
    context: typer.Context,
    files: FilesArgument,
    env: EnvOption,
    task: TaskOption = None,
    metric: MetricOption = None,
    algo: AlgoOption = "sac",
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
) -> None:
    """Rewards that learn from one buffer a seed (--share-experience), beside the same with a buffer each."""
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    options: Globals = context.obj
    output = Output(options)
    settings = options.settings(algo=algo, seeds=seeds, n_timesteps=n_timesteps)
    name = with_environment_options(env, env_kwargs, gym_packages, fields, show_info)
    with Progress(output) as progress:
        view = api.bench_share(files, name, settings, progress, task=task, metric=metric)
    if output.json:
        output.line(view)
    else:
        output.show(*bench_tables.sharing(view))


@app.command("fields")
def fields(
    context: typer.Context,
    env: Annotated[str, typer.Argument(metavar="PACK", help="A pack, or the folder of one: ./my_robot.")],
    rounds: RoundsOption = 7,
) -> None:
    """What the fields of a pack cost in a rollout, where nothing reads them and where all are read.

    Exit code 0 if both are within their targets (5 and 15 %), else 4.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, _ = output_and_settings(context)
    with Progress(output) as progress:
        view = api.bench_fields(progress, env, rounds=rounds)
    if output.json:
        output.line(view)
    else:
        output.show(*bench_tables.field_costs(view))
    end(view.passed)


@app.command("start")
def start(context: typer.Context, rounds: RoundsOption = 3) -> None:
    """From launching a training to its first update, with a cold and a warm compilation cache.

    Exit code 0 if both are within their targets, else 4.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, _ = output_and_settings(context)
    with Progress(output) as progress:
        view = api.bench_start(progress, rounds=rounds)
    if output.json:
        output.line(view)
    else:
        output.show(*bench_tables.starts(view))
    end(view.passed)


@app.command("bank")
def bank(
    context: typer.Context,
    env: EnvOption,
    task: TaskOption = None,
    rewards: Annotated[
        Path | None,
        typer.Option(
            "--rewards",
            metavar="DIR",
            show_default=False,
            help="Instead of the built-in 60: reward files (.py) or a model's replies (.md). Needs --folder.",
        ),
    ] = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", parser=AT_LEAST_ONE, metavar="N", help="The first N rewards only.", show_default=False),
    ] = None,
    folder: FolderOption = None,
) -> None:
    """Train the reward bank of a task once: 60 rewards, good and bad, on 5 seeds of 300,000 steps.

    It is stored in chunks as they are done; the same command goes on where an earlier one ended. With --rewards the
    rewards of a folder, beside the human one and sparse (the task's progress alone).
    """
    from autoreward.bench import api

    output, settings = output_and_settings(context)
    with Progress(output) as progress:
        view = api.bench_bank(
            settings, progress, env, task=task, rewards=rewards, folder=folder, limit=limit, seeds=seeds,
            n_timesteps=n_timesteps,
        )  # fmt: skip
    if output.json:
        output.line(view)
        return
    from autoreward.cli import bench_tables

    output.show(*bench_tables.bank(view))


@app.command("halving")
def halving(
    context: typer.Context,
    env: EnvOption,
    resamplings: ResamplingsOption = 1_000,
    folder: FolderOption = None,
) -> None:
    """Would successive halving have chosen as well as full training? Read from the reward bank, without training."""
    from autoreward.bench import api

    output = Output(context.obj)
    view = api.bench_halving(env, folder=folder, resamplings=resamplings)
    if output.json:
        output.line(view)
        return
    from autoreward.cli import bench_tables

    output.show(*bench_tables.halving(view))


@app.command("choices")
def choices(
    context: typer.Context,
    env: EnvOption,
    resamplings: ResamplingsOption = 1_000,
    folder: Annotated[
        list[Path] | None,
        typer.Option(
            "--folder", metavar="DIR", show_default=False,
            help="Where the bank lies; several times where further seeds lie elsewhere. In the package by default.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """How to choose among rewards for the same trainings: races, halving, more candidates. Read from the reward bank.

    A rule is judged by what its choice comes to on seeds that it has not seen.
    """
    from autoreward.bench import api

    output = Output(context.obj)
    view = api.bench_choices(env, folders=tuple(folder or ()), resamplings=resamplings)
    if output.json:
        output.line(view)
        return
    from autoreward.cli import bench_tables

    output.show(*bench_tables.choices(view))


@app.command("screen")
def screen(
    context: typer.Context,
    env: EnvOption,
    resamplings: ResamplingsOption = 1_000,
    folder: FolderOption = None,
) -> None:
    """Would it pay to leave out, before training, rewards that order undirected episodes otherwise than success does?

    Read from the reward bank, without training.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, settings = output_and_settings(context)
    view = api.bench_screen(settings, env, folder=folder, resamplings=resamplings)
    if output.json:
        output.line(view)
        return
    output.show(*bench_tables.screen(view))


@app.command("suite")
def suite(
    context: typer.Context,
    tasks: Annotated[str, typer.Option("--tasks", metavar="ENV/TASK,...", help="On which they are compared.")],
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the searches lie.")],
    methods: Annotated[
        str,
        typer.Option(
            "--methods",
            metavar="METHOD,...",
            help="Of `design --method`, or `tuned` (the later half by an optimiser); the first is the base.",
        ),
    ] = "ours,eureka,random",
    restarts: Annotated[
        int, typer.Option("--restarts", parser=AT_LEAST_ONE, metavar="R", help="Searches of each on each task.")
    ] = 3,
    replies: Annotated[
        Path | None,
        typer.Option(
            "--replies",
            metavar="DIR",
            show_default=False,
            help="Recorded replies of a model, rewards/ENV_TASK/*.md, in place of the embedded designer.",
        ),
    ] = None,
    candidates: CandidatesOption = None,
    generations: GenerationsOption = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
) -> None:
    """Methods of reward design at equal steps and calls: win, tie and loss against the human reward, over restarts.

    The same command goes on where an earlier one ended. Means are over restarts; the best restart is nowhere told.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    options: Globals = context.obj
    output = Output(options)
    settings = options.settings(candidates=candidates, generations=generations, seeds=seeds, n_timesteps=n_timesteps)
    named, compared = (tuple(one.strip() for one in text.split(",")) for text in (tasks, methods))
    with Progress(output) as progress:
        view = api.bench_suite(
            settings, progress, tasks=named, methods=compared, restarts=restarts, folder=folder, replies=replies
        )
    if output.json:
        output.line(view)
        return
    output.show(*bench_tables.suite(view))


@app.command("metrics")
def metrics(
    context: typer.Context,
    replies: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Recorded replies: metrics/ENV_TASK/*.md, and rewards/ENV_TASK/*.md."),
    ],
    task: Annotated[
        list[str] | None, typer.Option("--task", metavar="ENV/TASK", help="Several times; all by default.")
    ] = None,
    n_timesteps: TimestepsOption = None,
    seeds: SeedsOption = None,
) -> None:
    """Recorded drafts of success metrics, judged as `design` judges them, beside the packs' own metrics.

    With -n STEPS also over policies, trained so long on the recorded rewards of each task.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, settings = output_and_settings(context)
    given = {name: value for name, value in {"seeds": seeds, "n_timesteps": n_timesteps}.items() if value is not None}
    with Progress(output) as progress:
        view = api.bench_metrics(settings, progress, replies, tasks=tuple(task or ()), **given)
    if output.json:
        output.line(view)
        return
    output.show(*bench_tables.metrics(view))


@app.command("icpl")
def icpl(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the runs lie; it goes on with them.")],
    env: Annotated[
        list[str] | None,
        typer.Option(
            "--env", metavar="ENV", help="ENV or ENV/TASK, several times; half_cheetah and hopper by default."
        ),
    ] = None,
    restarts: Annotated[int, typer.Option("--restarts", parser=AT_LEAST_ONE, metavar="N", help="Of each.")] = 3,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
) -> None:
    """Searches that preferences lead, with the metric in the place of people, beside searches that the metric leads.

    At equal environment steps, calls and seeds. Exit code 0 if the first reach 0.9 of the second in each, else 4.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    options: Globals = context.obj
    output, settings = Output(options), options.settings(seeds=seeds, n_timesteps=n_timesteps)
    with Progress(output) as progress:
        view = api.bench_icpl(settings, progress, tuple(env or ("half_cheetah", "hopper")), folder, restarts=restarts)
    if output.json:
        output.line(view)
    else:
        output.show(*bench_tables.icpl(view))
    end(view.passed)


app.command("combine")(combine)
app.command("aligned")(aligned)
app.command("require")(require)
