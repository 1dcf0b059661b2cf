"""The limit in `bench train --env ID`, in a process of its own: the environment's own code under random actions.

    python -m autoreward.bench.source_alone --env gymnasium:Pendulum-v1 --copies 384 --steps 128 --length 2

Its copies are stepped by whatever steps them in a training, and reset where an episode ends. Nothing of a step is read.
With `--spread S`, actions are normal about the middle of their range, S of half of it wide, as of a policy that has
learned nothing yet; with `--alone`, one copy is stepped after the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.bench.machine import peak_memory
from autoreward.bench.windows import Gate, Over, PipeGate, Windows
from autoreward.environment.declarations import ActionRange
from autoreward.environment.foreign.loading import load_foreign
from autoreward.environment.random_rollout import draw_actions

WARM = 1  # iterations


def step_at_random(
    env: str, count: int, steps: int, windows: Windows, alone: bool = False, spread: float | None = None
) -> None:
    """Step until no further window is wanted.

    Args:
        env: a reference.
        count: copies.
        steps: of each copy, an iteration.
        alone: in this process, one copy after the other.
        spread: standard deviation of actions, in halves of their range; None: uniform over it.
    """
    pack, rng = load_foreign(env, alone), np.random.default_rng(0)
    assert pack.copies is not None  # load_foreign has made them
    copies, actions = pack.copies.take(count), pack.copies.layout.actions.range
    copies.reset(np.arange(count), rng.integers(1 << 24, size=count))
    elapsed, iteration = np.zeros(count, int), 0
    try:
        while True:
            for _ in range(steps):
                ended = copies.advance(_draw(rng, actions, count, spread))
                elapsed += 1
                over = np.flatnonzero(ended | (elapsed >= pack.horizon))
                if len(over):
                    copies.reset(over, rng.integers(1 << 24, size=len(over)))
                    elapsed[over] = 0
            iteration += 1
            windows.end_of_iteration(iteration >= WARM, peak_memory=peak_memory())
    except Over:
        pack.copies.close()


def _draw(rng: np.random.Generator, actions: ActionRange, count: int, spread: float | None) -> NDArray[Any]:
    if spread is None:
        return draw_actions(rng, actions, count)
    drawn = np.clip(spread * rng.standard_normal((count, actions.low.size)), -1.0, 1.0)
    low, high = np.where(actions.free, -1.0, actions.low), np.where(actions.free, 1.0, actions.high)
    return np.asarray((low + high) / 2 + drawn * (high - low) / 2, np.float32)


def main(arguments: Sequence[str] | None = None, gate: Gate | None = None) -> None:
    """Step one batch of copies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--copies", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--spread", type=float, default=None)
    options = parser.parse_args(arguments)
    windows = Windows(gate or PipeGate(), options.length)
    step_at_random(options.env, options.copies, options.steps, windows, options.alone, options.spread)


if __name__ == "__main__":
    main()
