"""The seam for simulators: what a training asks of whatever steps its environments.

A backend belongs to one population: it resets, rolls out, and says what the episodes of a candidate came to. Its
factory lives as long as the trainer: it says which devices it serves and which settings fit into their memory, and
keeps what is compiled. The training itself (population/training.py), the update and all that is told about members are
the same for every backend. A new one is a file with the two classes beside the others, and its
place in FACTORIES of population/trainer.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from autoreward.environment.pack import Pack
from autoreward.records import PPOSettings, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.population import ppo
from autoreward.trainer.population.episode_statistics import EpisodeStatistics
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.reward_functions import RewardFunction
from autoreward.trainer.population.rollout import PopulationRollout


class Backend(ABC):
    """Steps the environments of one population, from one rollout to the next."""

    @abstractmethod
    def reset(self, seeds: Sequence[int], iterations_done: int) -> None:
        """New episodes in the environments of these members, which have so many iterations behind them.

        Args:
            seeds: seed index of each member `[M]`; fewer than before where candidates were stopped.
            iterations_done: names the random streams.
        """

    @abstractmethod
    def roll_out(self, member: ppo.Member, iteration: int) -> PopulationRollout:
        """T steps under the members' policies; `iteration` names the random streams."""

    def refusals(self) -> Mapping[int, str]:
        """Members whose physics the simulator would not compute, with its own words."""
        return {}

    def remarks(self) -> Sequence[str]:
        """What a person should know of how the environments ran; nothing where all went well."""
        return ()

    @abstractmethod
    def episode_statistics(
        self, reward: RewardFunction, members: int, metric: MetricProgram | None
    ) -> EpisodeStatistics:
        """What the episodes of one candidate's members come to, computed where the rollout lies."""


class BackendFactory(ABC):
    """Makes the backends of one simulator, and keeps what is compiled for one for the next of the same shape."""

    @abstractmethod
    def serves(self, device: str, pack: Pack) -> bool:
        """Whether populations of this environment on this device are stepped here."""

    def settings_to_try(self, job: TrainingJob, pack: Pack, device: str) -> Sequence[PPOSettings]:
        """The settings to train with, each for the case that memory does not suffice for the one before it."""
        return (job.ppo,)

    @abstractmethod
    def make(
        self, job: TrainingJob, pack: Pack, device: str, settings: PPOSettings, programs: PopulationPrograms
    ) -> Backend:
        """A backend for one population.

        Raises:
            EnvironmentFailedError: the simulator cannot run the pack.
        """

    def idle_pack(self, pack: Pack) -> Pack:
        """The pack for a preparation, where only shapes matter: the same, or one that costs less to step."""
        return pack
