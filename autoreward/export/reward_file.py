"""The exported reward: one numpy file that works without autoreward, and a file that says where it comes from."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autoreward.export.source import attributes_read, checked_tree, constant_of, embeddable
from autoreward.ledger.files import write_atomic
from autoreward.records import CompiledReward, EnvSpec, FieldSpec
from autoreward.templates import render

TEMPLATE = "export/reward.py.j2"
REWARD_NAME = "reward.py"
PROVENANCE_NAME = "PROVENANCE.json"
# Names that the template defines; a program that uses one of them for itself gets another one.
RESERVED = frozenset({"TASK", "GAMMA", "FIELDS", "reward", "reward_terms_of", "_Batch", "_Record"})


def export_reward(
    directory: Path,
    source: str,
    compiled: CompiledReward,
    env: EnvSpec,
    provenance: Mapping[str, Any],
    gamma: float | None = None,
) -> list[Path]:
    """Writes `reward.py` and `PROVENANCE.json`.

    Args:
        directory: made where it does not exist; files of these names are replaced.
        source: the program that the critic accepted.
        compiled: the same program as it was trained: its weights and parameters are the ones exported.
        env: the declarations of the fields.
        provenance: see `provenance_of`; stored with gamma, weights, parameters and digests.
        gamma: discount factor of the training; None: the environment's.

    Raises:
        StorageError: the directory cannot be written.
    """
    gamma = env.gamma if gamma is None else gamma
    text = reward_file(source, compiled, env, gamma, str(provenance.get("task", {}).get("text", "")))
    facts = dict(provenance) | {
        "gamma": gamma,
        "weights": dict(compiled.weights),
        "params": dict(compiled.params),
        "has_potential": compiled.has_potential,
        "program_sha256": compiled.digest,
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "file_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    files = {REWARD_NAME: text, PROVENANCE_NAME: json.dumps(facts, indent=2, ensure_ascii=False) + "\n"}
    for name, content in files.items():
        write_atomic(directory / name, content)
    return [directory / name for name in files]


def reward_file(source: str, compiled: CompiledReward, env: EnvSpec, gamma: float, task: str) -> str:
    """The text of `reward.py`."""
    tree = checked_tree(source, [field.name for field in env.fields])
    constants = {"WEIGHTS": dict(compiled.weights), "PARAMS": dict(compiled.params)}
    written = {name: constant_of(tree, name) or {} for name in constants}
    return render(
        TEMPLATE,
        task=repr(task),
        gamma=repr(float(gamma)),
        fields=_fields_read(tree, compiled, env),
        source=embeddable(source, tree, RESERVED),
        tuned={name: values for name, values in constants.items() if values != written[name]},
        has_potential=compiled.has_potential,
        params="dict(PARAMS)" if compiled.params else "{}",
        action_size=env.action_size,
    )


def _fields_read(tree: ast.Module, compiled: CompiledReward, env: EnvSpec) -> list[FieldSpec]:
    """The declared fields that the program reads, also where its result does not depend on them."""
    inputs = {name.partition(".")[2] for name in compiled.inputs}
    read = inputs | attributes_read(tree)
    return [field for field in env.fields if field.name in read]
