"""The models of stable-baselines3, and what is asked of them here: actions, updates, the policy as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from jaxtyping import Float, Num
from numpy.typing import NDArray
from stable_baselines3 import DQN, SAC, TD3
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import polyak_update
from torch import nn

from autoreward.environment.declarations import ActionRange
from autoreward.records import Algo, OffPolicySettings
from autoreward.trainer.off_policy.experience import Experience

Weights = dict[str, NDArray[Any]]


class Model:
    """One model. Actions are in -1..1, or the number of a choice.

    Args:
        algo: sac, td3 or dqn.
        experience: what it learns from.
        seed: of its first networks and of its draws.
    """

    def __init__(
        self, algo: Algo, observation_size: int, actions: ActionRange, settings: OffPolicySettings, gamma: float,
        experience: Experience, seed: int,
    ) -> None:  # fmt: skip
        torch.set_num_threads(1)  # learners stand side by side, one a core
        self._algo, self._settings = algo, settings
        kinds: dict[str, Any] = {"sac": SAC, "td3": TD3, "dqn": DQN}
        self._model: Any = kinds[algo](
            "MlpPolicy",
            _Spaces(observation_size, actions),
            learning_rate=settings.adam_rate,
            buffer_size=1,  # of the buffer that `experience` stands in for
            batch_size=settings.batch_size,
            tau=settings.tau,
            gamma=gamma,
            policy_kwargs={"net_arch": list(settings.net_arch)},
            seed=seed,
            device="cpu",
        )
        self._model.set_logger(Logger(folder=None, output_formats=[]))
        self._model.replay_buffer = experience

    def explore(self, observation: Num[np.ndarray, "N O"], random_share: float, rng: Any) -> Float[np.ndarray, "N a"]:
        """Actions to learn from.

        Args:
            observation: as the networks see it.
            random_share: of DQN: share of actions that are drawn at random.
            rng: what the noise of TD3 and the random actions of DQN come from; SAC draws its own.
        """
        seen = torch.as_tensor(observation)
        with torch.no_grad():
            if self._algo == "dqn":
                values = self._model.q_net(seen).numpy()
                chance, other = rng.random(len(values)), rng.integers(values.shape[1], size=len(values))
                chosen = np.where(chance < random_share, other, values.argmax(axis=1))
                return np.asarray(chosen[:, None], np.float32)
            if self._algo == "sac":
                return np.asarray(self._model.actor(seen, deterministic=False).numpy())
            noise = self._settings.action_noise * rng.standard_normal((len(seen), self._model.action_space.shape[0]))
            return np.asarray(np.clip(self._model.actor(seen).numpy() + noise, -1.0, 1.0), np.float32)

    def update(self, steps: int) -> None:
        """Gradient steps."""
        if self._algo != "dqn":
            self._model.train(steps, self._settings.batch_size)
            return
        for _ in range(steps):  # whose target network follows in its callback, which is not called here
            self._model.train(1, self._settings.batch_size)
            online, target = self._model.q_net.parameters(), self._model.q_net_target.parameters()
            polyak_update(online, target, self._settings.tau)

    @property
    def finite(self) -> bool:
        """Whether all of its weights are numbers."""
        return all(bool(torch.isfinite(one).all()) for one in self._model.policy.parameters())

    def policy(self, experience: Experience) -> Weights:
        """The deterministic policy as recordings keep it: the layers, and how observations are normalised."""
        if self._algo == "dqn":
            layers = list(self._model.q_net.q_net)
        elif self._algo == "sac":
            layers = [*self._model.actor.latent_pi, self._model.actor.mu]
        else:
            layers = list(self._model.actor.mu)
        linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
        arrays: Weights = {
            "observation_mean": np.asarray(experience.observations.mean, np.float32),
            "observation_var": np.asarray(experience.observations.var, np.float32),
            "relu": np.asarray(1.0, np.float32),
            "squashed": np.asarray(0.0 if self._algo == "dqn" else 1.0, np.float32),
        }
        for index, layer in enumerate(linear):
            arrays[f"weights_{index}"] = layer.weight.detach().numpy().T.copy()
            arrays[f"bias_{index}"] = layer.bias.detach().numpy().copy()
        return arrays

    def state(self) -> Weights:
        """Everything that learns, and the optimisers, as plain arrays by path; nothing of it is a program."""
        flat: Weights = {"updates": np.asarray(self._model._n_updates), "torch_rng": torch.get_rng_state().numpy()}
        for name, part in self._model.get_parameters().items():
            flat |= {f"{name}/{path}": array for path, array in _flatten(part)}
        if self._algo == "sac":
            flat["log_ent_coef"] = self._model.log_ent_coef.detach().numpy().copy()
        return flat

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what `state` gave of a model with the same settings.

        Raises:
            KeyError, ValueError, RuntimeError: it is of another model.
        """
        parameters = self._model.get_parameters()
        filled = {name: _filled(part, state, name) for name, part in parameters.items()}
        self._model.set_parameters(filled, exact_match=True)
        if self._algo == "sac":
            with torch.no_grad():
                self._model.log_ent_coef.copy_(torch.as_tensor(state["log_ent_coef"]))
        self._model._n_updates = int(state["updates"])
        torch.set_rng_state(torch.as_tensor(state["torch_rng"]))


class _Spaces(gymnasium.Env[Any, Any]):
    """What a model is made for; nobody steps it."""

    def __init__(self, observation_size: int, actions: ActionRange) -> None:
        self.observation_space = spaces.Box(-np.inf, np.inf, (observation_size,), np.float32)
        self.action_space = (
            spaces.Discrete(actions.choices[0])
            if actions.choices
            else spaces.Box(-1.0, 1.0, (actions.low.size,), np.float32)
        )


def _flatten(tree: Mapping[Any, Any], path: str = "") -> list[tuple[str, NDArray[Any]]]:
    """The tensors of a state by their paths; an optimiser's settings are not of it."""
    found: list[tuple[str, NDArray[Any]]] = []
    for key, value in tree.items():
        here = f"{path}{key}"
        if isinstance(value, Mapping):
            found += _flatten(value, f"{here}/")
        elif isinstance(value, torch.Tensor):
            found.append((here, value.detach().numpy().copy()))
    return found


def _filled(part: Mapping[str, Any], state: Mapping[str, NDArray[Any]], name: str) -> Mapping[str, Any]:
    """A state like `part` with stored tensors; of an optimiser that has not stepped yet, those that were stored."""
    if "param_groups" not in part:
        return {key: torch.as_tensor(state[f"{name}/{key}"]) for key in part}
    stored: dict[int, dict[str, torch.Tensor]] = {}
    start = f"{name}/state/"
    for path, array in state.items():
        if path.startswith(start):
            index, _, key = path.removeprefix(start).partition("/")
            stored.setdefault(int(index), {})[key] = torch.as_tensor(array)
    return {"state": stored, "param_groups": part["param_groups"]}
