"""The entries that every table of an episode begins with: how high, how upright, how fast, where the feet are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autoreward.analyzer.entries import Entry
from autoreward.analyzer.moments import is_contact

MAX_FEET = 2  # heights, and contacts
_FEET = frozenset({"foot", "feet", "toe", "ankle"})
_AXES = ("x", "y", "z")


def core_columns(entries: Sequence[Entry], directions: Mapping[str, tuple[float, float, float]]) -> list[str]:
    """Columns in the order in which they are shown; only those that the environment declares.

    Args:
        directions: of the environment; the speed along "forward" is shown, else that along the first one but "up".
    """
    wanted = (
        _first(entries, lambda one: one.field.unit == "m" and one.name.endswith("position.z") and not _of_foot(one)),
        _first(entries, lambda one: one.name.endswith("_pitch")),
        _first(entries, lambda one: one.name.endswith("_up.z")),
        _first(entries, lambda one: one.field.unit == "m/s" and one.name.endswith(f"velocity.{_axis(directions)}")),
        *[one for one in entries if _of_foot(one) and one.name.endswith("position.z")][:MAX_FEET],
        *[one for one in entries if is_contact(one)][:MAX_FEET],
    )
    found = [one for one in wanted if one is not None]
    if any(one.name.endswith("_pitch") for one in found):  # it tells the same, and more
        found = [one for one in found if not one.name.endswith("_up.z")]
    return [one.column for one in found]


def _axis(directions: Mapping[str, tuple[float, float, float]]) -> str:
    """The axis along which the task's direction mostly points."""
    names = [name for name in directions if name != "up"]
    name = "forward" if "forward" in directions else next(iter(names), "")
    sizes = [abs(part) for part in directions.get(name, (1.0, 0.0, 0.0))]
    return _AXES[sizes.index(max(sizes))]


def _first(entries: Sequence[Entry], fits: Callable[[Entry], bool]) -> Entry | None:
    return next((one for one in entries if one.field.frame in ("world", "none") and fits(one)), None)


def _of_foot(entry: Entry) -> bool:
    return bool(_FEET & set(entry.field.name.split("_")))
