"""`bench combine`, `bench aligned`, `bench require`: what learned weights and requirements are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autoreward.cli.bench_output import measure_each, output_and_settings
from autoreward.cli.options import RequireOption, SeedsOption, TimestepsOption
from autoreward.cli.progress import Progress

if TYPE_CHECKING:
    from autoreward.views import AlignedView, CombineView, RequireView

ENVIRONMENTS = ("half_cheetah", "hopper")

ResultsOption = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="Results; what it has is not trained again.")
]
EnvironmentsOption = Annotated[
    list[str] | None, typer.Option("--env", metavar="ENV", help="half_cheetah, hopper; several times. Both.")
]


def combine(
    context: typer.Context,
    folder: ResultsOption,
    env: EnvironmentsOption = None,
    way: Annotated[
        list[str] | None,
        typer.Option("--way", metavar="WAY", help="fixed, episodic, ranked, ...; several times. All by default."),
    ] = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="The tables as Markdown.")] = False,
) -> None:
    """Weights that are learned while training beside weights that stay: good, unscaled, misleading and wrong ones."""
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, settings = output_and_settings(context)
    sizes = _given_sizes(seeds, n_timesteps)

    def measure(name: str, progress: Progress) -> CombineView:
        return api.bench_combine(settings, progress, name, folder=folder, ways=tuple(way or ()), **sizes)

    for name in env or ENVIRONMENTS:
        with Progress(output) as progress:
            view = measure(name, progress)
        if output.json:
            output.line(view)
        elif markdown:
            output.show(*bench_tables.combined_markdown(view))
        else:
            output.show(*bench_tables.combined(view))


def aligned(
    context: typer.Context,
    folder: ResultsOption,
    env: EnvironmentsOption = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
) -> None:
    """`--combine aligned` with a misleading and a helpful term beside the task's progress, and what it costs.

    Exit code 0 if it reaches 0.9 of the progress alone beside a misleading term, with which the naive sum has at most
    0.3, is better with a helpful one, and takes less than 1.5 times a plain update; else 4.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, settings = output_and_settings(context)
    sizes = _given_sizes(seeds, n_timesteps)

    def measure(name: str, progress: Progress) -> AlignedView:
        return api.bench_aligned(settings, progress, name, folder=folder, **sizes)

    measure_each(output, env or ENVIRONMENTS[:1], measure, bench_tables.aligned)


def require(
    context: typer.Context,
    folder: ResultsOption,
    env: EnvironmentsOption = None,
    requirement: RequireOption = None,
    seeds: SeedsOption = None,
    n_timesteps: TimestepsOption = None,
) -> None:
    """The human-written rewards with requirements that they break on their own.

    Exit code 0 if each is met in 95 % of the evaluation episodes at a loss of at most 20 % of the speed, else 4.
    """
    from autoreward.bench import api
    from autoreward.cli import bench_tables

    output, settings = output_and_settings(context)
    sizes = _given_sizes(seeds, n_timesteps)

    def measure(name: str, progress: Progress) -> RequireView:
        return api.bench_require(settings, progress, name, tuple(requirement or ()), folder=folder, **sizes)

    measure_each(output, env or ENVIRONMENTS, measure, bench_tables.required)


def _given_sizes(seeds: int | None, n_timesteps: int | None) -> dict[str, Any]:
    sizes = {"seeds": seeds, "n_timesteps": n_timesteps}
    return {name: value for name, value in sizes.items() if value is not None}
