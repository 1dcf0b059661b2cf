"""Tests of meaning as they are shown before any reward is written."""

from __future__ import annotations

from typing import Literal

from autoreward.records import Properties, PropertyVerdict
from autoreward.views.view import Part, View


class PropertyView(Part):
    """One pair: a reward must pay the better side more in all."""

    better: str  # in words
    worse: str
    seconds: float  # of each side; 0: a single step
    why: str
    status: Literal["kept", "dropped"]
    reason: str = ""  # why it was dropped
    metric: Literal["better", "equal", "worse", ""] = ""  # which side the metric puts first; "": nobody asked one


class PropertiesEvent(View):
    """The tests of meaning that every candidate has to pass before it is trained."""

    event: Literal["properties"] = "properties"
    pairs: tuple[PropertyView, ...]
    digest: str  # sha256 of the kept pairs


def properties_event(properties: Properties) -> PropertiesEvent:
    """The pairs of a run as listeners are told them."""
    return PropertiesEvent(pairs=tuple(map(_view, properties.verdicts)), digest=properties.digest)


def _view(verdict: PropertyVerdict) -> PropertyView:
    pair = verdict.pair
    return PropertyView(
        better=pair.better.words,
        worse=pair.worse.words,
        seconds=pair.better.seconds,
        why=pair.why,
        status=verdict.status,
        reason=verdict.reason,
        metric=verdict.metric,
    )
