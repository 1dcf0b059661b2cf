"""To whom the next seeds go: rules of a race among rewards that were trained on different numbers of seeds.

Every rule takes the posterior of the rewards and names, one a slot, those that get a further seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

import numpy as np
from jaxtyping import Float, Int

from autoreward.estimates import Estimates

Allocation = Callable[[Estimates, int, int, np.random.Generator], list[str]]
DRAWS = 400  # of the posterior, for a round
LEADER = 0.5  # how often a slot goes to whoever a draw puts first, and not to its challenger


def top_two(seen: Estimates, slots: int, most: int, rng: np.random.Generator) -> list[str]:
    """Each slot to the best of a draw from the posterior, or, half of the time, to the best of one that another wins.

    Args:
        seen: what the seeds so far say.
        slots: to give away.
        most: seeds that a reward may have in all.
        rng: of this round.

    Source: Russo 2016, "Simple Bayesian Algorithms for Best Arm Identification" (top-two Thompson sampling).
    """
    ordered = np.argsort(-seen.draws(rng, DRAWS), axis=1)
    counts = seen.counts.copy()
    chosen: list[str] = []
    while len(chosen) < slots and (counts < most).any():
        first = ordered[rng.integers(DRAWS)]
        if rng.random() >= LEADER:
            others = ordered[ordered[:, 0] != first[0]]
            first = others[rng.integers(len(others))] if len(others) else first[1:]
        place = next((one for one in first if counts[one] < most), int(np.argmin(counts)))
        counts[place] += 1
        chosen.append(seen.names[place])
    return chosen


def ocba(seen: Estimates, slots: int, most: int, rng: np.random.Generator) -> list[str]:
    """As many seeds for each as tell it best from the leader: N_i ~ (sigma / delta_i)^2, N_best = sqrt(sum N_i^2).

    delta_i is the distance of the expected success from that of the leader, sigma the same for all. Arguments as for
    `top_two`; nothing is drawn.

    Source: Chen et al. 2000, "Simulation Budget Allocation for Further Enhancing the Efficiency of Ordinal
    Optimization", eqs. 7 and 8.
    """
    means = np.asarray([seen.means[name] for name in seen.names])
    best = int(means.argmax())
    distance = np.maximum(means[best] - means, 1e-3 * (np.ptp(means) + 1e-12))
    share = distance**-2.0
    share[best] = np.sqrt((np.delete(share, best) ** 2).sum())
    return _fill(seen, share / share.sum() * (seen.counts.sum() + slots), slots, most)


def halving(seen: Estimates, slots: int, most: int, rng: np.random.Generator) -> list[str]:
    """The better half of those that are still in the race, at least two, share the slots. Arguments as for `top_two`.

    Source: Karnin, Koren and Somekh 2013, "Almost Optimal Exploration in Multi-Armed Bandits" (sequential halving).
    """
    running = np.flatnonzero(seen.counts == seen.counts.max())
    better = sorted(running, key=lambda place: seen.means[seen.names[place]], reverse=True)
    wanted = np.zeros(len(seen.names))
    wanted[better[: max(2, ceil(len(better) / 2))]] = np.inf
    if len(better) < 2:  # an odd slot was left over before: the best two go on
        wanted[np.argsort([-seen.means[name] for name in seen.names])[:2]] = np.inf
    return _fill(seen, wanted, slots, most)


ALLOCATIONS: Mapping[str, Allocation] = {"top-two": top_two, "ocba": ocba, "halving": halving}


def _fill(seen: Estimates, wanted: Float[np.ndarray, " R"], slots: int, most: int) -> list[str]:
    """Slot by slot to whoever is furthest below what is wanted, the one with fewest seeds among equals."""
    counts: Int[np.ndarray, " R"] = seen.counts.copy()
    chosen: list[str] = []
    while len(chosen) < slots and (counts < most).any():
        able = np.flatnonzero(counts < most)
        place = max(able, key=lambda one: (wanted[one] - counts[one], -counts[one], -one))
        counts[place] += 1
        chosen.append(seen.names[place])
    return chosen
