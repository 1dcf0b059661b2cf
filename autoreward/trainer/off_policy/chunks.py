"""A chunk of one learner's steps as the others take it: everything that any reward may read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from autoreward import wire
from autoreward.environment.vector_env import Rollout
from autoreward.trainer.population.rollout import PopulationRollout

STEPS = (
    "observation", "next_observation", "action", "previous_action", "elapsed", "terminated", "truncated", "diverged",
)  # fmt: skip
STATE, NEXT_STATE, DRAWN = "state/", "next_state/", "drawn"


def pack_chunk(rollout: PopulationRollout) -> dict[str, bytes]:
    """A chunk as parts of a message, without what is of the simulation alone."""
    arrays: dict[str, NDArray[Any]] = {name: getattr(rollout.steps, name) for name in STEPS}
    arrays[DRAWN] = rollout.action
    arrays |= {f"{STATE}{name}": np.asarray(array) for name, array in rollout.state.items()}
    arrays |= {f"{NEXT_STATE}{name}": np.asarray(array) for name, array in rollout.next_state.items()}
    return wire.pack_arrays(arrays)


def join_chunks(chunks: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    """The packed chunks of some candidates as parts of one message."""
    return {
        f"{quote(candidate, safe='')}/{name}": part
        for candidate, parts in chunks.items()
        for name, part in parts.items()
    }


def unpack_chunks(parts: Mapping[str, bytes]) -> dict[str, PopulationRollout]:
    """The chunks of a message, by candidate."""
    by_candidate: dict[str, dict[str, bytes]] = {}
    for key, part in parts.items():
        candidate, _, name = key.partition("/")
        by_candidate.setdefault(unquote(candidate), {})[name] = part
    return {candidate: _chunk(wire.unpack_arrays(own)) for candidate, own in by_candidate.items()}


def _chunk(arrays: Mapping[str, NDArray[Any]]) -> PopulationRollout:
    steps = Rollout(before={}, after={}, memory_before={}, memory_after={}, **{name: arrays[name] for name in STEPS})

    def of(start: str) -> dict[str, NDArray[Any]]:
        return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}

    drawn = arrays[DRAWN]
    return PopulationRollout(steps, drawn, np.zeros_like(drawn), of(STATE), of(NEXT_STATE))
