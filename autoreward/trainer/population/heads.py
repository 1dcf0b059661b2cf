"""How a policy's outputs become actions: a Gaussian around them, or choices with them as log-odds.

Both draw from noise that is made beforehand, `[..., A]`, so that members of one seed share it whatever they are paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Float

from autoreward.environment.declarations import ActionRange
from autoreward.trainer.population import policy
from autoreward.trainer.population.policy import Parameters

Array = Any


@runtime_checkable
class Head(Protocol):
    """What PPO asks of it. Actions are as the policy draws them, before `scale`."""

    def noise(self, key: Array, shape: tuple[int, ...]) -> Array:
        """Noise of T steps."""
        ...

    def sample(self, output: Float[Array, "*B A"], log_std: Float[Array, " A"], noise: Array) -> Array:
        """An action, drawn with this noise."""
        ...

    def scale(self, output: Float[Array, "*B A"]) -> Float[Array, "*B A"]:
        """What the environment takes: of an action, or of the network's output for the likeliest one."""
        ...

    def noise_log_probability(self, parameters: Parameters, observation: Array, action: Array, noise: Array) -> Array:
        """Log density of actions that these parameters drew with this noise `[*B]`."""
        ...

    def log_probability(self, parameters: Parameters, observation: Array, action: Array) -> Array:
        """Log density of actions `[*B]`."""
        ...

    def entropy(self, parameters: Parameters, observation: Array) -> Array:
        """Mean entropy over states."""
        ...


class Gaussian:
    """Numbers in a range: mean and a standard deviation that is the same in every state."""

    def __init__(self, actions: ActionRange) -> None:
        self._actions = actions

    def noise(self, key: Array, shape: tuple[int, ...]) -> Array:
        """Standard normal."""
        return jax.random.normal(key, shape)

    def sample(self, output: Float[Array, "*B A"], log_std: Float[Array, " A"], noise: Array) -> Array:
        """See Head."""
        return output + jnp.exp(log_std) * noise

    def scale(self, output: Float[Array, "*B A"]) -> Float[Array, "*B A"]:
        """See Head."""
        return policy.scale_action(output, self._actions)

    def noise_log_probability(self, parameters: Parameters, observation: Array, action: Array, noise: Array) -> Array:
        """See Head."""
        return policy.noise_log_probability(parameters, noise)

    def log_probability(self, parameters: Parameters, observation: Array, action: Array) -> Array:
        """See Head."""
        return policy.log_probability(parameters, observation, action)

    def entropy(self, parameters: Parameters, observation: Array) -> Array:
        """See Head."""
        return policy.entropy(parameters)


class Categorical:
    """Choices, one-hot: a part of the output for each, with its log-odds."""

    def __init__(self, actions: ActionRange) -> None:
        self._sizes = actions.choices

    def noise(self, key: Array, shape: tuple[int, ...]) -> Array:
        """Gumbel: the largest sum of log-odds and noise is a draw from the choices.

        Source: Maddison, Tarlow, Minka 2014, arXiv:1411.0030.
        """
        return jax.random.gumbel(key, shape)

    def sample(self, output: Float[Array, "*B A"], log_std: Float[Array, " A"], noise: Array) -> Array:
        """See Head."""
        return self.scale(output + noise)

    def scale(self, output: Float[Array, "*B A"]) -> Float[Array, "*B A"]:
        """One-hot at the largest of each part; of one-hot rows themselves."""
        parts = [jax.nn.one_hot(jnp.argmax(part, axis=-1), part.shape[-1]) for part in self._parts(output)]
        return jnp.concatenate(parts, axis=-1)

    def noise_log_probability(self, parameters: Parameters, observation: Array, action: Array, noise: Array) -> Array:
        """See Head."""
        return self.log_probability(parameters, observation, action)

    def log_probability(self, parameters: Parameters, observation: Array, action: Array) -> Array:
        """See Head."""
        outputs = self._parts(policy.action_mean(parameters, observation))
        # log p = sum over the choices of the log-softmax at the one that was made
        return sum(
            jnp.sum(jax.nn.log_softmax(part) * chosen, axis=-1)
            for part, chosen in zip(outputs, self._parts(action), strict=True)
        )

    def entropy(self, parameters: Parameters, observation: Array) -> Array:
        """See Head."""
        total: Array = 0.0
        for part in self._parts(policy.action_mean(parameters, observation)):
            log = jax.nn.log_softmax(part)
            total = total - jnp.sum(jnp.exp(log) * log, axis=-1).mean()
        return total

    def _parts(self, rows: Float[Array, "*B A"]) -> Iterator[Array]:
        start = 0
        for size in self._sizes:
            yield rows[..., start : start + size]
            start += size


def make_head(actions: ActionRange) -> Head:
    """The head for the actions of an environment."""
    return Categorical(actions) if actions.choices else Gaussian(actions)
