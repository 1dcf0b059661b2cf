"""Weights from a ranking of the terms: the first that tells two segments apart decides which of them is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from autoreward.records import RankedFactor
from autoreward.trainer.combination.learned import LearnedFromEpisodes, Subject
from autoreward.trainer.combination.reward_model import Fitted, fit_preferences
from autoreward.trainer.combination.stored_episodes import StoredEpisodes

NETWORK = (256, 256)
RATE = 1e-3
SEGMENT = 50  # steps; a shorter episode is a segment of its own
LINEAR_STEPS, LINEAR_FIRST, LINEAR_BATCH = 32, 500, 64  # of Adam a rollout, after the first ones, and pairs each
NETWORK_STEPS, NETWORK_FIRST, NETWORK_BATCH = 8, 100, 32
CHUNK = 100


class RankedWeights(LearnedFromEpisodes):
    """f minimises the Bradley-Terry loss on pairs of segments, ordered by ranked factors.

    The first factor in rank in which two segments differ by more than its margin times its standard deviation decides;
    a pair that none tells apart is left out.

    Args:
        subject: whose terms are combined.
        rank: the factors, the one that counts most first.
        network: f is a network; else linear.

    Source: Bukharin et al. 2023, "Deep RL from Hierarchical Preference Design" (HERON), arXiv:2309.02632, section 3.
    """

    def __init__(self, subject: Subject, rank: Sequence[RankedFactor], network: bool = False) -> None:
        super().__init__(subject, NETWORK if network else ())
        self._columns = [subject.term_names.index(factor.term) for factor in rank]
        self._signs = np.asarray([1.0 if factor.better == "more" else -1.0 for factor in rank])
        self._margins = np.asarray([factor.margin for factor in rank])

    def remarks(self) -> Sequence[str]:
        """See Combination; and which weights nobody ranked, or that have not the sign that the program gave them."""
        said = list(super().remarks())
        if all(one is None for one in self._fitted):
            return tuple(said)
        names, ranked = self._subject.term_names, set(self._columns)
        means = self.weights().mean(axis=0)
        others = [f"{names[k]!r} ({means[k]:.3g})" for k in range(len(names)) if k not in ranked and means[k] != 0.0]
        if others:
            said.append(f"Not in --rank, but weighted as it goes along with what is: {', '.join(others)}.")
        turned = [f"{names[k]!r} ({means[k]:.3g})" for k in range(len(names)) if means[k] * self._program[k] < 0.0]
        if turned:
            said.append(f"The ranking has turned the sign that the program gave to: {', '.join(turned)}.")
        return tuple(said)

    def unit(self, episodes: StoredEpisodes) -> float:
        """See LearnedFromEpisodes: a preference has no unit; 0 where no ranked factor varies."""
        return float((episodes.scale()[self._columns] > 0.0).any())

    def fit(self, position: int, fitted: Fitted, episodes: StoredEpisodes, rng: Any, first: bool) -> Fitted:
        """See LearnedFromEpisodes."""
        linear = not self._hidden
        steps = (LINEAR_FIRST if first else LINEAR_STEPS) if linear else (NETWORK_FIRST if first else NETWORK_STEPS)
        batch = LINEAR_BATCH if linear else NETWORK_BATCH
        for start in range(0, steps, CHUNK):
            shape = (min(CHUNK, steps - start), batch, 2)
            segments, inside = self._segments(episodes, rng, shape)
            order = decide_pairs(self._sums(segments, inside), self._margins)
            first_better = (order >= 0)[..., None, None]
            better = np.where(first_better, segments[:, :, 0], segments[:, :, 1])
            worse = np.where(first_better, segments[:, :, 1], segments[:, :, 0])
            seen = np.where(first_better, inside, inside[:, :, ::-1]) * (order != 0)[..., None, None]
            fitted = fit_preferences(fitted, better, worse, np.float32(seen), RATE)
        return fitted

    def _segments(
        self, episodes: StoredEpisodes, rng: Any, shape: tuple[int, int, int]
    ) -> tuple[Float[np.ndarray, "S B 2 W K"], Float[np.ndarray, "S B 2 W"]]:
        """Segments of chance, and which of their steps belong to them."""
        lengths = episodes.lengths
        chosen = rng.integers(0, len(lengths), shape)
        room = np.maximum(lengths[chosen] - SEGMENT, 0)
        start = (rng.random(shape) * (room + 1)).astype(np.int64)
        at = start[..., None] + np.arange(SEGMENT)
        inside = (at < lengths[chosen][..., None]).astype(np.float32)
        return episodes.steps(chosen, np.minimum(at, lengths[chosen][..., None] - 1)), inside

    def _sums(
        self, segments: Float[np.ndarray, "S B 2 W K"], inside: Float[np.ndarray, "S B 2 W"]
    ) -> Float[np.ndarray, "S B 2 F"]:
        """The sum of each ranked factor over each segment, more is better."""
        ranked = segments[..., self._columns].astype(np.float64) * inside[..., None]
        return np.asarray(ranked.sum(axis=-2) * self._signs)


def decide_pairs(sums: Float[np.ndarray, "S B 2 F"], margins: Float[np.ndarray, " F"]) -> Int[np.ndarray, "S B"]:
    """1 where the first of two segments is better, -1 where the second is, 0 where nothing tells them apart.

    Args:
        sums: of F factors, that which counts most first; more is better.
        margins: times the standard deviation of a factor over all segments.
    """
    difference = sums[..., 0, :] - sums[..., 1, :]
    deviation = sums.reshape(-1, sums.shape[-1]).std(axis=0)
    tells = np.abs(difference) > margins * deviation
    which = tells.argmax(axis=-1)
    decided = np.take_along_axis(difference, which[..., None], axis=-1)[..., 0]
    return np.where(tells.any(axis=-1), np.sign(decided), 0).astype(int)
