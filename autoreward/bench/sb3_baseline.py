"""The stable-baselines3 side of `autoreward bench learn`: PPO as the peers run it, on Gymnasium itself.

Run as a module, one process a seed, so that torch never shares a process with our trainer:

    python -m autoreward.bench.sb3_baseline --variant defaults --seed 0 --env HalfCheetah-v5 -n 1000000
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

EVALUATION_EPISODES = 10
EVALUATION_SEED = 1_000_000  # far from every training seed
CHECKPOINT_EPISODES = 10  # the best own return is a mean over at least this many episodes


def train_one(
    env_id: str, variant: str, seed: int, n_timesteps: int, env_arguments: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Train SB3 PPO once and measure x displacement [m] of the last and of the best policy.

    Args:
        env_id: a Gymnasium id whose info has `x_position` [m].
        variant: `defaults` (SB3's PPO, nothing set) or `vecnormalize` (the same behind VecNormalize).
        seed: training seed; evaluation uses its own seeds.
        n_timesteps: environment steps.
        env_arguments: for `gymnasium.make`; those with which the pack mirrors it.

    Returns:
        A record with the mean displacement [m] over 10 deterministic episodes of the last policy and
        of the checkpoint with the best mean episodic return over the last >= 10 training episodes.
    """
    import gymnasium
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import VecNormalize

    torch.set_num_threads(1)
    arguments = dict(env_arguments or {})
    env: Any = make_vec_env(env_id, n_envs=1, seed=seed, env_kwargs=arguments)
    if variant == "vecnormalize":
        env = VecNormalize(env)
    model = PPO("MlpPolicy", env, seed=seed, device="cpu")
    keeper = _best_checkpoint(env)
    started = time.monotonic()
    model.learn(n_timesteps, callback=keeper)
    seconds = time.monotonic() - started
    evaluation_env = gymnasium.make(env_id, **arguments)
    last = _displacements(model.policy, _normaliser(env), evaluation_env)
    model.policy.load_state_dict(keeper.state)
    best = _displacements(model.policy, keeper.normaliser, evaluation_env)
    return {
        "env": env_id,
        "env_arguments": arguments,
        "variant": variant,
        "seed": seed,
        "n_timesteps": n_timesteps,
        "displacement_last": last,
        "displacement_best_checkpoint": best,
        "steps_per_second": round(n_timesteps / seconds, 1),
        "versions": _versions(),
    }


def _normaliser(env: Any) -> Any:
    """A frozen copy of VecNormalize's observation statistics, or None."""
    rms = getattr(env, "obs_rms", None)
    return copy.deepcopy(rms)


def _best_checkpoint(env: Any) -> Any:
    from stable_baselines3.common.callbacks import BaseCallback

    class BestCheckpoint(BaseCallback):
        """Keeps the parameters whose mean episodic return over the last episodes was the highest."""

        best = -float("inf")
        state: Any = None
        normaliser: Any = None

        def _on_step(self) -> bool:
            return True

        def _on_rollout_end(self) -> None:
            recent = list(self.model.ep_info_buffer or ())[-CHECKPOINT_EPISODES:]
            if len(recent) < CHECKPOINT_EPISODES:
                return
            mean = sum(episode["r"] for episode in recent) / len(recent)
            if mean > self.best:
                self.best = mean
                self.state = copy.deepcopy(self.model.policy.state_dict())
                self.normaliser = _normaliser(env)

    return BestCheckpoint()


def _displacements(policy: Any, normaliser: Any, evaluation_env: Any) -> list[float]:
    results = []
    for episode in range(EVALUATION_EPISODES):
        observation, info = evaluation_env.reset(seed=EVALUATION_SEED + episode)
        start = info["x_position"]
        over = False
        while not over:
            seen = observation
            if normaliser is not None:
                scaled = (observation - normaliser.mean) / np.sqrt(normaliser.var + 1e-8)
                seen = np.clip(scaled, -10.0, 10.0)
            action, _ = policy.predict(seen.astype(np.float32), deterministic=True)
            observation, _, terminated, truncated, info = evaluation_env.step(action)
            over = terminated or truncated
        results.append(round(float(info["x_position"] - start), 3))
    return results


def _versions() -> dict[str, str]:
    names = ("stable-baselines3", "torch", "gymnasium", "mujoco", "numpy")
    return {name: version(name) for name in names}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one seed and write its record as one JSON line to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="HalfCheetah-v5")
    parser.add_argument("--env-arguments", type=json.loads, default={}, help="JSON, for gymnasium.make")
    parser.add_argument("--variant", choices=("defaults", "vecnormalize"), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("-n", "--n-timesteps", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    record = train_one(options.env, options.variant, options.seed, options.n_timesteps, options.env_arguments)
    sys.stdout.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
