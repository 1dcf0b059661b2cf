"""Which environment of somebody else: one line of text, as runs, jobs and messages carry it.

    gymnasium:CartPole-v1
    gymnasium:my_robot:Reach {"fields": "my_robot:fields", "folder": "/home/me/robot", "kwargs": {"goal": 2.0}}

Nothing here imports an environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from autoreward.environment.foreign.crafting_fields import MEANINGS
from autoreward.environment.foreign.meanings import is_meanings_file, read_meanings
from autoreward.errors import UsageError
from autoreward.records import FieldMeaning
from autoreward.records.record import Record

Shapes = Mapping[str, tuple[int, ...]]

SOURCES = ("gymnasium", "envpool")
_VERSIONED = re.compile(r"[\w:./-]+-v\d+")  # CartPole-v1, ALE/Pong-v5, my_package:MyEnv-v0
_OF_MODULE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")  # my_robot:Reach, package.module:function
_META_WORLD = "Meta-World/"
_CRAFTAX, _CRAFTING = "craftax:", "autoreward.environment.foreign.crafting:Crafting"
_NAMESPACES = (_META_WORLD, "ALE/", "dm_control/")  # whose ids are known as such
_EXAMPLE = "CartPole-v1, module:Class, package.module:function, or envpool:ID"


class PinnedInfo(Record):
    """The numbers in `info`, by key, as they were found when the environment was opened first."""

    shown: Shapes  # to designers, as fields `info_KEY`
    hidden: Shapes  # only a success metric may read them
    at_reset: tuple[str, ...] = ()  # keys that `info` has at a reset too
    horizon: int | None = None  # steps after which it cuts every episode itself, where no time limit says so
    most_copies: int | None = None  # that a training makes, where one takes long to make


class Reference(Record):
    """An environment of somebody else, and how it is made."""

    source: Literal["gymnasium", "envpool"] = "gymnasium"
    id: str = Field(min_length=1)  # "CartPole-v1", or "module:Class"
    kwargs: Mapping[str, Any] = {}
    packages: tuple[str, ...] = ()  # modules whose import registers it
    fields: str | None = None  # module:function of a person, in place of the fields that are found
    meanings: Mapping[str, FieldMeaning] = {}  # of its fields, by name, as a person's file says
    keep: tuple[str, ...] = ()  # keys of `info` that a person lets designers see, whatever they smell of
    folder: str | None = None  # where modules of one's own are found
    info: PinnedInfo | None = None  # None: not opened yet

    @property
    def text(self) -> str:
        """The line that `parse` reads."""
        facts = self.model_dump(mode="json", exclude={"source", "id"}, exclude_defaults=True)
        return f"{self.source}:{self.id}" + (f" {json.dumps(facts, sort_keys=True)}" if facts else "")

    @property
    def module(self) -> str | None:
        """The module of a class or function of one's own; None for an id of a registry."""
        return self.id.partition(":")[0] if _OF_MODULE.fullmatch(self.id) else None


def is_reference(text: str) -> bool:
    """Whether a text is the line of a reference."""
    return text.startswith(tuple(f"{source}:" for source in SOURCES))


def parse(text: str) -> Reference:
    """The reference of a line.

    Raises:
        UsageError: it is none.
    """
    source, _, rest = text.partition(":")
    name, _, facts = rest.partition(" ")
    try:
        return Reference.model_validate({"source": source, "id": name, **(json.loads(facts) if facts else {})})
    except (ValueError, TypeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"{text!r:.200} names no environment: {reason}.", f"Expected {_EXAMPLE}.") from error


def read_reference(env: str) -> Reference | None:
    """What `--env` names, where it is an environment of somebody else: an id with a version, or module:Class."""
    if is_reference(env):
        found = parse(env)
        return _found(
            found.model_copy(update={"id": _as_envpool_has_it(found.id)} if found.source == "envpool" else {})
        )
    if env.startswith((".", "/", "~")):
        return None
    if env.startswith(_META_WORLD) and _VERSIONED.fullmatch(env):  # which registers one id for all of its tasks
        return Reference(id=f"{_META_WORLD}MT1", kwargs={"env_name": env.removeprefix(_META_WORLD)})
    if env.startswith(_CRAFTAX):
        return Reference(id=_CRAFTING, kwargs={"task": env.removeprefix(_CRAFTAX)}, meanings=MEANINGS)
    if _VERSIONED.fullmatch(env) or _OF_MODULE.fullmatch(env) or env.startswith(_NAMESPACES):
        return _found(Reference(id=env))
    return None


def with_options(
    env: str,
    kwargs: Mapping[str, Any] | None = None,
    packages: Sequence[str] = (),
    fields: str | None = None,
    keep: Sequence[str] = (),
) -> str:
    """`env` with what a person said of how it is made; unchanged where that is nothing.

    Raises:
        UsageError: something was said of an environment pack, which takes none of this, or of how to draw.
    """
    if not (kwargs or packages or fields or keep):
        return env
    reference = read_reference(env)
    if reference is None:
        raise UsageError(
            f"{env} is no environment of Gymnasium: --env-kwargs, --gym-packages, --fields and --show-info do not hold "
            "for it.",
            f"Expected --env {_EXAMPLE}.",
        )
    refuse_drawing(kwargs or {})
    meanings = reference.meanings
    if fields is not None and is_meanings_file(fields):
        said = read_meanings(Path(fields))
        fields, meanings = said.function, said.fields
    if fields is not None and not _OF_MODULE.fullmatch(fields):
        raise UsageError(
            f"--fields {fields!r} names no function.", "Expected module:function, or FILE.yaml of `envs describe`."
        )
    changes: dict[str, Any] = {
        "kwargs": {**reference.kwargs, **(kwargs or {})},
        "packages": (*reference.packages, *packages),
    }
    changes |= {"fields": fields or reference.fields, "meanings": meanings, "keep": (*reference.keep, *keep)}
    return _found(reference.model_copy(update=changes)).text


def refuse_drawing(kwargs: Mapping[str, Any]) -> None:
    """An environment that draws while it learns learns slowly, and has no window here.

    Raises:
        UsageError: `kwargs` say how to draw.
    """
    if "render_mode" in kwargs:
        raise UsageError(
            f"--env-kwargs render_mode={kwargs['render_mode']}: an environment is not drawn while it learns.",
            "Leave it out: `autoreward video RUN` draws what was learned.",
        )


def _as_envpool_has_it(name: str) -> str:
    """EnvPool's name of a task that Meta-World calls Meta-World/drawer-open-v3; other names as they are."""
    if not name.startswith(_META_WORLD):
        return name
    task, _, version = name.removeprefix(_META_WORLD).rpartition("-")
    return f"MetaWorld/{''.join(word.capitalize() for word in task.split('-'))}-{version}"


def _found(reference: Reference) -> Reference:
    """The reference with the working folder, where one of its modules lies there."""
    words = [reference.module, reference.fields and reference.fields.partition(":")[0], *reference.packages]
    tops = {word.partition(".")[0] for word in words if word}
    here = Path.cwd()
    inside = any((here / f"{top}.py").is_file() or (here / top).is_dir() for top in tops)
    return reference.model_copy(update={"folder": str(here)}) if inside and reference.folder is None else reference
