"""Which numbers of `info` a designer may see.

The environment's own reward never reaches a designer. So a key is hidden where its name says reward or success, and
where its numbers go along with them on random rollouts; a person may show one by its name (`--show-info KEY`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.environment.foreign.reference import PinnedInfo

LARGEST = 64  # numbers of one key
TOLD = 0.95  # of correlation with the reward or success, from which a key tells it
SUMMED = 0.999  # of correlation of its change with the reward, from which a key is the sum of it: a place may go along
# with a reward for speed, and stays
SMELLS = re.compile(r"reward|success|solved|score|cost|penalt|return|fitness|bonus", re.IGNORECASE)
OF_WRAPPERS = frozenset(
    {
        "episode", "final_info", "final_obs", "final_observation", "_final_info", "TimeLimit",
        "env_id", "players", "elapsed_step", "terminated", "truncated",
    }
)  # fmt: skip


@dataclass(frozen=True)
class InfoSeen:
    """The numbers of `info` in random rollouts: for each key in every step, its values `[S, ...]`."""

    values: Mapping[str, NDArray[Any]]
    at_reset: frozenset[str]
    missing: tuple[str, ...]  # keys that were not in every step


def numeric(value: Any) -> NDArray[Any] | None:
    """A value of `info` as numbers; None where it is none, or too many."""
    if isinstance(value, bool | int | float | np.ndarray | np.generic | list | tuple):
        try:
            array = np.asarray(value)
        except ValueError:
            return None  # a list of lists of different lengths
        if array.dtype.kind in "bifu" and 0 < array.size <= LARGEST:
            return array.astype(np.float64)
    return None


def collect(steps: Sequence[Mapping[str, Any]], resets: Sequence[Mapping[str, Any]]) -> InfoSeen:
    """The numbers in `info` that every step has, in one shape."""
    found = [
        {str(key): array for key, value in info.items() if (array := numeric(value)) is not None} for info in steps
    ]
    keys = sorted({key for info in found for key in info} - OF_WRAPPERS)
    shapes = {key: {info[key].shape if key in info else None for info in found} for key in keys}
    always = [key for key in keys if len(shapes[key]) == 1]
    values = {key: np.stack([info[key] for info in found]) for key in always}
    at_reset = [key for key in always if all(_has(info, key, values[key].shape[1:]) for info in resets)]
    return InfoSeen(values, frozenset(at_reset), tuple(key for key in keys if key not in always))


def choose(
    seen: InfoSeen, reward: Float[np.ndarray, " S"], keep: Sequence[str], first: Sequence[int] = (0,)
) -> tuple[PinnedInfo, dict[str, str]]:
    """What is shown and what is hidden.

    Args:
        reward: of the same steps.
        keep: keys that a person shows by name.
        first: the steps with which episodes begin.

    Returns:
        Both, and why each hidden key is.
    """
    success = [values for key, values in seen.values.items() if "success" in key.lower() and values.ndim == 1]
    within = np.setdiff1d(np.arange(len(reward)), first)  # steps that follow another one
    told = {
        key: smell(key, values, reward, success) or _sums(values, reward, within) for key, values in seen.values.items()
    }
    why = {key: reason for key, reason in told.items() if reason}
    hidden = {key: reason for key, reason in why.items() if key not in keep}
    shapes = {key: tuple(values.shape[1:]) for key, values in seen.values.items()}
    pinned = PinnedInfo(
        shown={key: shape for key, shape in shapes.items() if key not in hidden},
        hidden={key: shape for key, shape in shapes.items() if key in hidden},
        at_reset=tuple(sorted(seen.at_reset)),
    )
    return pinned, hidden


def smell(
    key: str, values: Float[np.ndarray, " S *shape"], reward: Float[np.ndarray, " S"], success: Sequence[NDArray[Any]]
) -> str:
    """Why a key tells the reward or success; "" where it does not."""
    if SMELLS.search(key):
        return "its name"
    for name, told in (("the reward", reward), *(("success", one) for one in success)):
        for column in values.reshape(len(values), -1).T:
            if abs(correlation(column, told)) > TOLD:
                return f"it goes along with {name} (correlation {correlation(column, told):.2f})"
    return ""


def _sums(values: Float[np.ndarray, " S *shape"], reward: Float[np.ndarray, " S"], within: NDArray[Any]) -> str:
    """Why a key is the sum of the reward since the reset; "" where it is not."""
    for column in values.reshape(len(values), -1).T:
        if len(within) > 2 and abs(correlation(column[within] - column[within - 1], reward[within])) > SUMMED:
            return "its change is the reward"
    return ""


def correlation(a: Float[np.ndarray, " S"], b: Float[np.ndarray, " S"]) -> float:
    """Pearson's; 0 where one of the two does not vary or is not finite."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()) or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _has(info: Mapping[str, Any], key: str, shape: tuple[int, ...]) -> bool:
    array = numeric(info.get(key))
    return array is not None and array.shape == shape
