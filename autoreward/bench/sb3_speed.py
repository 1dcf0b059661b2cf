"""The stable-baselines3 side of `bench train`: PPO on Gymnasium itself, one process a core, torch with one thread.

    python -m autoreward.bench.sb3_speed --env HalfCheetah-v5 --variant defaults --seed 0 --length 96

Timed like ours, from the end of one update to the end of another, inside its own `learn`: real rollouts, real updates,
no evaluation, no logging, no checkpoints. The processes of one row start a window at the same moment; the rate of the
row is the sum of theirs, so that one that finishes last is not held against them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from autoreward.bench.machine import peak_memory
from autoreward.bench.windows import Gate, Over, PipeGate, Windows

ROLLOUT = 2048  # environment steps of an iteration, in both variants
VARIANTS: Mapping[str, tuple[int, Mapping[str, int]]] = {  # environments a process, what is set
    "defaults": (1, {}),
    "tuned": (16, {"n_steps": ROLLOUT // 16, "batch_size": 256, "n_epochs": 10}),
}


def train(env_id: str, env_arguments: Mapping[str, Any], variant: str, seed: int, windows: Windows) -> None:
    """Train until no further window is wanted.

    Args:
        env_id: a Gymnasium id.
        env_arguments: for `gymnasium.make`.
        variant: `defaults`, as the peers run it, or `tuned`: 16 environments in a DummyVecEnv, batches of 256.
    """
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    torch.set_num_threads(1)
    num_envs, settings = VARIANTS[variant]
    env = make_vec_env(env_id, n_envs=num_envs, seed=seed, env_kwargs=dict(env_arguments))
    chosen: dict[str, Any] = dict(settings)
    model = PPO("MlpPolicy", env, seed=seed, device="cpu", **chosen)
    assert model.n_steps * num_envs == ROLLOUT  # or the rows would not do the same number of steps
    try:
        model.learn(10**12, callback=clock(windows))
    except Over:
        env.close()


def clock(windows: Windows) -> Any:
    """A callback of stable-baselines3 that cuts its training into windows."""
    from stable_baselines3.common.callbacks import BaseCallback

    class Clock(BaseCallback):
        """PopulationEnvironments start when the update before them has ended."""

        iterations = -1

        def _on_step(self) -> bool:
            return True

        def _on_rollout_start(self) -> None:
            self.iterations += 1
            if self.iterations > 0:
                windows.end_of_iteration(True, peak_memory=peak_memory())

    return Clock()


def main(arguments: Sequence[str] | None = None, gate: Gate | None = None) -> None:
    """Train one process of a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--env-arguments", type=json.loads, default={})
    parser.add_argument("--variant", choices=tuple(VARIANTS), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--length", type=int, required=True)
    options = parser.parse_args(arguments)
    windows = Windows(gate or PipeGate(), options.length)
    train(options.env, options.env_arguments, options.variant, options.seed, windows)


if __name__ == "__main__":
    main()
