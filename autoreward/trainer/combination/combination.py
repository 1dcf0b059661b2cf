"""The seam: how the terms of one candidate's members are combined, from one rollout to the next.

    pay() -> the rollout is paid with it -> learn(what came of the rollout) -> pay() of the next rollout -> ...

A combination belongs to one candidate. It sees terms, time, the environments' episodes and the task's progress, and
never the number that the members are judged by on other episodes. It is told the same by every backend.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

Array = Any  # of numpy, or of jax where the rollout stays on a device


class Pay(NamedTuple):
    """What the m members of a candidate are paid with in one rollout."""

    weights: Float[Array, "m K"]
    model: Any = None  # of a learned reward that is no weighted sum: arrays [m, ...]; None: weighted
    primary: Float[Array, "m 2"] | None = None  # weights of the growth of the task's progress and of its success beside
    # the terms; None: they are not paid


class Experience(NamedTuple):
    """What one rollout of m members with n environments came to."""

    terms: Float[Array, "T n K"]  # unweighted, finite
    progress: Float[Array, "T n"]  # by how much the task's progress grew, where it is measured: every tenth step
    over: Bool[Array, "T n"]  # an episode ended with the step
    ended_t: Int[np.ndarray, " E"]  # the episodes that ended and were measured: the step of the rollout,
    ended_env: Int[np.ndarray, " E"]  # the environment,
    ended_success: Float[np.ndarray, " E"]  # and what the success metric says of it
    ended_progress: Float[np.ndarray, " E"]
    iteration: int  # of the rollout
    policy_steps: PolicySteps | None = None
    outcome: Float[Array, "T n"] | None = None  # as `progress`, of success


class PolicySteps(NamedTuple):
    """The policies' side of a rollout of m members with E environments each."""

    members: Any  # ppo.Member [m]: as they were in the rollout
    observation: Float[Array, "T m E O"]
    action: Float[Array, "T m E A"]  # as the policies drew them


class Combination(ABC):
    """How the terms of one candidate's members are combined."""

    learns = True
    wants_policies = False  # whether it learns from what the policies did, too

    @abstractmethod
    def pay(self) -> Pay | None:
        """What the next rollout is paid with; None: the weights of the program."""

    @abstractmethod
    def weights(self) -> Float[np.ndarray, "m K"]:
        """The same as weights: of a model, how much it pays for a little more of each term, in the mean."""

    @abstractmethod
    def learn(self, experience: Experience) -> None:
        """Take in what a rollout came to."""

    def reset(self) -> None:
        """All environments begin new episodes."""
        return

    def shortfall(self, means: Float[np.ndarray, "E K"]) -> Float[np.ndarray, " E"]:
        """By how much episodes fail what is required beside progress; `means` are of their terms, over their steps."""
        return np.zeros(len(means))

    def learned(self, position: int) -> Mapping[str, NDArray[Any]]:
        """What a member has learned, as plain arrays; nothing where weights are fixed."""
        return {}

    def remarks(self) -> Sequence[str]:
        """What a person should know of how it went; nothing where all went well."""
        return ()


class FixedWeights(Combination):
    """The weights of the program, for all members and from beginning to end.

    Args:
        weights: of the program [K].
        members: m.
    """

    learns = False

    def __init__(self, weights: Sequence[float], members: int) -> None:
        self._weights = np.repeat(np.asarray(weights, np.float32)[None], members, axis=0)

    def pay(self) -> None:
        """See Combination."""
        return

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        return self._weights

    def learn(self, experience: Experience) -> None:
        """See Combination: there is nothing to learn."""
