"""A population that shrinks: at a rung the worse candidates leave it with what they have learnt, the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.group import CandidateMembers

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")


@dataclass(frozen=True)
class StoppedCandidate:
    """A candidate that is not trained any further."""

    group: CandidateMembers
    best: policy.Actor  # the policies kept of its members `[m]`
    diverged: NDArray[Any]  # episodes `[m]`


def leave(groups: Sequence[CandidateMembers], best: policy.Actor, diverged: NDArray[Any]) -> list[StoppedCandidate]:
    """What these groups take with them, cut out of the population's arrays `[M, ...]`."""
    return [StoppedCandidate(group, rows_of(best, [group]), rows_of(diverged, [group])) for group in groups]


def rows_of(members: T, groups: Sequence[CandidateMembers]) -> T:
    """The rows of some groups, one group after the other, of one array `[M, ...]` or of many."""
    import jax
    import numpy as np

    rows = np.concatenate([np.arange(group.slots.start, group.slots.stop) for group in groups])
    return jax.tree.map(lambda leaf: np.asarray(leaf)[rows], members)  # type: ignore[no-any-return]


def with_new_episodes(members: ppo.Member) -> ppo.Member:
    """The members with nothing of the episodes that they were in."""
    import numpy as np

    return members._replace(discounted=np.zeros_like(members.discounted))


def place(groups: Sequence[CandidateMembers]) -> None:
    """Let the groups stand side by side, from slot 0 on."""
    first = 0
    for group in groups:
        group.place(first)
        first = group.slots.stop


def reunited(
    left: Sequence[StoppedCandidate], order: Sequence[str]
) -> tuple[list[CandidateMembers], policy.Actor, NDArray[Any]]:
    """All groups in the order of their candidates, with the policies kept and diverged episodes of their members `[M]`.

    Args:
        left: every candidate.
        order: their ids.
    """
    import jax
    import numpy as np

    everybody = sorted(left, key=lambda one: order.index(one.group.candidate))
    groups = [one.group for one in everybody]
    place(groups)
    best = jax.tree.map(lambda *leaves: np.concatenate(leaves), *(one.best for one in everybody))
    return groups, best, np.concatenate([one.diverged for one in everybody])
