"""A reference as a pack, in a process that steps it."""

from __future__ import annotations

from dataclasses import replace

from autoreward.environment.foreign.copies import CopiesMade, FirstCopy
from autoreward.environment.foreign.envpool_copies import EnvPoolMade
from autoreward.environment.foreign.facts import pack_of
from autoreward.environment.foreign.process_copies import ProcessesMade
from autoreward.environment.foreign.reference import Reference, parse
from autoreward.environment.pack import Pack


def copies_made(
    reference: Reference, alone: bool = False, few: bool = False, first: FirstCopy | None = None
) -> CopiesMade | EnvPoolMade | ProcessesMade:
    """What makes and steps the copies of a pinned reference: EnvPool, or this process and others where that is faster.

    Args:
        alone: never in other processes: this one stands beside others that do the same.
        few: so few are taken that it pays for no process to make its own.
        first: a copy that was made already.
    """
    if reference.source == "envpool":
        return EnvPoolMade(reference)
    made = CopiesMade(reference, first)
    return made if alone else ProcessesMade(reference, made, made.time_step(), few)


def load_foreign(reference: str, alone: bool = False) -> Pack:
    """The environment of a pinned reference, made once; `alone` as for `copies_made`.

    Raises:
        UsageError: the reference leads to no environment.
        EnvironmentFailedError: the environment's own code failed, or it is of a kind that cannot be used.
    """
    copies = copies_made(parse(reference), alone)
    return replace(pack_of(copies.layout.describe()), copies=copies)
