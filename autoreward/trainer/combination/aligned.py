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

START = 0.5  # of the largest term, in deviations of its advantage, where the progress has 1
RATE = 0.05  # of Adam, a rollout
MOST = 2.0  # of a weight, in the same
FORGET = 0.9  # of the deviations, a rollout
MOMENTUM, SQUARES = 0.9, 0.99


class AlignedWeights(Combination):
    """r = progress + sum_k w_k * term_k, and w goes where an update that it pays for makes more progress.

    The progress is paid as it grows (as `sparse` is), so that there is something to align to; it and the terms are in
    deviations of their advantages.

    Args:
        subject: whose terms are combined.
    """

    wants_policies = True

    def __init__(self, subject: Subject) -> None:
        members, terms = len(subject.seeds), len(subject.term_names)
        self._subject = subject
        self._v = np.zeros((members, terms))  # in deviations
        self._deviation = np.zeros((members, terms))
        self._progress_deviation = np.zeros(members)
        self._mean, self._square, self._steps = np.zeros((members, terms)), np.zeros((members, terms)), 0
        self._before: Seen | None = None
        self._remarks: dict[str, str] = {}

    def pay(self) -> Pay:
        """See Combination: before anything is known, the progress alone."""
        deviation = self._progress_deviation
        primary = np.where(deviation > 0.0, 1.0 / np.where(deviation > 0.0, deviation, 1.0), 1.0)
        return Pay(self.weights(), primary=np.asarray(primary, np.float32))

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        known = self._deviation > 0.0
        return np.asarray(np.where(known, self._v / np.where(known, self._deviation, 1.0), 0.0), np.float32)

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
        seen = Seen(steps.members, steps.observation, steps.action, terms, over)
        progress = seen._replace(paid=jnp.asarray(experience.progress).reshape(*shape, 1))
        self._measure(terms, progress.paid, over)
        head = self._subject.head
        if self._before is not None and head is not None:
            gradient = np.asarray(alignments(self._before, progress, head, self._subject.gamma), np.float64)
            self._ascend(gradient * np.where(self._deviation > 0.0, 1.0 / np.maximum(self._deviation, 1e-12), 0.0))
        self._before = seen

    def _measure(self, terms: Any, progress: Any, over: Any) -> None:
        """The deviations of advantages, running; the first of them give the program's weights their size."""
        gamma = self._subject.gamma
        now = np.asarray(advantages(terms, over, gamma), np.float64).std(axis=(0, 2))
        of_progress = np.asarray(advantages(progress, over, gamma), np.float64).std(axis=(0, 2))[:, 0]
        first = self._deviation == 0.0
        if first.all():
            sizes = np.abs(self._subject.weights) * now
            largest = sizes.max(axis=1, keepdims=True)
            signed = np.asarray(self._subject.weights) * now
            self._v = START * np.where(largest > 0.0, signed / np.where(largest > 0.0, largest, 1.0), 0.0)
        self._deviation = np.where(first, now, FORGET * self._deviation + (1.0 - FORGET) * now)
        known = self._progress_deviation
        self._progress_deviation = np.where(known == 0.0, of_progress, FORGET * known + (1.0 - FORGET) * of_progress)

    def _ascend(self, gradient: Float[np.ndarray, "m K"]) -> None:
        """One step of Adam upwards; a member whose gradient is not finite stays."""
        sound = np.isfinite(gradient).all(axis=1, keepdims=True)
        if not sound.all():
            self._remarks["finite"] = "A gradient of the weights was not finite: the last finite weights stay."
        gradient = np.where(sound, gradient, 0.0)
        self._steps += 1
        self._mean = MOMENTUM * self._mean + (1.0 - MOMENTUM) * gradient
        self._square = SQUARES * self._square + (1.0 - SQUARES) * gradient**2
        mean = self._mean / (1.0 - MOMENTUM**self._steps)
        size = np.sqrt(self._square / (1.0 - SQUARES**self._steps))
        self._v = np.clip(self._v + RATE * np.where(size > 0.0, mean / np.maximum(size, 1e-300), 0.0), -MOST, MOST)

    def learned(self, position: int) -> Mapping[str, NDArray[Any]]:
        """See Combination."""
        primary = self.pay().primary
        assert primary is not None  # it pays progress
        return {"weights": self.weights()[position], "progress": np.asarray(primary[position])}

    def remarks(self) -> tuple[str, ...]:
        """See Combination."""
        never = int((self._progress_deviation == 0.0).sum())
        if never:
            self._remarks["progress"] = f"{never} of its members never made progress, so nothing said which terms help."
        return tuple(self._remarks.values())
