"""The stable-baselines3 side of `bench train --env ID`: PPO on the same copies, in a process a core.

python -m autoreward.bench.sb3_source --env gymnasium:Pendulum-v1 --seed 0 --length 12
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv

from autoreward.bench.sb3_speed import ROLLOUT, clock
from autoreward.bench.windows import Gate, Over, PipeGate, Windows
from autoreward.environment.foreign.layout import REWARD
from autoreward.environment.foreign.loading import load_foreign
from autoreward.environment.pack import Pack
from autoreward.environment.random_rollout import draw_noise
from autoreward.environment.stepping import make_environments

COPIES = 16
SETTINGS: dict[str, Any] = {"n_steps": ROLLOUT // COPIES, "batch_size": 256, "n_epochs": 10}


class SourceVecEnv(VecEnv):
    """Copies of an environment of somebody else with its own reward, as stable-baselines3 steps them.

    Args:
        pack: that stands for it; actions are numbers, or one choice.
        count: copies.
        seed: of its resets.
    """

    def __init__(self, pack: Pack, count: int, seed: int) -> None:
        self._env, self._rng = make_environments(pack, count), np.random.default_rng(seed)
        actions = self._env.actions
        self._choices = bool(actions.choices)
        act: Any = spaces.Discrete(actions.low.size) if self._choices else spaces.Box(actions.low, actions.high)
        observes = spaces.Box(-np.inf, np.inf, (pack.observation_size,), np.float32)
        super().__init__(count, observes, act)
        self._taken: NDArray[Any] = np.zeros(0)

    def reset(self) -> NDArray[Any]:
        """New episodes everywhere."""
        return np.array(self._env.reset(draw_noise(self._rng, self.num_envs, self._env.noise_size)))

    def step_async(self, actions: NDArray[Any]) -> None:
        """See VecEnv."""
        size = self._env.actions.low.size
        self._taken = np.eye(size, dtype=np.float32)[actions] if self._choices else np.asarray(actions, np.float32)

    def step_wait(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], list[dict[str, Any]]]:
        """See VecEnv."""
        rollout = self._env.new_rollout(1)
        observation = self._env.step(
            self._taken, rollout, 0, draw_noise(self._rng, self.num_envs, self._env.noise_size)
        )
        reward = self._env.fields(rollout, after=True)[REWARD][0]
        over = rollout.ended[0]
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for place in np.flatnonzero(over):
            infos[place] = {
                "terminal_observation": rollout.next_observation[0, place],
                "TimeLimit.truncated": bool(rollout.truncated[0, place]),
            }
        return np.array(observation), reward, over, infos

    def close(self) -> None:
        """Nothing is open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """See VecEnv: copies have no attributes but how they are drawn, and they are not."""
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """See VecEnv."""
        raise NotImplementedError(f"{attr_name} of a copy cannot be set")

    def env_method(self, method_name: str, *arguments: Any, indices: Any = None, **named: Any) -> list[Any]:
        """See VecEnv."""
        raise NotImplementedError(f"{method_name} of a copy cannot be called")

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """See VecEnv."""
        return [False] * self.num_envs


def train(env: str, seed: int, windows: Windows) -> None:
    """Train until no further window is wanted."""
    torch.set_num_threads(1)
    copies = SourceVecEnv(load_foreign(env, alone=True), COPIES, seed)
    model = PPO("MlpPolicy", copies, seed=seed, device="cpu", **SETTINGS)
    try:
        model.learn(10**12, callback=clock(windows))
    except Over:
        return


def main(arguments: Sequence[str] | None = None, gate: Gate | None = None) -> None:
    """Train one process of the row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--length", type=int, required=True)
    options = parser.parse_args(arguments)
    train(options.env, options.seed, Windows(gate or PipeGate(), options.length))


if __name__ == "__main__":
    main()
