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
contains the programs' own potentials, besides what people bend single fields and pairs of fields with. A constant is
projected out as well. With the constant potential it makes 1 - terminated, so a reward for survival alone counts as
shaping, although it does change what is best where episodes terminate: the rank agreement of trajectories shows that,
and this distance does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

MAX_FEATURES = 640
SAMPLES_A_FEATURE = 8  # fewer, and the fit takes away the reward itself
QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)  # of an entry, where its bumps stand
NEGLIGIBLE = 1e-5  # of a reward's own norm: what float32 leaves of a reward that is nothing but shaping
SEED = 20_240_311


def state_features(state: Arrays, next_state: Arrays) -> tuple[NDArray[Any], NDArray[Any]]:
    """psi(s) and psi(s') `[N, P]`: of every entry of the fields, and of pairs of entries.

    1 and the entries x, standardised over the samples; their squares; bumps exp(-(x - q)^2 / 2) and kinks |x - q| at
    quantiles q; and cos(u x_i + v x_j + b) at random pairs and frequencies, until P is the lesser of 640 and N / 8.
    Most potentials that people write are near the span: a few entries, bent, squashed or multiplied.

    Args:
        state: fields `[N, ...]` before the action.
        next_state: the same fields after it, and others, which are left out.

    Source: Rahimi, Recht 2007, "Random Features for Large-Scale Kernel Machines", for the last kind.
    """
    names = sorted(state.keys() & next_state.keys())
    before, after = _standardised(_columns(state, names), _columns(next_state, names))
    room = max(0, min(MAX_FEATURES, len(before) // SAMPLES_A_FEATURE) - 1)
    at = np.quantile(before, QUANTILES, axis=0)  # [Q, D]
    rng = np.random.default_rng(SEED)
    pairs = rng.integers(before.shape[1], size=(2, room)) if before.shape[1] else np.zeros((2, 0), int)
    frequencies = rng.standard_normal((2, pairs.shape[1])) * 2.0 ** rng.uniform(-1.0, 1.5, pairs.shape[1])
    phases = rng.uniform(0.0, 2.0 * np.pi, pairs.shape[1])

    def features(x: NDArray[Any]) -> NDArray[Any]:
        bumps = [np.exp(-0.5 * (x - q) ** 2) for q in at]
        kinks = [np.abs(x - q) for q in at]
        waves = np.cos(np.einsum("f,nf->nf", frequencies[0], x[:, pairs[0]]) + frequencies[1] * x[:, pairs[1]] + phases)
        columns = np.concatenate([x, x**2, *bumps, *kinks, waves], axis=1)[:, :room]
        return np.concatenate([np.ones((len(x), 1)), columns], axis=1)

    return features(before), features(after)


def shaping_basis(psi: NDArray[Any], psi_next: NDArray[Any], gamma: float, terminated: NDArray[Any]) -> NDArray[Any]:
    """B `[N, P + 1]`: what each feature pays as a potential, and a constant.

    Args:
        psi: features of the state `[N, P]`.
        psi_next: of the state after it `[N, P]`.
        gamma: discount factor.
        terminated: 1.0 where the episode ended for good `[N]`: the potential is zero there.
    """
    alive = 1.0 - np.asarray(terminated, np.float64)[:, None]
    return np.concatenate([gamma * psi_next * alive - psi, np.ones((len(psi), 1))], axis=1)


def canonical(rewards: NDArray[Any], basis: NDArray[Any]) -> NDArray[Any]:
    """c(R) of each reward `[K, N]`: what is left of it beside the best potential and the best constant.

    Args:
        rewards: `[K, N]`, of K rewards on the same N transitions.
        basis: B `[N, P]`; columns may depend on each other.
    """
    rewards = np.asarray(rewards, np.float64)
    scale = np.sqrt((basis**2).mean(axis=0))
    scaled = basis / np.where(scale > 0.0, scale, 1.0)
    fit, *_ = np.linalg.lstsq(scaled, rewards.T, rcond=1e-10)
    left: NDArray[Any] = rewards - (scaled @ fit).T
    return left


def starc_distances(left: NDArray[Any], trivial: NDArray[Any]) -> NDArray[Any]:
    """STARC distance of each pair of rewards `[K, K]`, in [0, 1]; see the top of this file.

    Args:
        left: their canonical rewards `[K, N]`, of `canonical`.
        trivial: of `trivial_rewards`, bool `[K]`: what is left of these counts as 0.
    """
    norms = np.where(trivial, 1.0, np.linalg.norm(left, axis=1))
    standard = np.where(trivial[:, None], 0.0, left) / norms[:, None]
    apart = np.linalg.norm(standard[:, None] - standard[None], axis=2)
    return np.clip(0.5 * apart, 0.0, 1.0)  # type: ignore[no-any-return]


def trivial_rewards(rewards: NDArray[Any], left: NDArray[Any]) -> NDArray[Any]:
    """Which rewards are nothing but shaping and shift, bool `[K]`; `left` is `canonical(rewards, basis)`."""
    trivial: NDArray[Any] = np.linalg.norm(left, axis=1) <= NEGLIGIBLE * np.linalg.norm(rewards, axis=1)
    return trivial


def rank_agreement(returns: NDArray[Any]) -> NDArray[Any]:
    """Kendall's tau-b between the orders that K rewards give M trajectories `[K, K]`; NaN where all returns are equal.

    Args:
        returns: `[K, M]`, of each trajectory under each reward.

    Source: Kendall 1945, "The treatment of ties in ranking problems".
    """
    from scipy import stats

    count = len(returns)
    agreement = np.eye(count)
    for first in range(count):
        for second in range(first):
            tau = stats.kendalltau(returns[first], returns[second]).statistic
            agreement[first, second] = agreement[second, first] = tau
    return agreement


def _standardised(before: NDArray[Any], after: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both `[N, D]` with mean 0 and deviation 1 of `before`, without constants and without repeated columns."""
    mean, spread = before.mean(axis=0), before.std(axis=0)
    varying = spread > 1e-6 * np.maximum(1.0, np.abs(mean))
    before, after = ((side[:, varying] - mean[varying]) / spread[varying] for side in (before, after))
    _, first = np.unique(np.round(np.abs(before), 4), axis=1, return_index=True)  # the observation repeats fields
    first.sort()
    return before[:, first], after[:, first]


def _columns(fields: Arrays, names: list[str]) -> NDArray[Any]:
    """The fields side by side `[N, D]`, float64."""
    return np.concatenate(
        [np.asarray(fields[name], np.float64).reshape(len(fields[name]), -1) for name in names], axis=1
    )
