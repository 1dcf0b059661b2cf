"""Which code steps the environments of a pack: the C simulation, or the environment's own."""

from __future__ import annotations

from autoreward.environment.declarations import ActionRange, action_range
from autoreward.environment.foreign.foreign_env import ForeignEnv
from autoreward.environment.pack import Pack
from autoreward.environment.simulation.model import load_model
from autoreward.environment.vector_env import VectorEnv

Environments = VectorEnv | ForeignEnv


def make_environments(pack: Pack, num_envs: int) -> Environments:
    """N copies of the environment of a pack, stepped together."""
    return VectorEnv(pack, num_envs) if pack.foreign is None else ForeignEnv(pack, num_envs)


def actions_of(pack: Pack) -> ActionRange:
    """The actions that the environment of a pack takes."""
    if pack.copies is not None:
        return pack.copies.layout.actions.range
    return action_range(pack, load_model(pack))
