"""The seam of the trainer: what a rollout gives, and what the training asks of whoever makes it.

rollout.py makes it in the C simulation with numpy arrays, device_rollout.py on a device with jax arrays; the training
itself (population.py), the update and all that is told about members are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from autoreward.environment.vector_env import Rollout
from autoreward.trainer.population import ppo
from autoreward.trainer.population.reward_functions import RewardFunction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autoreward.reward.program import MetricProgram
    from autoreward.trainer.population.episode_statistics import EpisodeStatistics


@dataclass(frozen=True)
class PopulationRollout:
    """What T steps gave, with the policies' numbers beside the environments'. Arrays of numpy, or all of jax."""

    steps: Rollout
    action: NDArray[Any]  # [T, M, E, A], as the policies drew them: unclipped, in -1..1 where the policy means it
    noise: NDArray[Any]  # [T, M, E, A], the standard normal numbers in them
    state: Mapping[str, NDArray[Any]]  # fields [T, N, ...] float32
    next_state: Mapping[str, NDArray[Any]]  # before the automatic reset


class PopulationEnvironments(Protocol):
    """The environments of a population, from one rollout to the next."""

    def roll_out(self, member: ppo.Member, iteration: int) -> PopulationRollout:
        """T steps under the members' policies; `iteration` names the random streams."""
        ...


class Backend(Protocol):
    """Where a population is trained."""

    def rollouts(self, seeds: Sequence[int], start: int) -> PopulationEnvironments:
        """The environments of these members, which have `start` iterations behind them; episodes begin anew."""
        ...

    def accounts(self, reward: RewardFunction, members: int, metric: MetricProgram | None) -> EpisodeStatistics:
        """The accounts of the members of one candidate."""
        ...
