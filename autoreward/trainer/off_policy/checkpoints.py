"""Where a learner stands, in one file: plain arrays that no program can hide in, replaced in one step.

A file of a run that somebody else made may be read: there is no pickle in it, and what does not fit is no checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from autoreward.errors import StorageError
from autoreward.ledger.arrays import read_arrays
from autoreward.records import MemberSpec, TrainingJob


def checkpoint_file(job: TrainingJob, member: MemberSpec) -> Path | None:
    """Where a member keeps where it is; None: nowhere."""
    if job.checkpoints is None:
        return None
    return Path(job.checkpoints) / f"{quote(member.candidate, safe='')}-{member.seed}.npz"


def fingerprint(job: TrainingJob, member: MemberSpec) -> str:
    """What a checkpoint has to agree with: everything that the training of a member depends on."""
    reward = job.rewards[member.candidate]
    facts = {
        "env": job.env_path or job.env,
        "task": job.task,
        "reward": [reward.kind, reward.compiled and [reward.compiled.digest, dict(reward.compiled.weights)]],
        "seed": [job.seed, member.seed],
        "steps": job.n_timesteps,
        "algo": [
            job.algo,
            job.share_experience,
            job.off_policy.model_dump(mode="json", exclude={"checkpoint_seconds"}),
            job.ppo.gamma,
        ],
    }
    return json.dumps(facts, sort_keys=True)


def write_checkpoint(path: Path, mark: str, state: Mapping[str, Mapping[str, NDArray[Any]]]) -> None:
    """Keep a state, part by part.

    Args:
        mark: `fingerprint` of the member.
    """
    arrays = {f"{part}/{name}": array for part, arrays in state.items() for name, array in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    with unfinished.open("wb") as stream:
        np.savez(stream, allow_pickle=False, mark=np.frombuffer(mark.encode(), np.uint8), **arrays)
    unfinished.replace(path)


def read_checkpoint(path: Path, mark: str) -> dict[str, dict[str, NDArray[Any]]] | None:
    """The state of a member, part by part; None where there is none, or one of something else."""
    if not path.is_file():
        return None
    try:
        arrays = read_arrays(path)
    except StorageError:
        return None
    if arrays.pop("mark", np.zeros(0, np.uint8)).tobytes() != mark.encode():
        return None
    state: dict[str, dict[str, NDArray[Any]]] = {}
    for path_, array in arrays.items():
        part, _, name = path_.partition("/")
        state.setdefault(part, {})[name] = array
    return state
