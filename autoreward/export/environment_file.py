"""The exported environment: a wrapper around the Gymnasium environment that a pack mirrors, or an environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autoreward.environment.pack import Pack
from autoreward.environment.randomised_ranges import in_words
from autoreward.environment.task import NEVER
from autoreward.export.foreign_file import WRAPPER_NAME, export_foreign, foreign_facts
from autoreward.export.model_files import export_model
from autoreward.export.pack_file import pack_source
from autoreward.export.policy_file import package_name
from autoreward.ledger.files import write_atomic
from autoreward.records import EnvSpec
from autoreward.templates import render

ENV_NAME, PACK_NAME = "env.py", "pack.py"


def export_environment(directory: Path, pack: Pack, env: EnvSpec) -> list[Path]:
    """Write `wrapper.py` or, for a pack without a mirror, `env.py` and the model; and `pack.py`, which both load.

    Raises:
        EnvironmentFailedError: a file of the model is missing, or `pack.py` cannot do without autoreward.
        StorageError: the directory cannot be written.
    """
    if pack.foreign is not None:
        return export_foreign(directory, pack.foreign, env)
    facts: dict[str, Any] = {
        "folder": package_name(directory),
        "data": pack.data,
        "action_size": env.action_size,
        "horizon": env.horizon,
        "control_period": env.control_period,
        "terminates": env.termination != NEVER,
        "randomised": in_words(pack.randomise),
        "controlled": pack.control is not None,
    }
    models: list[Path] = []
    if pack.mirrors is not None:
        name = WRAPPER_NAME
        facts |= {"mirrors": pack.mirrors, "arguments": dict(env.mirror_arguments)}
    else:
        name = ENV_NAME
        model, models = export_model(directory, pack.model_path)
        facts |= {
            "name": pack.name,
            "model": model,
            "frame_skip": pack.frame_skip,
            "action_low": env.action_low,
            "action_high": env.action_high,
            "observation_size": env.observation_size,
        }
    write_atomic(directory / name, render(f"export/{name}.j2", **facts))
    write_atomic(directory / PACK_NAME, pack_source(pack))
    return [directory / name, directory / PACK_NAME, *models]


def environment_facts(pack: Pack, env: EnvSpec) -> dict[str, Any]:
    """What PROVENANCE.json says of the environment."""
    if pack.foreign is not None:
        return foreign_facts(pack.foreign, env)
    return {
        "name": env.name,
        "mirrors": env.mirrors,
        "mirror_arguments": dict(env.mirror_arguments),
        "termination": env.termination,
        "model": pack.model_path.name,
        "horizon": env.horizon,
        "control_period": env.control_period,
        "frame_skip": pack.frame_skip,
        "randomised": [one.model_dump(mode="json") for one in pack.randomise],
    }
