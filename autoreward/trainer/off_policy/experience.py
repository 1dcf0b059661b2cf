"""What a learner has seen: transitions as the environment gave them, normalised when they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Num
from numpy.typing import NDArray
from stable_baselines3.common.type_aliases import ReplayBufferSamples

from autoreward.records import OBSERVATION_CLIP, REWARD_CLIP, VARIANCE_FLOOR

STORED = ("observation", "next_observation", "action", "terminated", "reward")


@dataclass
class Moments:
    """Running mean and variance of rows."""

    mean: NDArray[Any]
    var: NDArray[Any]
    count: float = 0.0

    def update(self, rows: NDArray[Any]) -> None:
        """Merge a batch `[B, ...]`.

        Source: Chan, Golub, LeVeque 1979, parallel variance.
        """
        total, count = self.count + len(rows), len(rows)
        delta = rows.mean(axis=0, dtype=np.float64) - self.mean
        # M2 = M2_a + M2_b + delta^2 * n_a * n_b / n
        moment = self.var * self.count + rows.var(axis=0, dtype=np.float64) * count
        moment = moment + delta**2 * self.count * count / total
        self.mean, self.var, self.count = self.mean + delta * count / total, moment / total, total


class Experience:
    """A ring of transitions, drawn uniformly; stands in for stable-baselines3's ReplayBuffer in `train`.

    Args:
        size: transitions that are kept.
        observation_size: O.
        action_size: of what is stored of an action: its numbers, or the one number of a choice.
        discrete: actions are choices.
        normalise: draw observations and rewards normalised by what was seen so far.
        rng: which transitions are drawn.
    """

    def __init__(
        self, size: int, observation_size: int, action_size: int, discrete: bool, normalise: bool, rng: Any
    ) -> None:
        shapes = {"observation": (observation_size,), "next_observation": (observation_size,)}
        shapes |= {"action": (action_size,), "terminated": (1,), "reward": (1,)}
        self._arrays = {name: np.zeros((size, *shapes[name]), np.float32) for name in STORED}
        self._size, self._discrete, self._normalise, self.rng = size, discrete, normalise, rng
        self._next = self.count = 0  # where the next one goes, and how many there are
        self.observations = Moments(np.zeros(observation_size), np.ones(observation_size))
        self.rewards = Moments(np.zeros(()), np.zeros(()))

    def extend(self, rows: Mapping[str, Num[np.ndarray, "B ..."]]) -> None:
        """Add transitions: STORED, a row each."""
        count = len(rows["reward"])
        places = (self._next + np.arange(count)) % self._size
        for name, array in self._arrays.items():
            array[places] = np.asarray(rows[name], np.float32).reshape(count, *array.shape[1:])
        self._next, self.count = (self._next + count) % self._size, min(self.count + count, self._size)
        if self._normalise:
            self.observations.update(rows["observation"])
            self.rewards.update(np.asarray(rows["reward"], np.float64).reshape(-1))

    def sample(self, batch_size: int, env: object = None) -> ReplayBufferSamples:
        """Transitions at random, normalised as things stand now. `env` is what stable-baselines3 passes: None."""
        drawn = self.rng.integers(self.count, size=batch_size)
        rows = {name: array[drawn] for name, array in self._arrays.items()}
        action = torch.as_tensor(rows["action"])
        return ReplayBufferSamples(
            observations=torch.as_tensor(self.seen(rows["observation"])),
            actions=action.long() if self._discrete else action,
            next_observations=torch.as_tensor(self.seen(rows["next_observation"])),
            dones=torch.as_tensor(rows["terminated"]),
            rewards=torch.as_tensor(self.paid(rows["reward"])[0]),
        )

    def seen(self, observation: Num[np.ndarray, "B O"]) -> Float[np.ndarray, "B O"]:
        """Observations as the networks see them: the same as an exported policy makes of them."""
        deviation = np.sqrt(np.asarray(self.observations.var, np.float32) + np.float32(VARIANCE_FLOOR))
        scaled = (observation - np.asarray(self.observations.mean, np.float32)) / deviation
        return np.asarray(np.clip(scaled, -OBSERVATION_CLIP, OBSERVATION_CLIP), np.float32)

    def paid(self, reward: Float[np.ndarray, " *B"]) -> tuple[Float[np.ndarray, " *B"], float]:
        """Rewards as the networks learn from them, and the share that was cut at REWARD_CLIP.

        They are divided by their root mean square. No mean is taken off: the sign of a reward says whether an episode
        should go on.
        """
        if not self._normalise:
            return reward, 0.0
        size = float(np.sqrt(self.rewards.var + np.square(self.rewards.mean)))
        scaled = reward / size if size > 0.0 else np.zeros_like(reward)
        cut = float(np.mean(np.abs(scaled) > REWARD_CLIP))
        return np.asarray(np.clip(scaled, -REWARD_CLIP, REWARD_CLIP), np.float32), cut

    def state(self) -> dict[str, NDArray[Any]]:
        """All of it as plain arrays."""
        stored = {name: array[: self.count] for name, array in self._arrays.items()}
        return stored | {
            "next": np.asarray(self._next),
            "observations_mean": self.observations.mean,
            "observations_var": self.observations.var,
            "rewards_mean": self.rewards.mean,
            "rewards_var": self.rewards.var,
            "seen": np.asarray([self.observations.count, self.rewards.count]),
        }

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `state` gave."""
        self.count, self._next = len(state["reward"]), int(state["next"])
        for name, array in self._arrays.items():
            array[: self.count] = state[name]
        seen = state["seen"].tolist()
        self.observations = Moments(state["observations_mean"], state["observations_var"], seen[0])
        self.rewards = Moments(state["rewards_mean"], state["rewards_var"], seen[1])
