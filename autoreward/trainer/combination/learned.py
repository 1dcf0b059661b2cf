"""What combinations that fit a reward model to stored episodes have in common: from episodes to what is paid."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from autoreward.trainer.combination.combination import Combination, Experience, Pay
from autoreward.trainer.combination.reward_model import (
    Fitted,
    RewardModel,
    initial_model,
    is_finite,
    model_arrays,
    rescaled,
    stack_models,
    start_optimiser,
    weights_of,
)
from autoreward.trainer.combination.stored_episodes import Episodes, StoredEpisodes
from autoreward.trainer.population.heads import Head
from autoreward.trainer.population.seeding import Purpose, generator

ENOUGH = 10_000  # transitions in finished episodes, before anything is fitted


@dataclass(frozen=True)
class Subject:
    """Whose terms are combined.

    Attributes:
        term_names: K names.
        weights: of the program [K]: what is paid until something is learned.
        seeds: seed index of each member.
        job_seed: of the training.
        gamma: discount.
        head: how the policies' outputs become actions.
    """

    term_names: tuple[str, ...]
    weights: tuple[float, ...]
    seeds: tuple[int, ...]
    job_seed: int
    gamma: float = 0.99
    head: Head | None = None

    def generator(self, position: int, iteration: int) -> Any:
        """The chance of one member in one rollout."""
        return generator(self.job_seed, self.seeds[position], Purpose.COMBINATION, iteration)


class LearnedFromEpisodes(Combination):
    """A reward model of each member, fitted to its own finished episodes between rollouts.

    Args:
        subject: whose terms are combined.
        hidden: sizes of hidden layers; none: linear.
    """

    def __init__(self, subject: Subject, hidden: Sequence[int]) -> None:
        self._subject, self._hidden = subject, tuple(hidden)
        self._episodes = Episodes(len(subject.seeds), len(subject.term_names))
        self._fitted: list[Fitted | None] = [None for _ in subject.seeds]
        self._unit = [1.0 for _ in subject.seeds]
        self._program = np.asarray(subject.weights, np.float32)
        self._weights = [self._program for _ in subject.seeds]
        self._remarks: dict[str, str] = {}

    @abstractmethod
    def fit(self, position: int, fitted: Fitted, episodes: StoredEpisodes, rng: Any, first: bool) -> Fitted:
        """One member's model after a rollout; `first` where it has not been fitted before."""

    def scale(self, episodes: StoredEpisodes) -> Float[np.ndarray, " K"]:
        """What each term is measured in; 0 for a constant one."""
        return episodes.scale()

    @abstractmethod
    def unit(self, episodes: StoredEpisodes) -> float:
        """What f is measured in; 0 where there is nothing to fit."""

    def pay(self) -> Pay | None:
        """See Combination."""
        if all(one is None for one in self._fitted):
            return None
        weights = np.stack(self._weights)
        if not self._hidden:
            return Pay(weights)
        program = self._as_model()
        models = [program if one is None else one.model for one in self._fitted]
        return Pay(weights, stack_models(models))

    def reset(self) -> None:
        """See Combination."""
        self._episodes.reset()

    def weights(self) -> Float[np.ndarray, "m K"]:
        """See Combination."""
        return np.stack(self._weights)

    def learn(self, experience: Experience) -> None:
        """See Combination."""
        self._episodes.add(experience)
        for position, episodes in enumerate(self._episodes.of_member):
            if episodes.stored < ENOUGH:
                continue
            unit = self.unit(episodes)
            if not unit > 0.0:
                self._say("constant", "All episodes came to the same: the weights of the program stay.")
                continue
            self._learn_member(position, episodes, unit, experience.iteration)

    def _learn_member(self, position: int, episodes: StoredEpisodes, unit: float, iteration: int) -> None:
        rng = self._subject.generator(position, iteration)
        known, scale = self._fitted[position], np.asarray(self.scale(episodes), np.float32)
        self._note_constant(scale)
        if known is None:
            model = initial_model(rng, len(scale), self._hidden)._replace(scale=scale)
            start = Fitted(model, start_optimiser(model))
        else:
            start = Fitted(rescaled(known.model, scale, self._unit[position] / unit), known.optimiser)
        fitted: Fitted = jax.tree.map(np.asarray, self.fit(position, start, episodes, rng, known is None))
        if not is_finite(fitted.model):
            self._say("finite", "A learned weight was not finite: the last finite weights stay.")
            return
        self._fitted[position], self._unit[position] = fitted, unit
        self._weights[position] = weights_of(fitted.model, self._some_steps(episodes, rng))

    def _some_steps(self, episodes: StoredEpisodes, rng: Any) -> Float[np.ndarray, "N K"]:
        chosen = rng.integers(0, len(episodes.episodes), 256)
        at = (rng.random((256, 1)) * episodes.lengths[chosen][:, None]).astype(int)
        return episodes.steps(chosen, at)[:, 0]

    def _as_model(self) -> RewardModel:
        """The program's weights as a network: not before it is learned, so a linear layer beside zeros of its shape."""
        terms, wide = len(self._program), self._hidden[0]
        model = initial_model(np.random.default_rng(0), terms, self._hidden)
        layers = [(np.zeros_like(weights), np.zeros_like(bias)) for weights, bias in model.layers]
        first = layers[0][0]
        first[:, 0], first[:, 1] = self._program, -self._program  # relu(x) - relu(-x) = x
        for weights, _ in layers[1:-1]:
            weights[0, 0] = weights[1, 1] = 1.0
        layers[-1][0][0, 0], layers[-1][0][1, 0] = 1.0, -1.0
        assert wide > 1
        return RewardModel(np.ones(terms, np.float32), tuple(layers))

    def learned(self, position: int) -> Mapping[str, NDArray[Any]]:
        """See Combination."""
        fitted = self._fitted[position]
        return {} if fitted is None else model_arrays(fitted.model)

    def remarks(self) -> Sequence[str]:
        """See Combination."""
        if any(one is None for one in self._fitted) and not self._remarks:
            most = max(one.stored for one in self._episodes.of_member)
            self._say(
                "few", f"Nothing was learned from {most:,} transitions of finished episodes (from {ENOUGH:,} on)."
            )
        return tuple(self._remarks.values())

    def _note_constant(self, scale: Float[np.ndarray, " K"]) -> None:
        for name, spread in zip(self._subject.term_names, scale, strict=True):
            if not spread > 0.0:
                self._say(f"term {name}", f"Term {name!r} is the same in all steps: it is not weighted.")

    def _say(self, key: str, sentence: str) -> None:
        self._remarks.setdefault(key, sentence)
