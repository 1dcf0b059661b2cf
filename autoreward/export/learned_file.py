"""What was learned of how terms combine, exported: as the WEIGHTS of reward.py, or as a network beside it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.ledger.files import write_atomic
from autoreward.records import CompiledReward, MemberResult
from autoreward.templates import render

LEARNED_NAME, LEARNED_NUMBERS = "learned_reward.py", "learned_reward.npz"
LAYER = "weights_"


def with_learned_weights(compiled: CompiledReward, member: MemberResult | None) -> CompiledReward:
    """The reward with the weights that a member ended with; as it is where nothing was learned."""
    if member is None or set(member.weights) != set(compiled.weights):
        return compiled
    return compiled.model_copy(update={"weights": {name: member.weights[name] for name in compiled.weights}})


def export_learned(directory: Path, compiled: CompiledReward, learned: Mapping[str, NDArray[Any]]) -> list[Path]:
    """Write a learned network and the file that pays by it; nothing for weights, which stand in reward.py.

    Args:
        learned: of the member whose weights are exported; see `MemberRecording.combination`.

    Raises:
        StorageError: the directory cannot be written.
    """
    layers = sum(name.startswith(LAYER) for name in learned)
    if layers < 2:
        return []
    buffer = io.BytesIO()
    numbers: dict[str, Any] = {name: np.asarray(array) for name, array in learned.items()}
    np.savez(buffer, **numbers)
    text = render(f"export/{LEARNED_NAME}.j2", layers=layers, has_potential=compiled.has_potential)
    write_atomic(directory / LEARNED_NAME, text)
    write_atomic(directory / LEARNED_NUMBERS, buffer.getvalue())
    return [directory / LEARNED_NAME, directory / LEARNED_NUMBERS]


NOTHING_LEARNED = "Nothing was learned of how the terms combine: WEIGHTS are those of the program, which were paid."


def learned_note(member: MemberResult | None, learned: Mapping[str, NDArray[Any]]) -> list[str]:
    """What a person has to know of the weights in an export."""
    if member is None or not member.weights:
        return []
    notes = [f"WEIGHTS are those that seed {member.seed} ended with, whose policy is exported."]
    paid = [name for name in ("progress", "success") if name in learned]
    notes += [
        f"Training paid the growth of the task's {one} beside them: reward.py has the terms alone." for one in paid
    ]
    if sum(name.startswith(LAYER) for name in learned) > 1:
        notes.append(f"Training paid by a network: {LEARNED_NAME} has it, WEIGHTS are its mean slopes.")
    return notes
