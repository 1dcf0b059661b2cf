"""What the seeds of a few rewards say: how much of their order is the rewards' own, and how likely the best is best.

    success of reward r on seed s  =  mu + b_r + e_rs,      b_r ~ N(0, tau^2),      e_rs ~ N(0, sigma^2)

The prior is flat for mu and log sigma, and uniform for the reliability of one seed, rho = tau^2 / (tau^2 + sigma^2):
so the estimates shrink towards the mean of all by as much as the seeds leave open, and nothing has to be tuned. With mu
and sigma integrated out one dimension is left, rho, which is summed over a grid; the posterior is exact up to that.

Source: Daniels 1999, "A prior for the variance in hierarchical models" (the uniform shrinkage prior); Gelman et al.
2013, "Bayesian Data Analysis", section 5.4 (the normal hierarchical model).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from jaxtyping import Float, Int

_ANGLES = (np.arange(50) + 0.5) * (np.pi / 2.0 / 50)
RHO = np.sin(_ANGLES) ** 2  # the grid [G], dense near 0 and 1
PRIOR = np.sin(2.0 * _ANGLES)  # d rho / d angle: uniform in rho
DRAWS = 4_000
DECIDED = 0.95  # a probability from which one speaks of a decision
MOST_SEEDS = 1_000  # more than these nobody trains


@dataclass(frozen=True)
class Estimates:
    """The posterior of R rewards, R >= 2.

    Attributes:
        names: of the rewards.
        counts: seeds of each `[R]`; 0 for one that has not been trained, of which the model knows what it knows of all.
        raw: mean over its seeds `[R]`; 0 without seeds.
        within: sum of squares of all seeds around the means of their rewards.
    """

    names: tuple[str, ...]
    counts: Int[np.ndarray, " R"]
    raw: Float[np.ndarray, " R"]
    within: float

    @cached_property
    def means(self) -> Mapping[str, float]:
        """The shrunken mean of each reward: its expected success on a further seed."""
        centre, kept = self._centre[:, None], self._kept
        means = (self._weights[:, None] * (centre + kept * (self.raw - centre))).sum(axis=0)
        return dict(zip(self.names, means.tolist(), strict=True))

    @cached_property
    def one_seed(self) -> float:
        """The expected share of the variance of one seed's success that is the rewards' own."""
        return float(self._weights @ RHO)

    @cached_property
    def reliability(self) -> float:
        """The same of the rewards' means, averaged over those that have seeds."""
        return float(self._weights @ self._kept[:, self.counts > 0].mean(axis=1))

    @cached_property
    def noise(self) -> float:
        """Standard deviation of success between the seeds of one reward, as far as it is known."""
        return float(np.sqrt(self._weights @ self._squares / max(1, self.counts.sum() - 1)))

    def draws(self, rng: np.random.Generator, count: int = DRAWS) -> Float[np.ndarray, "D R"]:
        """Samples of what the rewards' own success may be."""
        rho = rng.choice(len(RHO), count, p=self._weights)
        variance = self._squares[rho] / rng.chisquare(self.counts.sum() - 1, count)
        total = self._precision.sum(axis=1)[rho]
        centre = self._centre[rho] + np.sqrt(variance / total) * rng.standard_normal(count)
        kept, ratio = self._kept[rho], _ratio()[rho, None]
        spread = np.sqrt(variance[:, None] * ratio * (1.0 - kept))  # tau^2 (1 - kept) = sigma^2 kept / n
        drawn = centre[:, None] + kept * (self.raw - centre[:, None])
        return np.asarray(drawn + spread * rng.standard_normal(drawn.shape))

    @cached_property
    def probability_best(self) -> Mapping[str, float]:
        """How likely each reward is the best of all, the same at every call."""
        best = self._drawn.argmax(axis=1)
        return {name: float((best == place).mean()) for place, name in enumerate(self.names)}

    def probability_better(self, own: str, other: str) -> float:
        """How likely one reward's own success is above another's."""
        places = self.names.index(own), self.names.index(other)
        return float((self._drawn[:, places[0]] > self._drawn[:, places[1]]).mean())

    def seeds_to_decide(self, own: str, other: str) -> int | None:
        """Further seeds of each of two that would decide their order, if their difference is what it seems.

        The difference d of two means over n seeds each has the standard error sigma sqrt(2 / n); decided is an order
        whose d is z(0.95) = 1.645 of them.

        Returns:
            None: more than MOST_SEEDS.
        """
        difference = abs(self.means[own] - self.means[other])
        fewest = min(int(self.counts[self.names.index(name)]) for name in (own, other))
        wanted = 2.0 * (1.645 * self.noise) ** 2
        if wanted > (MOST_SEEDS + fewest) * difference**2:
            return None
        return max(0, ceil(wanted / difference**2) - fewest) if difference > 0.0 else 0

    @cached_property
    def _drawn(self) -> Float[np.ndarray, "D R"]:
        return np.asarray(self.draws(np.random.default_rng(0)))

    @cached_property
    def _precision(self) -> Float[np.ndarray, "G R"]:
        """Of each mean, in units of sigma^-2: 1 / (tau^2 / sigma^2 + 1 / n)."""
        return np.asarray(self.counts / (_ratio()[:, None] * self.counts + 1.0))

    @cached_property
    def _kept(self) -> Float[np.ndarray, "G R"]:
        """How much of a reward's distance from the centre is believed: tau^2 / (tau^2 + sigma^2 / n)."""
        return np.asarray(_ratio()[:, None] * self._precision)

    @cached_property
    def _centre(self) -> Float[np.ndarray, " G"]:
        return np.asarray((self._precision * self.raw).sum(axis=1) / self._precision.sum(axis=1))

    @cached_property
    def _squares(self) -> Float[np.ndarray, " G"]:
        """The sum of squares that is left to sigma^2."""
        return np.asarray(self.within + (self._precision * (self.raw - self._centre[:, None]) ** 2).sum(axis=1))

    @cached_property
    def _weights(self) -> Float[np.ndarray, " G"]:
        """The posterior of rho on the grid."""
        seen = self._precision[:, self.counts > 0]
        free = self.counts.sum() - 1
        log = (
            np.log(PRIOR)
            + 0.5 * np.log(seen).sum(axis=1)
            - 0.5 * np.log(seen.sum(axis=1))
            - 0.5 * free * np.log(self._squares)
        )
        weights = np.exp(log - log.max())
        return np.asarray(weights / weights.sum())


def estimate(values: Mapping[str, Sequence[float]]) -> Estimates | None:
    """The posterior of some rewards.

    Args:
        values: success on each seed, by reward; every one finite. One without a seed is judged by what all are like.

    Returns:
        None where nothing can be said: fewer than two rewards have seeds, or all values are equal.
    """
    everything = [value for several in values.values() for value in several]
    if sum(bool(several) for several in values.values()) < 2 or max(everything) == min(everything):
        return None
    raw = [float(np.mean(several)) if several else 0.0 for several in values.values()]
    within = sum((value - mean) ** 2 for several, mean in zip(values.values(), raw, strict=True) for value in several)
    counts = [len(several) for several in values.values()]
    return Estimates(tuple(values), np.asarray(counts), np.asarray(raw), float(within))


def _ratio() -> Float[np.ndarray, " G"]:
    """tau^2 / sigma^2 on the grid."""
    return np.asarray(RHO / (1.0 - RHO))
