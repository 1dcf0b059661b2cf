"""Evaluation episodes: one in every environment, or in a few environments one after the other where they are dear."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from autoreward.environment.pack import Noise, Pack
from autoreward.environment.random_rollout import draw_actions
from autoreward.environment.stepping import Environments, make_environments
from autoreward.environment.vector_env import Rollout
from autoreward.trainer.population.seeding import Purpose, ResetNoise, draw_model_numbers, generator

Act = Callable[["NDArray[Any]"], "NDArray[Any]"]  # observations [N, O] -> actions [N, A] in the environment's range
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Episodes:
    """One episode an environment, `[T, N, ...]`; steps at or after `length` are not part of it."""

    rollout: Rollout
    state: Arrays
    next_state: Arrays
    length: Int[np.ndarray, " N"]  # [steps]
    diverged: Bool[np.ndarray, " N"]
    movement: Float[np.ndarray, "T N m"]  # what a clip needs
    hidden: frozenset[str] = frozenset()  # fields that are measured, and never recorded

    @property
    def recorded(self) -> dict[str, NDArray[Any]]:
        """The fields of next_state that a designer may be told of."""
        return {name: self.next_state[name] for name in self.next_state if name not in self.hidden}

    @property
    def valid(self) -> Float[np.ndarray, "T N"]:
        """1.0 where a step belongs to the episode."""
        steps = np.arange(len(self.rollout.elapsed))[:, None]
        return (steps < self.length).astype(np.float32)


def play_episodes(
    pack: Pack, make_act: Callable[[Environments], Act], job_seed: int, seeds: Sequence[int], count: int
) -> Episodes:
    """Play `count` episodes of each member; those of one member stand together.

    Args:
        make_act: the policy in these environments.
        seeds: seed index of each member; equal ones start from equal states, on equal models where the pack
            randomises them.
    """
    at_once = episodes_at_once(pack, len(seeds), count)
    env = make_environments(pack, len(seeds) * at_once)
    act = make_act(env)
    turns = [slice(start, start + at_once) for start in range(0, count, at_once)]
    return _side_by_side([_play(env, act, job_seed, seeds, count, turn) for turn in turns], len(seeds))


def episodes_at_once(pack: Pack, members: int, count: int) -> int:
    """How many of a member's episodes are played side by side: all of them, or fewer where copies are dear."""
    info = pack.foreign.parsed.info if pack.foreign is not None else None
    if info is None or info.most_copies is None:
        return count
    most = max(1, info.most_copies // members)
    return max(some for some in range(1, count + 1) if count % some == 0 and some <= most)


def _play(env: Environments, act: Act, job_seed: int, seeds: Sequence[int], count: int, turn: slice) -> Episodes:
    """One episode in every environment: those of a member that `turn` names, of `count`."""
    models = draw_model_numbers(job_seed, seeds, Purpose.EVALUATION_MODELS, count, env.model_numbers)
    noise = ResetNoise(job_seed, seeds, Purpose.EVALUATION_RESETS, 0, (1, count, env.noise_size)).at(0)

    def of_turn(rows: NDArray[Any]) -> NDArray[Any]:
        size = rows.shape[-1]
        return rows.reshape(len(seeds), count, size)[:, turn].reshape(env.num_envs, size)

    env.randomise(of_turn(models))
    first = Noise(of_turn(noise.uniform), of_turn(noise.normal))
    observation = env.reset(first)
    rollout = env.new_rollout(env.horizon)
    running = np.ones(env.num_envs, bool)
    t = 0
    while t < env.horizon and running.any():
        observation = env.step(act(observation), rollout, t, first)
        running &= ~(rollout.terminated[t] | rollout.truncated[t])
        t += 1
    rollout = rollout.first(t)
    env.finish(rollout)
    ended = rollout.ended
    length = np.where(ended.any(axis=0), ended.argmax(axis=0) + 1, t)
    diverged = rollout.diverged[length - 1, np.arange(env.num_envs)]
    state, next_state = env.fields(rollout, after=False), env.fields(rollout, after=True)
    return Episodes(rollout, state, next_state, length, diverged, env.movement(rollout), env.hidden)


def _side_by_side(turns: Sequence[Episodes], members: int) -> Episodes:
    """The episodes of several turns as if they had been played at once; what is behind an episode means nothing."""
    if len(turns) == 1:
        return turns[0]
    steps = max(len(one.rollout.elapsed) for one in turns)

    def joined(values: Sequence[Any]) -> Any:
        if values[0] is None:  # nothing of the kind is recorded
            return None
        if isinstance(values[0], Mapping):
            return {name: joined([one[name] for one in values]) for name in values[0]}
        return _members_together([one[np.minimum(np.arange(steps), len(one) - 1)] for one in values], members)

    def each(values: Sequence[NDArray[Any]]) -> NDArray[Any]:
        return np.asarray(_members_together([one[None] for one in values], members)[0])

    return Episodes(
        rollout=Rollout(**joined([vars(one.rollout) for one in turns])),
        state=joined([one.state for one in turns]),
        next_state=joined([one.next_state for one in turns]),
        length=each([one.length for one in turns]),
        diverged=each([one.diverged for one in turns]),
        movement=joined([one.movement for one in turns]),
        hidden=turns[0].hidden,
    )


def _members_together(turns: Sequence[NDArray[Any]], members: int) -> NDArray[Any]:
    """Arrays [T, M * n, ...] of several turns as one [T, M * all, ...]."""
    parts = [one.reshape(len(one), members, -1, *one.shape[2:]) for one in turns]
    whole = np.concatenate(parts, axis=2)
    return whole.reshape(len(whole), -1, *whole.shape[3:])


def make_random_policy(env: Environments, job_seed: int, seeds: Sequence[int]) -> Act:
    """Uniformly random actions, a stream a seed."""
    streams = [generator(job_seed, seed, Purpose.RANDOM_ACTIONS) for seed in seeds]
    episodes = env.num_envs // len(seeds)

    def act(observation: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([draw_actions(stream, env.actions, episodes) for stream in streams])

    return act
