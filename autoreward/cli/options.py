"""The options every command takes, and the ones that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from autoreward.written_numbers import read_amount, read_count, read_seconds

if TYPE_CHECKING:
    from autoreward.config import LoadedSettings, Settings

GLOBAL_HELP = (
    "--json, --quiet, --yes, --trust, --no-input, --debug, --device NAME, --require-isolation TIER and --set KEY=VALUE "
    "may stand before or after the command."
)
_FLAGS = {"--json", "--quiet", "-q", "--yes", "-y", "--no-input", "--debug", "--trust"}
_WITH_VALUE = {"--device", "--require-isolation", "--set"}


@dataclass(frozen=True)
class Globals:
    """What the options of every command say."""

    json: bool = False
    quiet: bool = False
    yes: bool = False
    interactive: bool = False  # a terminal on both sides, and no --no-input
    device: str | None = None
    require_isolation: str | None = None
    sets: tuple[str, ...] = ()

    def settings(self, task: Mapping[str, Any] | None = None, **flags: Any) -> Settings:
        """The layered settings under these flags; None means that a flag was not given.

        Args:
            task: the settings of a task file.

        Raises:
            ConfigError: an unknown key or a wrong value, in any layer.
        """
        return self.loaded(task, **flags).settings

    def loaded(self, task: Mapping[str, Any] | None = None, **flags: Any) -> LoadedSettings:
        """The same, with the origin of every value."""
        from autoreward.config import load_settings

        general = {"device": self.device, "require_isolation": self.require_isolation}
        return load_settings({**general, **flags}, sets=self.sets, task=task)


def _print_version(wanted: bool) -> None:
    if wanted:
        from autoreward import __version__

        typer.echo(__version__)
        raise typer.Exit


def _print_schemas(wanted: bool) -> None:
    if wanted:
        import json

        from autoreward.views import schemas

        typer.echo(json.dumps(schemas(), indent=2))
        raise typer.Exit


def read_globals(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="stdout is JSON lines; progress goes to stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Answer yes to every question.")] = False,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Use the pack and the server that a run or a task names; remembered."),
    ] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing (as without a terminal).")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug.")] = False,
    device: Annotated[
        str | None,
        typer.Option("--device", help="auto, cpu, cuda, cuda-jax or cuda-warp.", show_default=False),
    ] = None,
    require_isolation: Annotated[
        str | None,
        typer.Option("--require-isolation", metavar="TIER", help="strong, medium or basic: exit 9 below it."),
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Any setting: --set ppo.num_envs=8.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    schemas: Annotated[
        bool, typer.Option("--schemas", callback=_print_schemas, is_eager=True, help="Print all JSON schemas.")
    ] = False,
) -> None:
    """The options that every command takes."""
    context.obj = Globals(
        json=json,
        quiet=quiet,
        yes=yes,
        interactive=not no_input and sys.stdin.isatty() and sys.stderr.isatty(),
        device=device,
        require_isolation=require_isolation,
        sets=tuple(sets or ()),
    )


class Group(TyperGroup):
    """Commands under one name, which alone prints its help; with `--json` it is an error like every other."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments left for a subcommand."""
        above = ctx.parent.obj if ctx.parent is not None else None
        if not args and isinstance(above, Globals) and above.json:
            ctx.fail(f"Missing command: expected one of {', '.join(self.list_commands(ctx))}.")
        return super().parse_args(ctx, args)


def hoist_globals(arguments: Sequence[str]) -> list[str]:
    """The same arguments with the global options first, where the parser expects them."""
    first: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            return [*first, *rest, argument, *waiting]
        if argument in _FLAGS or argument.partition("=")[0] in _WITH_VALUE:
            first.append(argument)
            if argument in _WITH_VALUE and waiting:
                first.append(waiting.pop(0))
        else:
            rest.append(argument)
    return first + rest


Read = TypeVar("Read", int, float)


