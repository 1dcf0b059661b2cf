"""What the best policy of a run does, in a table that whoever revises the metric reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.ledger import Run
from autoreward.ledger.recordings import read_recordings
from autoreward.number_format import short
from autoreward.recordings import Trajectory
from autoreward.records import EnvSpec
from autoreward.search.entry import Entry

MOMENTS = 12  # of the episode, spread evenly
ENTRIES = 4  # of a field at most: more is no place or posture
HIDDEN = ("observation", "last_action", "time", "terminated")  # repeat others


def describe_best(run: Run, entry: Entry, env: EnvSpec) -> str:
    """The best evaluation episode of a candidate: what was measured of it, and its small fields at some moments.

    Returns:
        Lines of text; "" where no episode was recorded.
    """
    recorded = read_recordings(run, entry.id, ["trajectory"], missing_ok=True)
    trajectory = next((one.trajectories["best"] for one in recorded if "best" in one.trajectories), None)
    if trajectory is None:
        return ""
    length = len(next(iter(trajectory.fields.values())))
    measured = "" if entry.fitness is None else f"Success of the policy on average: {short(entry.fitness.mean)}. "
    seconds = length * env.control_period
    head = f"{measured}One of its episodes, {short(seconds)} s of {short(env.horizon * env.control_period)} s:"
    return "\n".join([head, "", *_table(trajectory, env, length)])


def _table(trajectory: Trajectory, env: EnvSpec, length: int) -> list[str]:
    steps = np.unique(np.linspace(0, length - 1, MOMENTS).round().astype(int))
    columns = {"time [s]": (steps + 1) * env.control_period}
    for field in env.fields:
        array = trajectory.fields.get(field.name)
        if array is not None and field.name not in HIDDEN and array[0].size <= ENTRIES:
            columns |= _columns(field.name, field.components, array[steps])
    rows = [[short(float(column[row])) for column in columns.values()] for row in range(len(steps))]
    return [" | ".join(columns), *(" | ".join(row) for row in rows)]


def _columns(name: str, components: tuple[str, ...], values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    flat = values.reshape(len(values), -1)
    if flat.shape[1] == 1:
        return {name: flat[:, 0]}
    named = components if len(components) == flat.shape[1] else [str(index) for index in range(flat.shape[1])]
    return {f"{name}.{entry}": flat[:, index] for index, entry in enumerate(named)}
