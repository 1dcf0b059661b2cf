"""The exported wrapper around somebody else's environment: the same code makes it, and the designed reward pays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autoreward.environment.foreign.facts import ForeignFacts
from autoreward.export.policy_file import package_name
from autoreward.ledger.files import write_atomic
from autoreward.records import EnvSpec
from autoreward.templates import render

WRAPPER_NAME = "wrapper.py"


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
    write_atomic(directory / WRAPPER_NAME, text)
    return [directory / WRAPPER_NAME]


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
