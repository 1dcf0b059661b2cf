"""What every view is: plain data, versioned, and printed as one line of JSON."""

from __future__ import annotations

import json
import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter


class Part(BaseModel):
    """A piece of a view."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="null", json_schema_serialization_defaults_required=True
    )


class Report:
    """Marks a view that has more than is printed of it: what only people are shown."""


class View(Part):
    """One object on stdout."""

    schema_version: Literal[1] = 1

    def as_json(self) -> str:
        """The keys of the published schema, and no others: a report is printed as the view that it extends."""
        published = next(kind for kind in type(self).__mro__ if not issubclass(kind, Report))
        data = _finite(TypeAdapter(published).dump_python(self, mode="json"))
        # Not by pydantic, which refuses the bytes of a file name that are no text.
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    """JSON data with null in place of NaN and infinity, which JSON has no words for."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
