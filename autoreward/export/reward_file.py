"""The exported reward: one numpy file that works without autoreward, and a file that says where it comes from."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autoreward.export.frame import Field, Frame, arrays_text, forms_text, frame_findings, program_in, written
from autoreward.export.source import (
    attributes_read,
    checked_tree,
    module_names,
    program_text,
    renamed,
    with_form,
    with_numbers,
)
from autoreward.ledger.files import write_atomic
from autoreward.plain_text import escape_json
from autoreward.python_text import parse_module
from autoreward.records import CompiledReward, EnvSpec
from autoreward.reward.form_reading import form_node

REWARD_NAME = "reward.py"
PROVENANCE_NAME = "PROVENANCE.json"


def _defined(tree: ast.Module) -> set[str]:
    """The names that a module gives to its classes, and those that a program could give."""
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)} | module_names(tree)


# Names that the frame defines or uses; a program that defines one of them gets another one for it. Built-ins cannot be
# defined by a program anyway.
RESERVED = frozenset(
    {
        *(
            "TASK",
            "GAMMA",
            "FIELDS",
            "reward",
            "reward_terms_of",
            "ROWS",
            "_Batch",
            "_Record",
            "_fields",
            "_rows",
            "annotations",
        ),
        *("ENGINE", "_params", "functools", "math", "operator", "Any", "numpy"),
        *_defined(parse_module(arrays_text())),
        *_defined(parse_module(forms_text())),
    }
)


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
        "form": compiled.form.data(),
        "has_potential": compiled.has_potential,
        "program_sha256": compiled.digest,
        "source_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "file_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    files = {REWARD_NAME: text, PROVENANCE_NAME: escape_json(json.dumps(facts, indent=2, ensure_ascii=False)) + "\n"}
    for name, content in files.items():
        write_atomic(directory / name, content)
    return [directory / name for name in files]


def reward_file(source: str, compiled: CompiledReward, env: EnvSpec, gamma: float, task: str) -> str:
    """The text of `reward.py`: the checked program with the numbers it was trained with, in our frame.

    Raises:
        UsageError: the program is not in the reward language.
    """
    tree = checked_tree(source, [field.name for field in env.fields])
    frame = Frame(
        task=task,
        gamma=float(gamma),
        fields=fields_read(tree, compiled, env),
        action_size=env.action_size,
        has_potential=compiled.has_potential,
        has_params=bool(compiled.params),
        has_form=form_node(tree) is not None,
        arrays_first=_makes_arrays(tree),
    )
    trained = with_numbers(tree, {"WEIGHTS": compiled.weights, "PARAMS": compiled.params})
    trained = with_form(trained, compiled.form)
    embedded = renamed(trained, RESERVED)
    text = written(frame, program_text(embedded, source))
    if frame_findings(text) or ast.dump(parse_module(program_in(text))) != ast.dump(embedded):
        raise AssertionError("an exported file is its frame around the checked program")
    return text


def _makes_arrays(tree: ast.Module) -> bool:
    """Whether a program may call the functions of arrays when it is imported, itself or by functions of its own."""
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    constants = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    names = {part.id for node in constants for part in ast.walk(node) if isinstance(part, ast.Name)}
    return not names.isdisjoint({"jnp", "np", *functions})


def fields_read(tree: ast.Module, compiled: CompiledReward, env: EnvSpec) -> tuple[Field, ...]:
    """The declared fields that the program reads, also where its result does not depend on them."""
    read = {name.partition(".")[2] for name in compiled.inputs} | attributes_read(tree)
    return tuple(
        Field(field.name, field.shape, f"[{field.unit}] {field.meaning}") for field in env.fields if field.name in read
    )
