"""Populations in an environment of somebody else, stepped by its own code."""

from __future__ import annotations

from dataclasses import replace

from autoreward.environment.foreign.copies import StillCopies
from autoreward.environment.pack import Pack
from autoreward.records import PPOSettings, TrainingJob
from autoreward.trainer.backends.backend import BackendFactory
from autoreward.trainer.backends.c_backend import CBackend
from autoreward.trainer.backends.device import CPU
from autoreward.trainer.population.programs import PopulationPrograms


class ForeignBackendFactory(BackendFactory):
    """Rollouts are those of the CPU; how each environment is made and stepped lies below, in environment/foreign/."""

    def serves(self, device: str, pack: Pack) -> bool:
        """See BackendFactory."""
        return device == CPU and pack.foreign is not None

    def make(
        self, job: TrainingJob, pack: Pack, device: str, settings: PPOSettings, programs: PopulationPrograms
    ) -> CBackend:
        """See BackendFactory."""
        return CBackend(pack, programs, settings, job.seed)

    def idle_pack(self, pack: Pack) -> Pack:
        """See BackendFactory: nothing is stepped, and no further copy is made."""
        assert pack.copies is not None  # load_pack has made it
        return replace(pack, copies=StillCopies(pack.copies))
