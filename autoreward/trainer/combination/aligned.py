"""Weights from the task's own progress: terms that help it are paid, those that harm it are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.trainer.combination.combination import Combination, Experience, Pay
from autoreward.trainer.combination.learned import Subject
from autoreward.trainer.combination.policy_gradients import Seen, advantages, alignments

RATE = 0.1  # of Adam, a rollout
DECAY = 0.05  # of a weight, a rollout: what is not confirmed is forgotten
MOST = 1.0  # of a weight, in deviations of the term's advantage, where the primary objective has 1
FORGET = 0.9  # of the deviations, a rollout
MOMENTUM, SQUARES = 0.9, 0.99


class AddedProgress(Combination):
    """The naive sum that aligned weights are measured beside: the task's progress, and the program's weights as given.

    Args:
        subject: whose terms are combined.
    """

    def __init__(self, subject: Subject) -> None:
        self._weights = np.repeat(np.asarray(subject.weights, np.float32)[None], len(subject.seeds), axis=0)

    def pay(self) -> Pay:
        """See Combination."""
        return Pay(self._weights, primary=np.tile(np.array([1.0, 0.0], np.float32), (len(self._weights), 1)))

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        return self._weights

    def learn(self, experience: Experience) -> None:
        """See Combination: there is nothing to learn."""


class AlignedWeights(Combination):
    """r = primary + sum_k w_k * term_k, and w goes where an update that it pays for makes more of the primary.

    The primary objective is the finer of the metric's two numbers, paid as it grows (as `sparse` is): progress ends at
    0 and 1, and where a policy makes none nothing would say which term is to blame; a displacement goes on. Terms are
    measured in deviations of their advantages. All weights start at 0: a misleading term that is paid from the first
    step makes a policy that shows no other way.

    Args:
        subject: whose terms are combined.
    """

    wants_policies = True

    def __init__(self, subject: Subject) -> None:
        members, terms = len(subject.seeds), len(subject.term_names)
        self._subject = subject
        self._v = np.zeros((members, terms))  # in deviations
        self._deviation = np.zeros((members, terms))
        self._primary_deviation = np.zeros(members)
        self._by_success: bool | None = None  # which of the two is finer; None: nothing was seen yet
        self._mean, self._square, self._steps = np.zeros((members, terms)), np.zeros((members, 1)), 0
        self._before: Seen | None = None
        self._remarks: dict[str, str] = {}

    def pay(self) -> Pay:
        """See Combination: before anything is known, the progress alone."""
        primary = np.zeros((len(self._v), 2), np.float32)
        primary[:, int(bool(self._by_success))] = 1.0
        return Pay(self.weights(), primary=primary)

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        known = self._deviation > 0.0
        unit = self._primary_deviation[:, None] / np.where(known, self._deviation, 1.0)
        return np.asarray(np.where(known, self._v * unit, 0.0), np.float32)

    def reset(self) -> None:
        """See Combination."""
        self._before = None

    def learn(self, experience: Experience) -> None:
        """See Combination."""
        steps = experience.policy_steps
        assert steps is not None  # it wants them
        shape = steps.observation.shape[:3]
        terms = jnp.asarray(experience.terms).reshape(*shape, -1)
        over = jnp.asarray(experience.over, jnp.float32).reshape(shape)
        primary = self._primary(experience).reshape(*shape, 1)
        both = jnp.concatenate([terms, primary], axis=-1)
        seen = Seen(steps.members, steps.observation, steps.action, both, over)
        self._measure(terms, primary, over)
        head = self._subject.head
        if self._before is not None and head is not None:
            outer = seen._replace(paid=primary)
            gradient = np.asarray(alignments(self._before, outer, head, self._subject.gamma), np.float64)
            units = np.concatenate([self._deviation, self._primary_deviation[:, None]], axis=1)
            self._ascend(gradient * np.where(units > 0.0, 1.0 / np.maximum(units, 1e-12), 0.0))
        self._before = seen

    def _primary(self, experience: Experience) -> Any:
        """By how much the finer of the metric's two numbers grew."""
        progress, outcome = jnp.asarray(experience.progress), experience.outcome
        if outcome is None:
            return progress
        success = jnp.nan_to_num(jnp.asarray(outcome), nan=0.0, posinf=0.0, neginf=0.0)
        if self._by_success is None:
            moved = [int((one != 0.0).sum()) for one in (progress, success)]
            self._by_success = moved[1] >= moved[0] if max(moved) else None
        return success if self._by_success else progress

    def _measure(self, terms: Any, primary: Any, over: Any) -> None:
        """The deviations of advantages, running."""
        gamma = self._subject.gamma
        now = np.asarray(advantages(terms, over, gamma), np.float64).std(axis=(0, 2))
        of_primary = np.asarray(advantages(primary, over, gamma), np.float64).std(axis=(0, 2))[:, 0]
        self._deviation = _running(self._deviation, now)
        self._primary_deviation = _running(self._primary_deviation, of_primary)

    def _ascend(self, gradient: Float[np.ndarray, "m K+1"]) -> None:
        """One step upwards, as Adam takes it but with one size for all; a member whose gradient is not finite stays.

        The size is that of the largest, of the terms and of the primary itself: a term that helps less moves less.
        """
        sound = np.isfinite(gradient).all(axis=1, keepdims=True)
        if not sound.all():
            self._remarks["finite"] = "A gradient of the weights was not finite: the last finite weights stay."
        gradient = np.where(sound, gradient, 0.0)
        largest = np.abs(gradient).max(axis=1, keepdims=True)
        self._steps += 1
        self._mean = MOMENTUM * self._mean + (1.0 - MOMENTUM) * gradient[:, :-1]
        self._square = SQUARES * self._square + (1.0 - SQUARES) * largest**2
        mean = self._mean / (1.0 - MOMENTUM**self._steps)
        size = np.sqrt(self._square / (1.0 - SQUARES**self._steps))
        step = np.where(size > 0.0, mean / np.maximum(size, 1e-300), 0.0)
        self._v = np.clip((1.0 - DECAY) * self._v + RATE * step, -MOST, MOST)

    def learned(self, position: int) -> Mapping[str, NDArray[Any]]:
        """See Combination."""
        return {"weights": self.weights()[position], "success" if self._by_success else "progress": np.float32(1.0)}

    def remarks(self) -> tuple[str, ...]:
        """See Combination."""
        never = int((self._primary_deviation == 0.0).sum())
        if never:
            self._remarks["progress"] = f"{never} of its members never made progress, so nothing said which terms help."
        return tuple(self._remarks.values())


def _running(known: Float[np.ndarray, " *batch"], now: Float[np.ndarray, " *batch"]) -> Float[np.ndarray, " *batch"]:
    """A running mean, from the first value that is not 0."""
    return np.where(known == 0.0, now, FORGET * known + (1.0 - FORGET) * now)
