"""An environment, opened: its pack, what a designer sees of it, and real transitions from random rollouts."""

from __future__ import annotations

from dataclasses import dataclass

from autoreward.environment.pack import Pack, load_pack, packs_directory
from autoreward.environment.random_rollout import environment_spec, random_rollout, random_transitions
from autoreward.environment.task import pack_for_task
from autoreward.records import EnvSpec, Transitions


@dataclass(frozen=True)
class Environment:
    """A pack with its measured field ranges."""

    pack: Pack
    spec: EnvSpec
    transitions: Transitions

    @property
    def path(self) -> str | None:
        """The folder of a pack outside the installation, for other processes; None for the others."""
        installed = self.pack.folder.parent == packs_directory()
        return None if installed else str(self.pack.folder)


def open_environment(env: str, task: str | None = None) -> Environment:
    """Load a pack, as the task wants it, and run it at random for a moment.

    Raises:
        UnknownNameError: there is no such environment or task.
        EnvironmentFailedError: the pack or its model is broken.
    """
    pack = pack_for_task(load_pack(env), task)
    vector_env, rollout = random_rollout(pack)
    transitions = random_transitions(vector_env, rollout)
    return Environment(pack, environment_spec(pack, vector_env, transitions), transitions)
