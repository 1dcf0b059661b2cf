"""Evaluation: whole episodes under a deterministic policy, on reset states and models that training never sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from autoreward.environment.random_rollout import draw_actions
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.reward.program import MetricProgram
from autoreward.trainer.population.seeding import Purpose, ResetNoise, draw_model_numbers, generator

Act = Callable[["NDArray[Any]"], "NDArray[Any]"]  # observations [N, O] -> actions [N, A] in the environment's range


@dataclass(frozen=True)
class Episodes:
    """One episode an environment, `[T, N, ...]`; steps at or after `length` are not part of it."""

    rollout: Rollout
    state: dict[str, NDArray[Any]]
    next_state: dict[str, NDArray[Any]]
    length: Int[np.ndarray, " N"]  # [steps]
    diverged: Bool[np.ndarray, " N"]

    @property
    def valid(self) -> Float[np.ndarray, "T N"]:
        """1.0 where a step belongs to the episode."""
        steps = np.arange(len(self.rollout.elapsed))[:, None]
        return (steps < self.length).astype(np.float32)


def play(env: VectorEnv, act: Act, job_seed: int, seeds: Sequence[int]) -> Episodes:
    """Play one episode in every environment.

    Args:
        env: `len(seeds) * episodes` environments; those of one seed stand together.
        act: the policy.
        seeds: seed indices; equal ones start from equal states, on equal models where the pack randomises them.
    """
    episodes = env.num_envs // len(seeds)
    env.randomise(draw_model_numbers(job_seed, seeds, Purpose.EVALUATION_MODELS, episodes, env.model_numbers))
    first = ResetNoise(job_seed, seeds, Purpose.EVALUATION_RESETS, 0, (1, episodes, env.noise_size)).at(0)
    observation = env.reset(first)
    rollout = env.new_rollout(env.horizon)
    running = np.ones(env.num_envs, bool)
    t = 0
    while t < env.horizon and running.any():
        observation = env.step(act(observation), rollout, t, first)
        running &= ~(rollout.terminated[t] | rollout.truncated[t])
        t += 1
    rollout = _cut(rollout, t)
    env.finish(rollout)
    ended = rollout.ended
    length = np.where(ended.any(axis=0), ended.argmax(axis=0) + 1, t)
    diverged = rollout.diverged[length - 1, np.arange(env.num_envs)]
    return Episodes(rollout, env.fields(rollout, after=False), env.fields(rollout, after=True), length, diverged)


def make_random_policy(env: VectorEnv, job_seed: int, seeds: Sequence[int]) -> Act:
    """Uniformly random actions, a stream a seed."""
    streams = [generator(job_seed, seed, Purpose.RANDOM_ACTIONS) for seed in seeds]
    episodes = env.num_envs // len(seeds)

    def act(observation: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([draw_actions(stream, env.actions, episodes) for stream in streams])

    return act


def measure(
    metric: MetricProgram, episodes: Episodes, columns: slice, horizon: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Success and progress `[n]` of the episodes in `columns`."""
    fields = {**episodes.next_state, "action": episodes.rollout.action, "valid": episodes.valid}
    arrays = {}
    for name in metric.inputs:
        own = fields[name][:, columns]
        missing = horizon - len(own)
        arrays[name] = np.concatenate([own, np.zeros((missing, *own.shape[1:]), own.dtype)]) if missing else own
    success, progress = metric(arrays)
    return np.asarray(success), np.asarray(progress)


def _cut(rollout: Rollout, steps: int) -> Rollout:
    def cut(value: Any) -> Any:
        return {name: array[:steps] for name, array in value.items()} if isinstance(value, dict) else value[:steps]

    return Rollout(**{name: cut(value) for name, value in vars(rollout).items()})
