"""A population that shrinks: at a rung the worse candidates leave it with what they have learnt, the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import numpy as np
from jaxtyping import Int

from autoreward.trainer.population import policy, ppo
from autoreward.trainer.population.candidate_members import CandidateMembers

T = TypeVar("T")


@dataclass(frozen=True)
class StoppedCandidate:
    """A candidate that is not trained any further."""

    candidate: CandidateMembers
    best: policy.Actor  # the policies kept of its members `[m]`
    diverged: Int[np.ndarray, " m"]  # episodes


def take_out(
    candidates: Sequence[CandidateMembers], best: policy.Actor, diverged: Int[np.ndarray, " M"]
) -> list[StoppedCandidate]:
    """What these candidates take with them, cut out of the population's arrays `[M, ...]`."""
    return [StoppedCandidate(one, select_members(best, [one]), select_members(diverged, [one])) for one in candidates]


def select_members(arrays: T, candidates: Sequence[CandidateMembers]) -> T:
    """The rows of some candidates' members, one candidate after the other, of one array `[M, ...]` or of many."""
    rows = np.concatenate([np.arange(one.slots.start, one.slots.stop) for one in candidates])
    return jax.tree.map(lambda leaf: np.asarray(leaf)[rows], arrays)  # type: ignore[no-any-return]


def drop_unfinished_episodes(members: ppo.Member) -> ppo.Member:
    """The members with nothing of the episodes that they were in."""
    scale = members.reward_scale
    return members._replace(reward_scale=scale._replace(discounted=np.zeros_like(scale.discounted)))


def place_side_by_side(candidates: Sequence[CandidateMembers]) -> None:
    """Give the candidates the slots from 0 on, one after the other."""
    first = 0
    for one in candidates:
        one.place(first)
        first = one.slots.stop


def join_all(
    stopped: Sequence[StoppedCandidate], order: Sequence[str]
) -> tuple[list[CandidateMembers], policy.Actor, Any]:
    """All candidates in their first order, with the policies kept and the diverged episodes of their members `[M]`.

    Args:
        stopped: every candidate, taken out.
        order: their ids.
    """
    everybody = sorted(stopped, key=lambda one: order.index(one.candidate.candidate))
    candidates = [one.candidate for one in everybody]
    place_side_by_side(candidates)
    best = jax.tree.map(lambda *leaves: np.concatenate(leaves), *(one.best for one in everybody))
    return candidates, best, np.concatenate([one.diverged for one in everybody])
