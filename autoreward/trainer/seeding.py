"""Random streams. Each belongs to (job seed, seed index, purpose, iteration), never to a slot of the population.

So members of one seed index see the same initial policy, the same action noise and the same reset states under every
candidate reward (paired randomness), wherever they stand in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from autoreward.tasks.pack import Noise

if TYPE_CHECKING:
    from numpy.typing import NDArray


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


def generator(job_seed: int, seed: int, purpose: Purpose, iteration: int = 0) -> Any:
    """A numpy generator of one stream."""
    import numpy as np

    return np.random.Generator(np.random.Philox(np.random.SeedSequence([job_seed, seed, int(purpose), iteration])))


def reset_noise(
    job_seed: int, seeds: Sequence[int], purpose: Purpose, iteration: int, shape: tuple[int, int, int]
) -> Noise:
    """Reset noise for a slab.

    Args:
        shape: (T, environments a member, numbers a reset).

    Returns:
        Noise with arrays `[T, M * environments, numbers]`; equal seeds give equal columns.
    """
    import numpy as np

    made: dict[int, Noise] = {}
    for seed in set(seeds):
        rng = generator(job_seed, seed, purpose, iteration)
        made[seed] = Noise(rng.uniform(-1.0, 1.0, shape), rng.standard_normal(shape))
    return Noise(
        np.concatenate([made[seed].uniform for seed in seeds], axis=1),
        np.concatenate([made[seed].normal for seed in seeds], axis=1),
    )


def shuffles(job_seed: int, seeds: Sequence[int], iteration: int, epochs: int, size: int) -> NDArray[Any]:
    """The order in which each member's epochs go through its `size` transitions, int32 `[M, epochs, size]`.

    Made in numpy: XLA sorts to permute, which on a CPU cost a third of the whole update.
    """
    import numpy as np

    made: dict[int, NDArray[Any]] = {}
    for seed in set(seeds):
        rng = generator(job_seed, seed, Purpose.SHUFFLE, iteration)
        made[seed] = np.stack([rng.permutation(size) for _ in range(epochs)]).astype(np.int32)
    return np.stack([made[seed] for seed in seeds])


def model_numbers(
    job_seed: int, seeds: Sequence[int], purpose: Purpose, environments: int, numbers: int
) -> NDArray[Any]:
    """Where each simulation lies in the ranges of a pack that randomises its model: once for a whole training.

    Args:
        purpose: MODELS or EVALUATION_MODELS.
        environments: of a member.
        numbers: of a simulation, R.

    Returns:
        `[M * environments, R]` in [0, 1). A row comes from (job seed, seed index, environment of the member) alone, so
        every candidate meets the same models.
    """
    import numpy as np

    made = {seed: generator(job_seed, seed, purpose).random((environments, numbers)) for seed in set(seeds)}
    return np.concatenate([made[seed] for seed in seeds])
