"""Files of pairs: written by a run, or by a person, for `check --properties` and `design --properties`.

env: hopper
text: Make it jump as high as possible.
pairs:
- better: {words: jumps 0.5 m high, pose: {rootz: [0, 0.4, 0.5, 0.4, 0]}}
  worse: {words: stands still}
  why: jump
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from autoreward.errors import UsageError
from autoreward.input_files import parse_yaml, read_text
from autoreward.records import Property, PropertyFile
from autoreward.validation import first_mistake


def read_properties(file: str | Path, env: str) -> tuple[Property, ...]:
    """The pairs of a file, for this environment.

    Raises:
        UsageError: it cannot be read, holds something else, or is for another environment.
    """
    path = Path(file).expanduser()
    try:
        stated = PropertyFile.model_validate(parse_yaml(read_text(path)))
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is no YAML file: {error}", "Run `design` with a model: its run has one.") from error
    except ValidationError as error:
        remedy = (
            "A pair has `better` and `worse`, each with `words`, and `seconds`, `pose`, `speed`, `action` or `find`."
        )
        raise UsageError(f"{path}: {first_mistake(error).rstrip('.')}.", remedy) from error
    if stated.env not in ("", env):
        raise UsageError(
            f"{path}: its pairs are for {stated.env}, not for {env}.", "Give the file of this environment."
        )
    if not stated.pairs:
        raise UsageError(f"{path}: it has no pairs.", "Give at least one.")
    return stated.pairs


def properties_text(file: PropertyFile) -> str:
    """The content of such a file."""
    data = file.model_dump(mode="json", exclude_defaults=True)
    head = "# Of each pair the first side must be paid more in all: autoreward check FILE --env ENV --properties THIS\n"
    return head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
