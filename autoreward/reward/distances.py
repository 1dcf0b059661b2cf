"""How far apart two rewards are, from their values on the same sampled transitions; nothing is trained.

STARC distance (Skalse et al. 2024, "STARC: A General Framework For Quantifying Differences Between Reward Functions",
ICLR, arXiv 2309.15257):

    d(R1, R2) = 1/2 || s(R1) - s(R2) ||,    s(R) = c(R) / || c(R) ||  (0 where c(R) = 0),    || x ||^2 = mean of x^2

`c` takes away what changes no policy ordering, division takes away scale. 0: the same up to scale, shift and shaping;
1: opposite; 1/2 from a reward that is nothing but shaping; about 0.71 where two have nothing to do with each other.

`c` is the paper's *minimal* canonicalisation, the equivalent reward with the least norm, with potentials of the form
Phi(s) = w . psi(s):

    c(R) = R - sum_k w_k B_k,    B_k = gamma psi_k(s') (1 - terminated) - psi_k(s),    w = argmin || R - B w ||

Why this one, for sampled transitions of a continuous environment:

- EPIC's canonicalisation, and DARD's in part, ask a reward for pairs (s, s') that physics never makes. A reward program
  that compares two states is meaningless there; here it is only asked about transitions that happened.
- Value-adjusted levelling, R + gamma V(s') - V(s), needs the value V of every state under a fixed policy. On one
  trajectory the sampled V cancels R exactly, and branching from each state multiplies the simulation a hundredfold.
- A projection is linear in R, so scaling, shift and every potential in the span of psi cancel exactly, at any number of
  samples. Simulations are deterministic, so S'-redistribution has nothing to do and B has no bias of double sampling.

The price: shaping whose potential lies outside the span of psi leaves the remainder of its best fit. `psi` therefore
contains the programs' own potentials, besides polynomials and random Fourier features of the fields. A constant is
projected out as well: where episodes terminate it is a bonus for survival and does change what is best, which the rank
agreement of trajectories shows and this distance does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

FOURIER_FEATURES = 96
SAMPLES_A_FEATURE = 8  # fewer, and the fit takes away the reward itself
NEGLIGIBLE = 1e-5  # of a reward's own norm: what float32 leaves of a reward that is nothing but shaping
SEED = 20_240_311


def state_features(state: Arrays, next_state: Arrays) -> tuple[NDArray[Any], NDArray[Any]]:
    """psi(s) and psi(s') `[N, P]`: 1, the fields, their squares, and random Fourier features of them.

    The fields are standardised over the samples; P stays below N / 8, squares and Fourier features being dropped first.

    Args:
        state: fields `[N, ...]` before the action.
        next_state: the same fields after it, and others, which are left out.

    Source: Rahimi, Recht 2007, "Random Features for Large-Scale Kernel Machines".
    """
    import numpy as np

    names = sorted(state.keys() & next_state.keys())
    before, after = (_columns(side, names) for side in (state, next_state))
    mean, spread = before.mean(axis=0), before.std(axis=0)
    varying = spread > 1e-6 * np.maximum(1.0, np.abs(mean))
    before, after = ((side[:, varying] - mean[varying]) / spread[varying] for side in (before, after))
    room = len(before) // SAMPLES_A_FEATURE - 1
    before, after = before[:, :room], after[:, :room]
    size = before.shape[1]
    squares = size if 2 * size <= room else 0
    waves = min(FOURIER_FEATURES, room - size - squares)
    rng = np.random.default_rng(SEED)
    frequencies = rng.standard_normal((size, waves)) / np.sqrt(max(size, 1))
    phases = rng.uniform(0.0, 2.0 * np.pi, waves)

    def features(x: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([np.ones((len(x), 1)), x, x[:, :squares] ** 2, np.cos(x @ frequencies + phases)], axis=1)

    return features(before), features(after)


def shaping_basis(
    psi: NDArray[Any], psi_next: NDArray[Any], gamma: float, terminated: NDArray[Any]
) -> NDArray[Any]:
    """B `[N, P + 1]`: what each feature pays as a potential, and a constant.

    Args:
        psi: features of the state `[N, P]`.
        psi_next: of the state after it `[N, P]`.
        gamma: discount factor.
        terminated: 1.0 where the episode ended for good `[N]`: the potential is zero there.
    """
    import numpy as np

    alive = 1.0 - np.asarray(terminated, np.float64)[:, None]
    return np.concatenate([gamma * psi_next * alive - psi, np.ones((len(psi), 1))], axis=1)


def canonical(rewards: NDArray[Any], basis: NDArray[Any]) -> NDArray[Any]:
    """c(R) of each reward `[K, N]`: what is left of it beside the best potential and the best constant.

    Args:
        rewards: `[K, N]`, of K rewards on the same N transitions.
        basis: B `[N, P]`; columns may depend on each other.
    """
    import numpy as np

    rewards = np.asarray(rewards, np.float64)
    scale = np.sqrt((basis**2).mean(axis=0))
    scaled = basis / np.where(scale > 0.0, scale, 1.0)
    fit, *_ = np.linalg.lstsq(scaled, rewards.T, rcond=1e-10)
    left: NDArray[Any] = rewards - (scaled @ fit).T
    return left


def starc_distances(rewards: NDArray[Any], basis: NDArray[Any]) -> NDArray[Any]:
    """STARC distance of each pair of rewards `[K, K]`, in [0, 1]; see the top of this file.

    Args:
        rewards: `[K, N]` on the same transitions.
        basis: of `shaping_basis` `[N, P]`.
    """
    import numpy as np

    left = canonical(rewards, basis)
    norms = np.linalg.norm(left, axis=1)
    trivial = norms <= NEGLIGIBLE * np.linalg.norm(rewards, axis=1)
    standard = np.where(trivial[:, None], 0.0, left / np.where(trivial, 1.0, norms)[:, None])
    apart = np.linalg.norm(standard[:, None] - standard[None], axis=2)
    return np.clip(0.5 * apart, 0.0, 1.0)  # type: ignore[no-any-return]


def rank_agreement(returns: NDArray[Any]) -> NDArray[Any]:
    """Kendall's tau-b between the orders that K rewards give M trajectories `[K, K]`; NaN where all returns are equal.

    Args:
        returns: `[K, M]`, of each trajectory under each reward.

    Source: Kendall 1945, "The treatment of ties in ranking problems".
    """
    import numpy as np
    from scipy import stats

    count = len(returns)
    found = np.eye(count)
    for first in range(count):
        for second in range(first):
            tau = stats.kendalltau(returns[first], returns[second]).statistic
            found[first, second] = found[second, first] = tau
    return found


def _columns(fields: Arrays, names: list[str]) -> NDArray[Any]:
    """The fields side by side `[N, D]`, float64."""
    import numpy as np

    return np.concatenate([np.asarray(fields[name], np.float64).reshape(len(fields[name]), -1) for name in names], axis=1)
