"""Populations in an environment of somebody else, stepped by its own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autoreward.environment.foreign.copies import StillCopies
from autoreward.environment.pack import Pack
from autoreward.records import PPOSettings, TrainingJob
from autoreward.trainer.backends.backend import BackendFactory
from autoreward.trainer.backends.c_backend import CBackend
from autoreward.trainer.backends.device import CPU
from autoreward.trainer.fewer_copies import settings_that_fit
from autoreward.trainer.population.programs import PopulationPrograms


class ForeignBackendFactory(BackendFactory):
    """Rollouts are those of the CPU; how each environment is made and stepped lies below, in environment/foreign/."""

    def serves(self, device: str, pack: Pack) -> bool:
        """See BackendFactory."""
        return device == CPU and pack.foreign is not None

    def settings_to_try(self, job: TrainingJob, pack: Pack, device: str) -> Sequence[PPOSettings]:
        """Fewer environments a member, stepped for longer, where a copy takes long to make."""
        return (settings_that_fit(job.ppo, pack, job.population_size),)

    def make(
        self, job: TrainingJob, pack: Pack, device: str, settings: PPOSettings, programs: PopulationPrograms
    ) -> CBackend:
        """See BackendFactory."""
        if settings.num_envs == job.ppo.num_envs:
            return CBackend(pack, programs, settings, job.seed)
        remark = (
            f"{pack.name}: a copy takes long to make, so a policy learned from {settings.num_envs} environments, "
            f"{settings.num_steps} steps of each a rollout, in place of {job.ppo.num_envs} with {job.ppo.num_steps}. "
            "A ppo.num_envs of your own is taken as it is."
        )
        return CBackend(pack, programs, settings, job.seed, (remark,))

    def idle_pack(self, pack: Pack) -> Pack:
        """See BackendFactory: nothing is stepped, and no further copy is made."""
        assert pack.copies is not None  # load_pack has made it
        return replace(pack, copies=StillCopies(pack.copies))
