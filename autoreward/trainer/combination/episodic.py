"""Weights from the progress of whole episodes: which steps it came from, by the terms that they had."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from autoreward.trainer.combination.learned import LearnedFromEpisodes, Subject
from autoreward.trainer.combination.reward_model import Fitted, fit_returns
from autoreward.trainer.combination.stored_episodes import StoredEpisodes, deviations

NETWORK = (256, 256, 256)
RATE = 3e-4
SAMPLED = 64  # steps of an episode
LINEAR_STEPS, LINEAR_FIRST, LINEAR_BATCH = 400, 4_000, 64  # of Adam a rollout, the first time, and episodes each
NETWORK_STEPS, NETWORK_FIRST, NETWORK_BATCH = 16, 200, 32
CHUNK = 200  # steps of Adam in one call: what is sampled for them is in memory


class EpisodicWeights(LearnedFromEpisodes):
    """f minimises (G / T - mean over 64 sampled steps of f(z))^2; G is what an episode came to, T its length.

    A linear f takes the mean over all steps, which costs it no more than f of one step. Sampled, the mean of a term
    that differs much from step to step is noise, and its weight goes to the others that happen to go with it: on half
    cheetah to effort, in place of the speed that the displacement is the sum of.

    Args:
        subject: whose terms are combined.
        network: f is a network; else linear.

    Source: Qu et al. 2025, "Latent Reward: LLM-Empowered Credit Assignment in Episodic RL", arXiv:2412.11120.
    """

    def __init__(self, subject: Subject, network: bool = False) -> None:
        super().__init__(subject, NETWORK if network else ())

    def unit(self, episodes: StoredEpisodes) -> float:
        """See LearnedFromEpisodes: the deviation of the outcome a step."""
        paid = episodes.outcomes / episodes.lengths
        spread = float(paid.std())
        return spread if spread > 1e-9 * float(np.abs(paid).max(initial=0.0)) else 0.0

    def scale(self, episodes: StoredEpisodes) -> Float[np.ndarray, " K"]:
        """See LearnedFromEpisodes: a linear f sees episodes, not steps."""
        return episodes.scale() if self._hidden else deviations(episodes.means)

    def fit(self, position: int, fitted: Fitted, episodes: StoredEpisodes, rng: Any, first: bool) -> Fitted:
        """See LearnedFromEpisodes."""
        lengths = episodes.lengths
        target = np.asarray(episodes.outcomes / lengths / self.unit(episodes), np.float32)
        if not self._hidden:
            means = np.asarray(episodes.means, np.float32)[:, None]
            chosen = rng.integers(0, len(lengths), (LINEAR_FIRST if first else LINEAR_STEPS, LINEAR_BATCH))
            fitted = fit_returns(fitted, means[chosen], target[chosen], RATE)
        steps = (NETWORK_FIRST if first else NETWORK_STEPS) if self._hidden else 0
        for start in range(0, steps, CHUNK):
            chosen = rng.integers(0, len(lengths), (min(CHUNK, steps - start), NETWORK_BATCH))
            at = (rng.random((*chosen.shape, SAMPLED)) * lengths[chosen][..., None]).astype(np.int64)
            fitted = fit_returns(fitted, episodes.steps(chosen, at), target[chosen], RATE)
        return fitted
