"""The bank on the disk: `bank.json` says what is trained, and each chunk is an npz beside its json, whole or absent."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.bench.bank.rewards import BankReward
from autoreward.errors import UsageError
from autoreward.ledger.files import write_atomic
from autoreward.ledger.outputs import check_output_folder, output_errors
from autoreward.records import DEVICE_SIZES, MemberResult, PPOSettings, Record

PLAN = "bank.json"
DATA = Path(__file__).with_name("data")
OTHER_FOLDER = "Name another --folder."


class BankPlan(Record):
    """What a bank holds, fixed when its training starts."""

    env: str
    task: str
    seeds: int  # a reward, from 0 on
    n_timesteps: int  # environment steps a member
    evaluation_episodes: int  # a seed
    rewards_a_chunk: int
    seed: int
    ppo: PPOSettings
    list_digest: str
    rewards: tuple[BankReward, ...]

    @property
    def chunks(self) -> int:
        """How many populations it takes."""
        return -(-len(self.rewards) // self.rewards_a_chunk)

    def chunk(self, index: int) -> tuple[BankReward, ...]:
        """The rewards of one population."""
        return self.rewards[index * self.rewards_a_chunk : (index + 1) * self.rewards_a_chunk]


class BankChunk(Record):
    """One population of the bank: what does not go into arrays."""

    index: int
    rewards: tuple[str, ...]
    digests: tuple[str, ...]  # of the compiled rewards
    members: tuple[MemberResult, ...]
    env_steps: int
    seconds: float
    steps_per_second: float
    versions: Mapping[str, str]


def bank_folder(env: str, task: str) -> Path:
    """Where the bank of a task lies in the package."""
    return DATA / f"{env}_{task}"


def open_plan(folder: Path, wanted: BankPlan) -> BankPlan:
    """The plan in a folder; `wanted` becomes it where there is none.

    Raises:
        UsageError: the folder holds a bank of another plan.
        StorageError: it cannot be written.
    """
    stored = read_plan(folder)
    if stored is None:
        check_output_folder(folder, OTHER_FOLDER)
        with output_errors(folder, OTHER_FOLDER):
            write_atomic(folder / PLAN, wanted.model_dump_json(indent=1) + "\n")
        return wanted
    # The sizes that hold on a GPU alone came later, and a stored bank was trained on the CPU.
    fits = stored.model_copy(update={"ppo": stored.ppo.model_copy(update=_device_sizes(wanted.ppo))})
    differing = [name for name in BankPlan.model_fields if getattr(fits, name) != getattr(wanted, name)]
    # What did not exist when the bank was begun has no value in it, whatever the default is today.
    differing += [f"ppo.{name}" for name in PPOSettings.model_fields if name not in fits.ppo.model_fields_set]
    if differing:
        raise UsageError(
            f"{folder}: the bank there was begun with other values of {', '.join(differing)}.",
            "Go on with the settings it was begun with, or give another --folder.",
        )
    return stored


def _device_sizes(ppo: PPOSettings) -> dict[str, int | None]:
    return {name: getattr(ppo, name) for name in DEVICE_SIZES.values()}


def read_plan(folder: Path) -> BankPlan | None:
    """The plan in a folder, or None."""
    file = folder / PLAN
    return BankPlan.model_validate_json(file.read_bytes()) if file.is_file() else None


def write_chunk(folder: Path, chunk: BankChunk, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Store a trained population; its json is written last and says that it is whole."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]  # numpy's stub knows no mapping here
    with output_errors(folder, OTHER_FOLDER):
        write_atomic(_file(folder, chunk.index, "npz"), packed.getvalue())
        write_atomic(_file(folder, chunk.index, "json"), chunk.model_dump_json(indent=1) + "\n")


def read_chunk(folder: Path, index: int) -> BankChunk | None:
    """A stored population, or None."""
    file = _file(folder, index, "json")
    return BankChunk.model_validate_json(file.read_bytes()) if file.is_file() else None


def read_chunk_arrays(folder: Path, index: int) -> dict[str, NDArray[Any]]:
    """The arrays of a stored population; see `condense.condensed`."""
    with np.load(_file(folder, index, "npz"), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def trained_rewards(folder: Path, plan: BankPlan) -> list[str]:
    """The rewards of all populations that are stored, in the order of their arrays."""
    chunks = (read_chunk(folder, index) for index in range(plan.chunks))
    return [name for chunk in chunks if chunk is not None for name in chunk.rewards]


def _file(folder: Path, index: int, suffix: str) -> Path:
    return folder / f"chunk{index:02d}.{suffix}"
