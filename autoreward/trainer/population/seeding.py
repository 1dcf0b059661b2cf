"""Random streams. Each belongs to (job seed, seed index, purpose, iteration), never to a slot of the population.

So members of one seed index see the same initial policy, the same action noise and the same reset states under every
candidate reward (paired randomness), wherever they stand in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from autoreward.environment.pack import Noise


class Purpose(IntEnum):
    """What a stream is for. Evaluation never shares a stream with training."""

    POLICY = 0
    ACTIONS = 1
    SHUFFLE = 2
    RESETS = 3
    EVALUATION_RESETS = 4
    RANDOM_ACTIONS = 5
    MODELS = 6
    EVALUATION_MODELS = 7
    RUNG_RESETS = 8
    EXPLORATION = 9
    BATCHES = 10
    COMBINATION = 11


def generator(job_seed: int, seed: int, purpose: Purpose, iteration: int = 0) -> Any:
    """A numpy generator of one stream."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([job_seed, seed, int(purpose), iteration])))


class ResetNoise:
    """Reset noise of T steps, drawn once a seed: equal seeds give equal rows.

    Args:
        shape: (T, environments a member, numbers a reset).
    """

    def __init__(
        self, job_seed: int, seeds: Sequence[int], purpose: Purpose, iteration: int, shape: tuple[int, int, int]
    ) -> None:
        distinct = sorted(set(seeds))
        streams = [generator(job_seed, seed, purpose, iteration) for seed in distinct]
        drawn = [(rng.uniform(-1.0, 1.0, shape), rng.standard_normal(shape)) for rng in streams]
        self._uniform, self._normal = (np.stack(arrays, axis=1) for arrays in zip(*drawn, strict=True))
        self._rows = [distinct.index(seed) for seed in seeds]

    def at(self, t: int) -> Noise:
        """Noise of step t, arrays `[M * environments, numbers]`."""
        size = self._uniform.shape[-1]
        uniform, normal = (array[t].take(self._rows, axis=0) for array in (self._uniform, self._normal))
        return Noise(uniform.reshape(-1, size), normal.reshape(-1, size))


def draw_shuffles(
    job_seed: int, seeds: Sequence[int], iteration: int, epochs: int, size: int
) -> Int[np.ndarray, "M epochs size"]:
    """The order in which each member's epochs go through its `size` transitions, int32.

    Made in numpy: XLA sorts to permute, which on a CPU cost a third of the whole update.
    """
    by_seed: dict[int, NDArray[Any]] = {}
    for seed in set(seeds):
        rng = generator(job_seed, seed, Purpose.SHUFFLE, iteration)
        by_seed[seed] = np.stack([rng.permutation(size) for _ in range(epochs)]).astype(np.int32)
    return np.stack([by_seed[seed] for seed in seeds])


def draw_model_numbers(
    job_seed: int, seeds: Sequence[int], purpose: Purpose, environments: int, numbers: int
) -> Float[np.ndarray, "N R"]:
    """Where each simulation lies in the ranges of a pack that randomises its model: once for a whole training.

    Args:
        purpose: MODELS or EVALUATION_MODELS.
        environments: of a member.
        numbers: of a simulation, R.

    Returns:
        `[M * environments, R]` in [0, 1). A row comes from (job seed, seed index, environment of the member) alone, so
        every candidate meets the same models.
    """
    by_seed = {seed: generator(job_seed, seed, purpose).random((environments, numbers)) for seed in set(seeds)}
    return np.concatenate([by_seed[seed] for seed in seeds])
