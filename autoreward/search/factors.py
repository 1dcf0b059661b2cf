"""The factors of a candidate's main terms at the moments that its tables show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autoreward.analyzer.factored_program import factored, with_factors
from autoreward.analyzer.trajectories import RAW
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.records import Analysis, EnvSpec, TrajectoryTable, Transitions
from autoreward.reward.sandbox.sandbox import Sandbox


def add_factors(
    analysis: Analysis, source: str, recordings: Sequence[MemberRecording], env: EnvSpec, sandbox: Sandbox
) -> Analysis:
    """The analysis with a column for each factor of the terms whose values its tables show, where they are products.

    It is the same where none is, or where a factor cannot be evaluated on its own.
    """
    shown = {
        name.removeprefix(RAW) for table in analysis.trajectories for name in table.columns if name.startswith(RAW)
    }
    program = factored(source, [term.name for term in analysis.terms if term.name in shown])
    if program is None:
        return analysis
    tables = [
        _table_with(table, program.source, list(program.columns.values()), recordings, env, sandbox)
        for table in analysis.trajectories
    ]
    return analysis.model_copy(update={"trajectories": tuple(tables)})


def _table_with(
    table: TrajectoryTable, source: str, columns: Sequence[str], recordings: Sequence[MemberRecording], env: EnvSpec,
    sandbox: Sandbox,
) -> TrajectoryTable:  # fmt: skip
    label = table.label.partition(":")[0]
    recorded = next((one.trajectories[label] for one in recordings if label in one.trajectories), None)
    if recorded is None or recorded.action is None or not table.rows:
        return table
    rows = _rows_of(table, recorded, env)
    terms = sandbox.twin(source, env, _transitions(recorded, rows)).twin.get("terms")
    if terms is None or terms.shape != (len(rows), len(columns)) or not np.isfinite(terms).all():
        return table
    return with_factors(table, [RAW + column for column in columns], terms.tolist())


def _rows_of(table: TrajectoryTable, recorded: Trajectory, env: EnvSpec) -> list[int]:
    """The steps that a table shows, found by their times."""
    length = len(next(iter(recorded.fields.values())))
    times = recorded.fields.get("time", env.control_period * np.arange(1, length + 1))
    return [int(np.argmin(np.abs(times - row[0]))) for row in table.rows]


def _transitions(recorded: Trajectory, rows: Sequence[int]) -> Transitions:
    """The steps as transitions; what was before the very first one was not recorded, it stands for itself."""
    before = [max(0, row - 1) for row in rows]
    assert recorded.action is not None
    return Transitions(
        state={name: np.asarray(array[before], np.float32) for name, array in recorded.fields.items()},
        action=np.asarray(recorded.action[rows], np.float32),
        next_state={name: np.asarray(array[rows], np.float32) for name, array in recorded.fields.items()},
    )
