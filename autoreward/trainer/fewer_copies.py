"""How many environments a member steps, where a copy of somebody else's environment takes long to make."""

from __future__ import annotations

from autoreward.environment.pack import Pack
from autoreward.records import PPOSettings


def settings_that_fit(settings: PPOSettings, pack: Pack, members: int) -> PPOSettings:
    """The settings, with as few environments a member as most_copies asks for; a number of a person's own holds."""
    info = pack.foreign.parsed.info if pack.foreign is not None else None
    if info is None or info.most_copies is None or settings.num_envs != PPOSettings().num_envs:
        return settings
    return with_fewer_copies(settings, members, info.most_copies)


def with_fewer_copies(settings: PPOSettings, members: int, most: int) -> PPOSettings:
    """Half as many environments a member until a population has at most `most`; rollouts stay as large."""
    num_envs, num_steps = settings.num_envs, settings.num_steps
    while num_envs * members > most and num_envs % 2 == 0:
        num_envs, num_steps = num_envs // 2, num_steps * 2
    return settings.model_copy(update={"num_envs": num_envs, "num_steps": num_steps})
