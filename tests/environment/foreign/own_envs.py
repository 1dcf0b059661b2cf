"""Environments as people write them, good and bad; the tests name them as `own_envs:Counting`."""

from __future__ import annotations

import os
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

FIELDS = {"far": {"unit": "m", "meaning": "how far it is from the goal"}}


class Counting(gymnasium.Env[Any, Any]):
    """Shows the seed of its episode and the number of its step; terminates after `length` steps, or is cut there."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 10}
    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float64)
    action_space = spaces.Box(-1.0, 1.0, (1,), np.float32)

    def __init__(self, length: int = 3, cut: bool = False, render_mode: str | None = None) -> None:
        self.length, self.cut, self.render_mode = length, cut, render_mode

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.seed, self.count = seed or 0, 0
        return self._seen()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.count += 1
        observation, info = self._seen()
        over = self.count >= self.length
        return observation, float(self.count), over and not self.cut, over and self.cut, info

    def render(self) -> Any:
        return np.full((20, 40, 3), 50 * self.count, np.uint8)

    def _seen(self) -> tuple[Any, dict[str, Any]]:
        return np.array([self.seed, self.count], np.float64), {}


class Staggered(Counting):
    """Ends after 3 to 6 steps, as its seed says."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.length = 3 + (seed or 0) % 4
        return super().reset(seed=seed)


class Reach(gymnasium.Env[Any, Any]):
    """A point that reaches a goal: a Dict observation, as the robots of gymnasium-robotics have, and a telling info."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}
    observation_space = spaces.Dict(
        {
            "observation": spaces.Box(-2.0, 2.0, (2,), np.float64),
            "achieved_goal": spaces.Box(-2.0, 2.0, (2,), np.float64),
            "desired_goal": spaces.Box(-2.0, 2.0, (2,), np.float64),
            "mode": spaces.Discrete(3, start=1),
            "mission": spaces.Text(5),
        }
    )
    action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.place, self.goal = self.np_random.uniform(-1, 1, 2), self.np_random.uniform(-1, 1, 2)
        return self._observation(), {"is_success": 0.0, "far": self._far()}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.place = np.clip(self.place + 0.1 * np.asarray(action), -2.0, 2.0)
        far = self._far()
        info = {
            "is_success": float(far < 0.1), "reward_near": -far, "far": far, "closeness": 3.0 - 2.0 * far,
            "power": float(np.abs(action).sum()), "name": "reach", "late": 1.0,
        }  # fmt: skip
        return self._observation(), -far, False, False, info

    def _far(self) -> float:
        return float(np.linalg.norm(self.place - self.goal))

    def _observation(self) -> dict[str, Any]:
        parts = {"observation": self.place.copy(), "achieved_goal": self.place.copy(), "desired_goal": self.goal.copy()}
        return {**parts, "mode": 2, "mission": "reach"}


class Raises(Counting):
    """Its step raises, always or from a step on."""

    def __init__(self, after: int = 0) -> None:
        super().__init__(length=10_000)
        self.after, self.done = int(after), 0

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.done += 1
        if self.done > self.after:
            raise RuntimeError("the gripper is stuck")
        return super().step(action)


class ReturnsNan(Counting):
    """One observation in `every` is not a number."""

    def __init__(self, every: int = 1) -> None:
        super().__init__(length=10_000)
        self.every = every

    def _seen(self) -> tuple[Any, dict[str, Any]]:
        observation, info = super()._seen()
        return (observation * np.nan if self.count % self.every == self.every - 1 else observation), info


class IgnoresSeeds(Counting):
    """Starts anywhere, whatever it is told."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        return super().reset(seed=int(np.random.default_rng().integers(1 << 20)))


class Chatters(Counting):
    """Prints, to where answers are written too."""

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        print("step", self.count)
        return super().step(action)


class Pictures(Counting):
    observation_space = spaces.Box(0, 255, (64, 64, 3), np.uint8)


class Choices(gymnasium.Env[Any, Any]):
    """Actions of several choices: pays for taking 1 and 2."""

    observation_space = spaces.Discrete(4, start=-1)
    action_space = spaces.MultiDiscrete([2, 3])

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.taken = np.zeros(2, int)
        return 0, {}

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        assert self.action_space.contains(action)
        self.taken = action
        return int(action[1]), np.array([float(action[0]), float(action[1])]), False, False, {}


class Unbounded(Counting):
    action_space = spaces.Box(np.array([-np.inf, 0.0, -2.0]), np.array([np.inf, np.inf, 4.0]), (3,), np.float64)


class NoEnvironment:
    """Has none of what an environment has."""


def make_short() -> Counting:
    """A function that makes one."""
    return Counting(length=2)


def fields(env: Any, observation: Any, info: Any) -> dict[str, Any]:
    """Fields of Reach, as a person writes them."""
    return {"far": info["far"], "between": observation["achieved_goal"] - observation["desired_goal"]}


def wrong_fields(env: Any, observation: Any, info: Any) -> Any:
    return [1.0, 2.0]


class Exits(Counting):
    """Ends the process."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        os._exit(3)
