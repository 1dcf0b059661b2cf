"""The options that say how an environment of Gymnasium is made; several commands share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from autoreward.errors import UsageError

EnvKwargsOption = Annotated[
    list[str] | None,
    typer.Option("--env-kwargs", metavar="K=V", help="Of a Gymnasium environment: arguments of its maker; repeatable."),
]
GymPackagesOption = Annotated[
    list[str] | None,
    typer.Option("--gym-packages", metavar="MODULE", help="A module whose import registers it; repeatable."),
]
FieldsOption = Annotated[
    str | None,
    typer.Option(
        "--fields", metavar="M:FUNCTION|FILE", help="Yours: a function that makes its fields, or what they mean."
    ),
]
ShowInfoOption = Annotated[
    list[str] | None,
    typer.Option(
        "--show-info",
        metavar="KEY",
        help="A key of `info` to show to designers, though it tells the reward; repeatable.",
    ),
]


def with_environment_options(
    env: str,
    env_kwargs: Sequence[str] | None,
    gym_packages: Sequence[str] | None,
    fields: str | None,
    show_info: Sequence[str] | None,
) -> str:
    """`--env` with what the other options say of it.

    Raises:
        UsageError: an option cannot be read, or holds for no environment of this kind.
    """
    kwargs = dict(_pair(text) for text in env_kwargs or ())
    if not (kwargs or gym_packages or fields or show_info):
        return env
    from autoreward import api

    return api.gymnasium_environment(
        env, kwargs=kwargs, packages=gym_packages or (), fields=fields, show_info=show_info or ()
    )


def _pair(text: str) -> tuple[str, Any]:
    """`g=9.8` as a name and what the text after it is in YAML: a number, true, a list, words."""
    import yaml

    name, equals, value = text.partition("=")
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise UsageError(f"--env-kwargs {text!r:.200}: the value cannot be read.", "Write K=V, as g=9.8.") from error
    if not equals or not name.isidentifier():
        raise UsageError(f"--env-kwargs {text!r:.200} is no K=V.", "Write it as g=9.8, one option for each.")
    return name, parsed
