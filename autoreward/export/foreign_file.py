"""The exported wrapper around somebody else's environment: the same code makes it, and the designed reward pays."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from pathlib import Path
from typing import Any

from autoreward.environment.foreign.facts import ForeignFacts
from autoreward.environment.foreign.reference import Reference
from autoreward.export.policy_file import package_name
from autoreward.ledger.files import write_atomic
from autoreward.python_text import parse_module
from autoreward.records import EnvSpec
from autoreward.templates import render

WRAPPER_NAME = "wrapper.py"
WORLD_NAME = "world.py"  # of an environment that comes with autoreward
OURS = "autoreward."


def export_foreign(directory: Path, foreign: ForeignFacts, env: EnvSpec) -> list[Path]:
    """Write `wrapper.py`.

    Raises:
        StorageError: the directory cannot be written.
    """
    reference = foreign.parsed
    places = {name: place.model_dump() | {"shape": _shape_of(env, name)} for name, place in foreign.places.items()}
    text = render(
        "export/foreign_wrapper.py.j2",
        folder=package_name(directory),
        reference=reference,
        world=WORLD_NAME.removesuffix(".py") if _is_ours(reference) else None,
        kwargs={
            name: value
            for name, value in reference.kwargs.items()
            if name != "max_episode_steps" or not reference.module
        },
        foreign=foreign,
        parts=[(one.path, one.shape, one.choices, one.first) for one in foreign.parts],
        places=places,
        arrays=sorted({place.key for place in foreign.places.values() if place.source == "mujoco"}),
        at_reset=sorted(reference.info.at_reset) if reference.info is not None else [],
    )
    files = {WRAPPER_NAME: text} | ({WORLD_NAME: world_source(reference.module)} if _is_ours(reference) else {})
    for name, written in files.items():
        write_atomic(directory / name, written)
    return [directory / name for name in files]


def world_source(module: str | None) -> str:
    """The module of an environment that comes with autoreward as a file that works without it.

    What it imports from autoreward is written out: the names of things, and a kind of error.
    """
    spec = importlib.util.find_spec(module or "")
    assert spec is not None and spec.origin is not None  # _is_ours
    source = Path(spec.origin).read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    for node in reversed(parse_module(source.encode()).body):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            written = [_written_out(str(node.module), alias.name) for alias in node.names]
            lines[node.lineno - 1 : node.end_lineno] = written
    return "".join(lines)


def _written_out(module: str, name: str) -> str:
    """What a module of autoreward calls so, as source: a constant, or an exception."""
    found = getattr(importlib.import_module(module), name)
    if isinstance(found, type) and issubclass(found, Exception):
        return f'\n\nclass {name}(Exception):\n    """What was asked for cannot be made."""\n\n'
    return f"{name} = {found!r}\n"


def _is_ours(reference: Reference) -> bool:
    """Whether its class comes with autoreward."""
    return (reference.module or "").startswith(OURS)


def foreign_facts(foreign: ForeignFacts, env: EnvSpec) -> dict[str, Any]:
    """What PROVENANCE.json says of the environment."""
    return {
        "name": env.name,
        "reference": foreign.reference,
        "action_space": foreign.action_space,
        "observation_space": foreign.observation_space,
        "termination": env.termination,
        "horizon": env.horizon,
        "control_period": env.control_period,
    }


def _shape_of(env: EnvSpec, name: str) -> tuple[int, ...]:
    field = env.field(name)
    return field.shape if field is not None else ()
