"""What the terms of one program sum up to over the episodes that people watched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autoreward.ledger import Run
from autoreward.ledger.recordings import read_recordings
from autoreward.recordings import Trajectory, transitions_of
from autoreward.records import CompiledReward, TermSums
from autoreward.records.verdict import PARAMS_PREFIX
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.entry import Entry

SHORTEST = 2  # steps


def term_sums(run: Run, program: Entry, watched: Sequence[str], sandbox: Sandbox) -> TermSums | None:
    """The sums of each term of an accepted program, over the first evaluation episode of each candidate.

    Args:
        program: the candidate whose terms are asked for.
        watched: candidates; those whose episode was not recorded in full are left out.

    Returns:
        None where its program cannot be called.
    """
    reward = program.verdict.reward if program.verdict else None
    episodes = {name: seen for name in watched if (seen := _episode(run, name)) is not None}
    if reward is None or not episodes or not reward.term_names:
        return None
    outputs = sandbox.probe(reward.program, [_inputs(reward, seen) for seen in episodes.values()]).outputs
    if len(outputs) != len(episodes):
        return None
    sums = {name: np.nan_to_num(one["terms"].sum(axis=0)) for name, one in zip(episodes, outputs, strict=True)}
    return TermSums(
        program=program.id,
        terms=reward.term_names,
        weights=tuple(reward.ordered_weights),
        sums={name: tuple(map(float, one)) for name, one in sums.items()},
    )


def _episode(run: Run, candidate: str) -> Trajectory | None:
    recorded = read_recordings(run, candidate, ["trajectory"], missing_ok=True)
    seen = next((one.trajectories["first"] for one in recorded if "first" in one.trajectories), None)
    return seen if seen is not None and seen.action is not None and len(seen.action) >= SHORTEST else None


def _inputs(reward: CompiledReward, episode: Trajectory) -> dict[str, np.ndarray]:
    flat = transitions_of(episode)
    params = {f"{PARAMS_PREFIX}{name}": np.asarray(value, np.float32) for name, value in reward.params.items()}
    return {name: flat[name] for name in reward.inputs if name not in params} | params
