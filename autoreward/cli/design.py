"""`autoreward design`: the whole search, from a text to the best reward."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autoreward.cli.environment_options import (
    EnvKwargsOption,
    FieldsOption,
    GymPackagesOption,
    ShowInfoOption,
    with_environment_options,
)
from autoreward.cli.options import (
    AMOUNT,
    COUNT,
    NUMBER,
    SECONDS,
    AdaptOption,
    AlgoOption,
    CombineModelOption,
    CombineOption,
    Globals,
    MetricOption,
    PropertiesOption,
    RankOption,
    RequireOption,
    SeedsOption,
    ShareExperienceOption,
    TaskOption,
    TimestepsOption,
    parsed,
)
from autoreward.cli.output import Output, dollars
from autoreward.cli.search import reviewer_of, run_search
from autoreward.errors import InterruptedRunError, UsageError
from autoreward.written_numbers import read_count

if TYPE_CHECKING:
    from autoreward.cli.progress import Progress
    from autoreward.config import LoadedSettings, Settings
    from autoreward.views import DryRunView, RunReport

FREE = ("compose", "manual")  # designers that ask no language model
SETTINGS = (  # options that are settings of the same name
    "model", "ask", "base_url", "candidates", "generations", "seeds", "n_timesteps", "target", "seed", "shaping_only",
    "halving", "race", "distinct", "tune_weights", "method", "select", "synthetic_preferences", "critic", "analyst",
    "judge", "max_cost", "max_tokens", "max_output_tokens", "max_time", "max_steps", "confirm_above", "algo",
    "share_experience", "track", "combine", "combine_model", "rank", "adapt", "require",
)  # fmt: skip

TextArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TEXT|FILE.yaml", help="What the robot should do (the task's text without it), or a task file."
    ),
]
OptionalEnvOption = Annotated[
    str | None, typer.Option("--env", metavar="ENV", help="Environment, or ENV/TASK. `autoreward envs` lists them.")
]
SeedRewardOption = Annotated[
    Path | None, typer.Option("--seed-reward", metavar="FILE", help="A reward of your own to start from.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="M", help="provider/model; `compose`: the embedded designer; `manual`: you answer."
    ),
]
AskOption = Annotated[
    str | None,
    typer.Option(
        "--ask",
        metavar="candidate|generation",
        help="What one request asks for: one program, or all of a generation (far fewer tokens).",
        show_default="candidate",
    ),
]
BaseUrlOption = Annotated[str | None, typer.Option("--base-url", help="Of an OpenAI-compatible server.")]
CandidatesOption = Annotated[
    int | None,
    typer.Option(
        "--candidates",
        parser=NUMBER,
        metavar="N",
        show_default="8; see --race",
        help="A generation.",
    ),
]
GenerationsOption = Annotated[int | None, typer.Option("--generations", parser=NUMBER, metavar="N", show_default="5")]
TargetOption = Annotated[
    float | None, typer.Option("--target", parser=AMOUNT, metavar="X", help="Success to reach; exit 4 below it.")
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", parser=NUMBER, metavar="N", help="Of the whole search.", show_default=False)
]
MaxCostOption = Annotated[
    float | None, typer.Option("--max-cost", parser=AMOUNT, metavar="USD", help="US dollars.", show_default=False)
]
MaxTokensOption = Annotated[
    int | None, typer.Option("--max-tokens", parser=COUNT, metavar="N", help="500000, 500k.", show_default=False)
]
MaxOutputTokensOption = Annotated[
    int | None,
    typer.Option(
        "--max-output-tokens", parser=COUNT, metavar="N", help="Of one reply, thoughts included.", show_default="16384"
    ),
]
MaxTimeOption = Annotated[
    float | None,
    typer.Option("--max-time", parser=SECONDS, metavar="TIME", help="Seconds, or 15m, 2h.", show_default=False),
]
MaxStepsOption = Annotated[
    int | None,
    typer.Option("--max-steps", parser=COUNT, metavar="STEPS", help="Training steps: 5M.", show_default=False),
]
ShapingOnlyOption = Annotated[
    bool | None,
    typer.Option(
        "--shaping-only",
        help="Only a potential on top of the task's progress, whose return still says which policy is best.",
    ),
]
HalvingOption = Annotated[
    bool | None,
    typer.Option(
        "--halving/--no-halving",
        help="Stop the worse half of a generation after a third of its training.",
        show_default=False,
    ),
]
CriticOption = Annotated[
    str | None,
    typer.Option("--critic", metavar="off|llm", help="Have programs read against the text; warns.", show_default="off"),
]
AnalystOption = Annotated[
    str | None,
    typer.Option("--analyst", metavar="off|llm", help="Have the tables of trajectories read.", show_default="off"),
]
RaceOption = Annotated[
    int | None,
    typer.Option(
        "--race",
        parser=NUMBER,
        metavar="N",
        help="Further trainings of one seed a generation, to those that can still be best. Without --candidates, "
        "--seeds and --race: 16 candidates on one seed, then 8 more; else, and with --halving, --require, --select, "
        "another --method or --algo: 8 on 3 seeds.",
        show_default=False,
    ),
]
JudgeOption = Annotated[
    str | None,
    typer.Option("--judge", metavar="MODEL", help="A model that looks at clips of the best beside the metric."),
]
DistinctOption = Annotated[
    float | None,
    typer.Option(
        "--distinct",
        parser=AMOUNT,
        metavar="D",
        help="Train no near-duplicates: another candidate is asked for where two of a generation are less than D "
        "apart; 0: none is. Default: 0.1 for the embedded designer, 0 for language models.",
        show_default=False,
    ),
]
TuneOption = Annotated[
    int | None,
    typer.Option(
        "--tune-weights",
        parser=NUMBER,
        metavar="N",
        help="Then N more candidates: the best programs, with WEIGHTS and PARAMS of an optimiser (CMA-ES).",
        show_default=False,
    ),
]
MethodOption = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="ours|eureka|text2reward|revolve|random|archive",
        help="Whose rules of selection, history and parents.",
        show_default="ours",
    ),
]
SelectOption = Annotated[
    str | None,
    typer.Option(
        "--select",
        metavar="metric|people|both",
        help="Who chooses parent and result; both: people, among those near the best.",
        show_default="metric",
    ),
]
SyntheticPreferencesOption = Annotated[
    bool | None,
    typer.Option(
        "--synthetic-preferences/--no-synthetic-preferences",
        help="The metric answers in the place of people, to measure what their choosing does.",
        show_default=False,
    ),
]
TrackOption = Annotated[
    str | None,
    typer.Option(
        "--track",
        metavar="none|tensorboard|wandb",
        help="Also show the run there, once it has ended; offline unless WANDB_MODE=online.",
        show_default="none",
    ),
]
ConfirmAboveOption = Annotated[
    float | None,
    typer.Option(
        "--confirm-above", parser=AMOUNT, metavar="USD", help="US dollars from which to ask first.", show_default=False
    ),
]
RestartsOption = Annotated[
    int,
    typer.Option(
        "--restarts",
        parser=parsed(read_count, 1),
        metavar="R",
        help="Searches with seeds of their own; their mean is told, never the best.",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Prompts, calls, cost and time; nothing is run.")]


def design(
    context: typer.Context,
    text: TextArgument = None,
    env: OptionalEnvOption = None,
    task: TaskOption = None,
    metric: MetricOption = None,
    seed_reward: SeedRewardOption = None,
    properties: PropertiesOption = None,
    model: ModelOption = None,
    ask: AskOption = None,
    base_url: BaseUrlOption = None,
    candidates: CandidatesOption = None,
    generations: GenerationsOption = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    target: TargetOption = None,
    seed: SeedOption = None,
    max_cost: MaxCostOption = None,
    max_tokens: MaxTokensOption = None,
    max_output_tokens: MaxOutputTokensOption = None,
    max_time: MaxTimeOption = None,
    max_steps: MaxStepsOption = None,
    shaping_only: ShapingOnlyOption = None,
    halving: HalvingOption = None,
    algo: AlgoOption = None,
    share_experience: ShareExperienceOption = None,
    critic: CriticOption = None,
    analyst: AnalystOption = None,
    judge: JudgeOption = None,
    select: SelectOption = None,
    synthetic_preferences: SyntheticPreferencesOption = None,
    race: RaceOption = None,
    combine: CombineOption = None,
    combine_model: CombineModelOption = None,
    rank: RankOption = None,
    adapt: AdaptOption = None,
    require: RequireOption = None,
    distinct: DistinctOption = None,
    tune_weights: TuneOption = None,
    method: MethodOption = None,
    confirm_above: ConfirmAboveOption = None,
    track: TrackOption = None,
    restarts: RestartsOption = 1,
    dry_run: DryRunOption = False,
    env_kwargs: EnvKwargsOption = None,
    gym_packages: GymPackagesOption = None,
    fields: FieldsOption = None,
    show_info: ShowInfoOption = None,
) -> None:
    """Design a reward: generations of candidates, each checked, trained and measured.

    autoreward design --env half_cheetah --task forward
    """
    options: Globals = context.obj
    output = Output(options)
    given = {name: context.params[name] for name in SETTINGS}
    file = text
    text, arguments, task_settings = _read_arguments(
        text, {"env": env, "task": task, "metric": metric, "seed_reward": seed_reward}
    )
    if properties is not None:
        given["design.properties"] = 0  # none are written
    loaded = options.loaded(task=task_settings, **given)
    settings = loaded.settings
    if text != file:
        _require_trust(str(file), None if env is not None else arguments["env"], loaded)
    seed_file = arguments.pop("seed_reward")
    arguments["env"] = with_environment_options(arguments["env"], env_kwargs, gym_packages, fields, show_info)
    arguments["settings"] = settings
    from autoreward import api

    if dry_run:
        _show_dry_run(output, api.estimate(text, **arguments))
        return
    _confirm(options, output, settings, text, arguments, restarts)
    if restarts > 1:
        _restart(output, text, restarts, {**arguments, "seed_reward": seed_file, "properties": properties})
        return

    def search(progress: Progress) -> RunReport:
        reviewer = reviewer_of(options, progress)
        own = {"seed_reward": seed_file, "properties": properties}
        return api.design(text, **own, on_event=progress, reviewer=reviewer, **arguments)

    run_search(output, settings, search)


def _restart(output: Output, text: str | None, restarts: int, arguments: dict[str, Any]) -> None:
    """Several searches, and their mean."""
    from autoreward import api
    from autoreward.cli import tables
    from autoreward.cli.progress import Progress

    with Progress(output) as progress:
        view = api.design_restarts(text, restarts=restarts, on_event=progress, **arguments)
    if output.json:
        output.line(view)
    else:
        output.show(*tables.restarts(view))


def _require_trust(file: str, pack: str | None, loaded: LoadedSettings) -> None:
    """What a task file names, its pack and its server, may be somebody else's.

    Raises:
        UntrustedError: the person at this machine has neither used nor confirmed it.
    """
    from autoreward.ledger.trust import require_trusted

    server = loaded.settings.llm.base_url if loaded.origins["llm.base_url"] == "task" else None
    require_trusted(file, pack=pack, server=server)


def _read_arguments(text: str | None, given: dict[str, Any]) -> tuple[str | None, dict[str, Any], Mapping[str, Any]]:
    """The text, the other arguments and the settings that a task file has; a flag comes before the file.

    Raises:
        UsageError: the task file cannot be read, or there is no environment.
    """
    from autoreward.environment.task_file import is_task_file

    task_settings: Mapping[str, Any] = {}
    if text is not None and is_task_file(text):
        from autoreward import api

        file = api.read_task_file(text)
        text, task_settings = file.text, file.settings
        in_file = file.model_dump(include=set(given))
        if given["env"] is not None:
            in_file["task"] = None  # it belongs to the environment that the file names
        given = {name: in_file[name] if value is None else value for name, value in given.items()}
    if given["env"] is None:
        raise UsageError(
            "No environment is named.", "--env ENV; `autoreward envs` lists them, `init` writes a task file."
        )
    return text, given, task_settings


def _confirm(
    options: Globals, output: Output, settings: Settings, text: str | None, arguments: dict[str, Any], searches: int
) -> None:
    """Says what a paid model may cost, and asks above the limit where there is somebody to ask."""
    from autoreward import api
    from autoreward.process_environment import model_environment

    chosen = settings.llm.model
    if chosen in FREE or (chosen is None and not model_environment().openai_api_key):
        return
    plan = api.estimate(text, checked=True, **arguments)
    if plan.designer in FREE or (plan.cost is not None and plan.cost[1] == 0.0):
        return
    each = f", for each of {searches} searches" if searches > 1 else ""
    output.note(f"{plan.designer}: {_plan_line(plan)}{each}")
    above = plan.cost is None or searches * plan.cost[1] > settings.llm.confirm_above
    if above and options.interactive and not options.yes and not typer.confirm("Go on?", default=True, err=True):
        raise InterruptedRunError("Not started.", "--model compose costs nothing; --max-cost sets a limit.")


def _plan_line(plan: DryRunView) -> str:
    low, high = plan.calls
    if high == 0:
        return "none, it costs nothing"
    cost = "unknown price" if plan.cost is None else f"{dollars(plan.cost[0])} to {dollars(plan.cost[1])}"
    tokens = f"{plan.input_tokens[0]:,} to {plan.input_tokens[1]:,} input tokens"
    tokens += f" ({plan.cached_tokens:,} of the first from a provider's cache)" if plan.cached_tokens else ""
    return f"{low} to {high} calls, {tokens}, {cost}"


def _show_dry_run(output: Output, plan: DryRunView) -> None:
    if output.json:
        output.line(plan)
        return
    for prompt in plan.prompts:
        output.show_messages(prompt.id, prompt.messages)
    guessed = "" if plan.speed == "earlier runs" else ", guessed from a moment of simulation"
    time = f"about {max(1.0, plan.seconds / 60):.0f} min in all{guessed}"
    output.show(
        f"designer  {plan.designer}", f"calls     {_plan_line(plan)}", f"training  {plan.env_steps:,} steps, {time}"
    )
