"""The program's weights, moved slowly to the terms that still tell the present policy something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.trainer.combination.combination import Combination, Experience, Pay
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.combination.policy_gradients import advantages

MOST = 4.0  # times the program's weight, and a fourth of it
RATE = 0.05  # of the way, a rollout


class AdaptiveWeights(Combination):
    """A term informs a policy by the variance of its advantage: what is paid equally whatever is done teaches nothing.

    Informativeness is that deviation beside the largest that the term has had. The logarithm of a weight goes to
    log(4) * (informativeness, less its mean over the terms), so all weights stay within a factor of 4 of the program's.

    Args:
        subject: whose terms are combined.
    """

    def __init__(self, subject: Subject) -> None:
        members, terms = len(subject.seeds), len(subject.term_names)
        self._subject = subject
        self._program = np.asarray(subject.weights, np.float64)
        self._largest = np.zeros((members, terms))
        self._moved = np.zeros((members, terms))  # logarithms

    def pay(self) -> Pay:
        """See Combination."""
        return Pay(self.weights())

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        return np.asarray(self._program * np.exp(self._moved), np.float32)

    def learn(self, experience: Experience) -> None:
        """See Combination."""
        members = len(self._moved)
        length, count, _ = experience.terms.shape
        terms = jnp.asarray(experience.terms).reshape(length, members, count // members, -1)
        over = jnp.asarray(experience.over, jnp.float32).reshape(length, members, -1)
        now = np.asarray(advantages(terms, over, self._subject.gamma), np.float64).std(axis=(0, 2))
        now = np.where(np.isfinite(now), now, self._largest)
        self._largest = np.maximum(self._largest, now)
        informs = np.where(self._largest > 0.0, now / np.where(self._largest > 0.0, self._largest, 1.0), 0.0)
        wanted = np.log(MOST) * (informs - informs.mean(axis=1, keepdims=True))
        self._moved += RATE * (wanted - self._moved)

    def learned(self, position: int) -> Mapping[str, NDArray[Any]]:
        """See Combination."""
        return {"weights": self.weights()[position]}
