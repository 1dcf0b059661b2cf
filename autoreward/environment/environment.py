"""An environment, opened: its pack, what a designer sees of it, and real transitions from random rollouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoreward.environment.pack import Pack, packs_directory
from autoreward.records import EnvSpec, FieldSpec, Transitions

if TYPE_CHECKING:  # who only reads declarations does not load numpy
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Environment:
    """A pack with its measured field ranges."""

    pack: Pack
    spec: EnvSpec
    transitions: Transitions
    slack: Transitions | None = None  # of first episodes with no torque at all
    hidden: tuple[FieldSpec, ...] = ()  # fields that only a success metric may read
    ends: NDArray[Any] | None = None  # of somebody else's: [T, N], where episodes ended in the transitions [T * N]
    steps_a_second: float | None = None  # of somebody else's: of its own code, in random motion

    @property
    def measured(self) -> EnvSpec:
        """The environment as a success metric sees it: with the fields that are hidden from designers."""
        return self.spec.model_copy(update={"fields": (*self.spec.fields, *self.hidden)})

    @property
    def path(self) -> str | None:
        """The folder of a pack outside the installation, or the reference of somebody else's; None for the others."""
        if self.pack.foreign is not None:
            return self.pack.foreign.reference
        installed = self.pack.folder.parent == packs_directory()
        return None if installed else str(self.pack.folder)
