"""Requirements as costs with thresholds: what breaks one is charged, the more the longer it is broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.records import Requirement
from autoreward.trainer.combination.combination import Combination, Experience, Pay

MULTIPLIERS = "multipliers"  # what is recorded beside what was learned of the terms
RATE = 0.3  # of the multipliers, a rollout, at most
LEAST = 0.02  # of a threshold, that a cost is measured in
MARGIN = 0.7  # of the share that may break a requirement: policies that explore break it more seldom than they may
MEAN_MARGIN = 0.3  # of a limit on a mean, which the policy that is measured exceeds by more than the one that explores
FORGET = 0.9  # of what the goal pays, a rollout
MISSED = (
    0.3  # of costs, beyond what the policy that is kept shall meet: from here on a requirement counts as not met at all
)


class Constrained(Combination):
    """r = (the terms, combined) - sum_i lambda_i * g * cost_i, lambda_i <- max(0, lambda_i + rate * excess_i).

    excess is (E[cost] - d) / |d|, from -1 to 1: a multiplier falls as fast as it has grown. In the unit of the cost it
    grew with the first tumbles, of which a small share is allowed, and fell a tenth as fast: policies stood still long
    after they had ceased to tumble. g is what the term that pays most pays a step, in the mean: so lambda is in units
    of the goal, whatever its weight, and while a goal that can be missed both ways pays nothing yet, little is charged.

    Args:
        inner: how the terms are combined.
        terms: K.
        members: m.
        requirements: C of them; their costs stand behind the terms.

    Source: Roy et al. 2022, "Direct Behavior Specification via Constrained Reinforcement Learning", arXiv:2112.12228.
    """

    def __init__(self, inner: Combination, terms: int, members: int, requirements: Sequence[Requirement]) -> None:
        self._inner, self._terms = inner, terms
        self.wants_policies = inner.wants_policies
        limits = np.asarray([one.limit for one in requirements])
        counts = np.asarray([one.counts_steps for one in requirements])
        self._aims = np.where(counts, MARGIN * limits, limits - MEAN_MARGIN)
        self._kept = (self._aims + limits) / 2.0  # where the aims decided, a policy that stands still was kept
        self._charged = np.asarray([one.charged for one in requirements])
        self._multipliers = np.zeros((members, len(requirements)))
        self._goal = np.zeros(members)

    def pay(self) -> Pay:
        """See Combination."""
        inner = self._inner.pay()
        weights = np.concatenate([self._inner.weights(), self._charges()], axis=1)
        return Pay(weights) if inner is None else inner._replace(weights=weights)

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        return np.concatenate([self._inner.weights(), self._charges()], axis=1)

    def learn(self, experience: Experience) -> None:
        """See Combination."""
        paid = self._inner.weights()
        if self._inner.learns:
            self._inner.learn(experience._replace(terms=experience.terms[..., : self._terms]))
        terms = np.asarray(experience.terms)
        by_member = terms.reshape(len(terms), len(paid), -1, terms.shape[-1])
        sizes = np.abs(by_member[..., : self._terms].mean(axis=(0, 2)) * paid).max(axis=1)
        self._goal = np.where(self._goal == 0.0, sizes, FORGET * self._goal + (1.0 - FORGET) * sizes)
        cost = by_member[..., self._terms :].mean(axis=(0, 2), dtype=np.float64)
        excess = np.clip((cost - self._aims) / np.maximum(LEAST, np.abs(self._aims)), -1.0, 1.0)
        moved = np.maximum(0.0, self._multipliers + RATE * excess) * self._charged
        self._multipliers = np.where(np.isfinite(moved), moved, self._multipliers)

    def shortfall(self, means: Float[np.ndarray, "E K"]) -> Float[np.ndarray, " E"]:
        """See Combination: how far each episode is beyond what shall be met, 1 for each missed by MISSED or more.

        Of a mean's limit, or of the steps: as progress is at most 1, a policy that runs faster and breaks what
        is required is not kept.
        """
        beyond = means[:, self._terms :] - self._kept
        short = np.clip(beyond / MISSED, 0.0, 1.0)
        return np.asarray((short * self._charged).sum(axis=1))

    def reset(self) -> None:
        """See Combination."""
        self._inner.reset()

    def learned(self, position: int) -> Mapping[str, NDArray[Any]]:
        """See Combination."""
        return {**self._inner.learned(position), MULTIPLIERS: self._multipliers[position]}

    def remarks(self) -> Sequence[str]:
        """See Combination."""
        return self._inner.remarks()

    def _charges(self) -> Float[np.ndarray, "m C"]:
        return np.asarray(-self._multipliers * self._goal[:, None], np.float32)
