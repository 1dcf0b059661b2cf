"""What the fields of somebody else's environment mean, as a file that a person has read: for `--fields FILE.yaml`.

env: Pendulum-v1
fields:
  angular_velocity: {unit: rad/s, frame: joint, meaning: "of the pole, counter-clockwise"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from autoreward.errors import UsageError
from autoreward.input_files import parse_yaml, read_text
from autoreward.plain_text import plain_line
from autoreward.records import FieldMeaning, FieldSpec
from autoreward.records.record import Record
from autoreward.validation import first_mistake

SUFFIXES = (".yaml", ".yml")
TELLS_REWARD = re.compile(r"reward|\bscore|solved|success|\bcost\b|penal|incentiv", re.IGNORECASE)
_HEAD = """\
# What the fields of {env} mean, as {model} reads its documentation. Read it, mend it, and use it:
#     autoreward design "..." --env {env} --fields {file}
"""


class MeaningsFile(Record):
    """The content of such a file."""

    env: str = ""  # for people
    function: str | None = None  # module:function that makes the fields
    fields: Mapping[str, FieldMeaning] = Field(min_length=1)


def is_meanings_file(text: str) -> bool:
    """Whether `--fields` names such a file."""
    return text.endswith(SUFFIXES)


def read_meanings(path: Path) -> MeaningsFile:
    """The content of a file.

    Raises:
        UsageError: it cannot be read, or says something else.
    """
    try:
        return MeaningsFile.model_validate(parse_yaml(read_text(path)))
    except (yaml.YAMLError, ValidationError) as error:
        said = first_mistake(error) if isinstance(error, ValidationError) else plain_line(str(error))[:300]
        raise UsageError(
            f"--fields {path}: {said.rstrip('.')}.",
            "Expected fields: {NAME: {unit: ..., frame: ..., meaning: ..., components: [...]}}.",
        ) from error


def meanings_text(content: MeaningsFile, file: Path, model: str) -> str:
    """The file as text."""
    data = content.model_dump(mode="json", exclude_defaults=True)
    body = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    return _HEAD.format(env=content.env, model=model, file=file) + body


def with_meanings(
    who: str, specs: Mapping[str, FieldSpec], meanings: Mapping[str, FieldMeaning]
) -> dict[str, FieldSpec]:
    """Fields with what a person says of them.

    Raises:
        UsageError: there is no such field, or it has another number of components.
    """
    unknown = sorted(set(meanings) - set(specs))
    if unknown:
        raise UsageError(
            f"--fields: {who} has no field {', '.join(map(repr, unknown))}.",
            f"It has {', '.join(specs) or 'no fields by itself'}. Was the file written for another environment?",
        )
    return {name: _said(spec, meanings[name]) if name in meanings else spec for name, spec in specs.items()}


def _said(spec: FieldSpec, meaning: FieldMeaning) -> FieldSpec:
    facts: dict[str, Any] = meaning.model_dump(exclude_defaults=True)
    if meaning.components and (not spec.shape or spec.shape[-1] != len(meaning.components)):
        raise UsageError(
            f"--fields: {spec.name} has shape {list(spec.shape)}, and {len(meaning.components)} components are named.",
            "Name each entry of the last axis, or none.",
        )
    return spec.model_copy(update=facts)
