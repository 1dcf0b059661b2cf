"""Reads what a language model says the fields of an environment mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from autoreward.designer.parse import one_line_ends, unanswered, without_thoughts
from autoreward.environment.foreign.meanings import TELLS_REWARD
from autoreward.plain_text import plain_line
from autoreward.records import Completion, FieldMeaning, FieldSpec
from autoreward.validation import first_mistake

READ_LIMIT = 60_000  # characters of a reply
_JSON = re.compile(r"\{.*\}", re.DOTALL)


def parse_meanings(
    completion: Completion, fields: Mapping[str, FieldSpec]
) -> tuple[dict[str, FieldMeaning], tuple[str, ...]]:
    """What a reply says of these fields, and what of it was left out, and why. Never raises.

    A meaning that tells how the environment pays is left out: designers see meanings.
    """
    if completion.status != "answered":
        return {}, (unanswered(completion),)
    match = _JSON.search(without_thoughts(one_line_ends(completion.text[:READ_LIMIT])))
    try:
        stated = json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        stated = None
    listed = stated.get("fields") if isinstance(stated, Mapping) else None
    if not isinstance(listed, Mapping):
        return {}, ("the reply holds no fields in JSON",)
    found: dict[str, FieldMeaning] = {}
    wrong: list[str] = []
    for name, said in listed.items():
        reason = _unfit(name, said, fields)
        if reason is None:
            found[name] = FieldMeaning.model_validate(_plain(said))
        else:
            wrong.append(f"{plain_line(str(name))[:60]}: {reason}")
    return {name: found[name] for name in fields if name in found}, tuple(wrong)


def _unfit(name: Any, said: Any, fields: Mapping[str, FieldSpec]) -> str | None:
    """Why what is said of a field cannot be used."""
    if name not in fields:
        return "there is no such field"
    try:
        meaning = FieldMeaning.model_validate(_plain(said))
    except ValidationError as error:
        return first_mistake(error)
    if TELLS_REWARD.search(" ".join((meaning.meaning, meaning.unit, *meaning.components))):
        return "it tells how the environment pays"
    shape = fields[name].shape
    if meaning.components and (not shape or len(meaning.components) != shape[-1]):
        return f"{len(meaning.components)} components are named, and its shape is {list(shape)}"
    return None


def _plain(said: Any) -> Any:
    """The same with words fit to be shown, without what stands empty."""
    if not isinstance(said, Mapping):
        return said
    texts = {key: plain_line(one) if isinstance(one, str) else one for key, one in said.items()}
    if isinstance(texts.get("components"), list):
        texts["components"] = [plain_line(str(one))[:40] for one in texts["components"]]
    return {str(key): one for key, one in texts.items() if one not in (None, "")}
