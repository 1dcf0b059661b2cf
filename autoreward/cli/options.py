"""The options every command takes, and the ones that several commands share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
SeedsOption = Annotated[
    int | None, typer.Option("--seeds", metavar="S", help="Training seeds a candidate.", show_default=False)
]
TimestepsOption = Annotated[
    int | None,
    typer.Option("-n", "--n-timesteps", metavar="STEPS", help="Environment steps a member.", show_default=False),
]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A path, the end of a run's id, or `last`.")]
FilesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Reward files, RUN:CANDIDATE, or `human`, the task's human-written reward.",
        show_default=False,
    ),
]