def parsed(read: Callable[[str], Read], least: Read | None = None, expected: str = "") -> Callable[[Any], Read]:
    """The parser of an option: what `read` makes of its text, at least `least`; else what was seen and is expected."""

    def parse(given: Any) -> Read:  # a default comes as the number that it is
        try:
            value = read(str(given))
        except ValueError as error:
            raise typer.BadParameter(f"{str(given)!r}, {expected or error}.") from error
        if least is not None and value < least:
            raise typer.BadParameter(f"{given}, expected at least {least}.")
        return value

    return parse


COUNT, SECONDS, AMOUNT = parsed(read_count), parsed(read_seconds), parsed(read_amount)
NUMBER = parsed(read_count, expected="expected a whole number, for instance 3")

EnvOption = Annotated[
    str, typer.Option("--env", metavar="ENV", help="Environment, or ENV/TASK. `autoreward envs` lists them.")
]
TaskOption = Annotated[str | None, typer.Option("--task", metavar="TASK", help="A task of the environment.")]
MetricOption = Annotated[
    str | None,
    typer.Option(
        "--metric", metavar="FILE|EXPR", help="Success metric: a file, or an expression over trajectory fields."
    ),
]
PropertiesOption = Annotated[
    Path | None,
    typer.Option("--properties", metavar="FILE", help="Tests of meaning: pairs, of which the better must pay more."),
]
SeedsOption = Annotated[
    int | None,
    typer.Option("--seeds", parser=NUMBER, metavar="S", help="Training seeds a candidate.", show_default=False),
]
TimestepsOption = Annotated[
    int | None,
    typer.Option(
        "-n", "--n-timesteps", parser=COUNT, metavar="STEPS", help="Environment steps a member: 300000, 300k, 1e6.",
        show_default=False,
    ),
]  # fmt: skip
CombineOption = Annotated[
    str | None,
    typer.Option(
        "--combine", metavar="HOW",
        help="Where weights come from: `fixed` (the program), `episodic` (LaRe: the progress of whole episodes), "
        "`ranked` (HERON: --rank), `aligned` (BARFI: the task's own progress).",
        show_default=False,
    ),
]  # fmt: skip
CombineModelOption = Annotated[
    str | None,
    typer.Option(
        "--combine-model", metavar="MODEL", help="linear, which is exported as WEIGHTS, or network.", show_default=False
    ),
]
RankOption = Annotated[
    str | None,
    typer.Option(
        "--rank", metavar="RANK", help="Terms, what counts most first: 'forward > upright 0.2 > effort'.",
        show_default=False,
    ),
]  # fmt: skip
RequireOption = Annotated[
    list[str] | None,
    typer.Option(
        "--require", metavar="REQUIREMENT",
        help="What policies have to keep to: 'torso_pitch <= 0.3 in 95 %', 'mean(sum(square(action))) <= 2'.",
        show_default=False,
    ),
]  # fmt: skip
AdaptOption = Annotated[
    bool | None,
    typer.Option(
        "--adapt/--no-adapt",
        help="Let weights move within a factor of 4 to the terms that still inform the policy.",
        show_default=False,
    ),
]
AlgoOption = Annotated[
    str | None,
    typer.Option(
        "--algo",
        metavar="ppo|sac|td3|dqn",
        help="What policies learn by; all but ppo need the extra sb3.",
        show_default="ppo",
    ),
]
ShareExperienceOption = Annotated[
    bool | None,
    typer.Option(
        "--share-experience/--no-share-experience",
        help="With sac, td3, dqn: candidates of one seed learn from the steps of all, each paid by its own reward.",
        show_default=False,
    ),
]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A path, the end of a run's id, or `last`.")]
CandidateArgument = Annotated[
    str, typer.Argument(metavar="RUN[:CANDIDATE]", help="A path, the end of a run's id, or `last`.")
]
FilesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Reward files, RUN:CANDIDATE, or `human`, the task's human-written reward.",
        show_default=False,
    ),
]
