"""An environment, opened: its pack, what a designer sees of it, and real transitions from random rollouts."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.environment.pack import Pack, packs_directory
from autoreward.records import EnvSpec, Transitions


@dataclass(frozen=True)
class Environment:
    """A pack with its measured field ranges."""

    pack: Pack
    spec: EnvSpec
    transitions: Transitions
    slack: Transitions | None = None  # of first episodes with no torque at all

    @property
    def path(self) -> str | None:
        """The folder of a pack outside the installation, for other processes; None for the others."""
        installed = self.pack.folder.parent == packs_directory()
        return None if installed else str(self.pack.folder)
