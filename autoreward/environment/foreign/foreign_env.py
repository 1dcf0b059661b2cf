"""N copies of somebody else's environment stepped together, with the interface of vector_env.VectorEnv.

Each copy is reset by us, with a seed of its own stream: so `next_state` is always the state before the reset, episodes
are the same whoever else stands in the batch, and a time limit stays a truncation. Where the code of a copy raises, or
returns numbers that are none, its episode is cut there, as one of a simulation that diverged, and the others go on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Num
from numpy.typing import NDArray

from autoreward.environment.foreign.copies import Moments
from autoreward.environment.foreign.memory_watch import MemoryWatch
from autoreward.environment.pack import Noise, Pack
from autoreward.environment.vector_env import Rollout
from autoreward.errors import EnvironmentFailedError

SEEDS = 1 << 24  # of resets: each can be written as a float32
FAILURES = 3  # of steps a copy, from which it is looked at how many there are
FAILING = 0.02  # share of steps that may fail


class ForeignEnv:
    """N copies of the environment that a pack stands for.

    Args:
        pack: with `foreign`.
        num_envs: N.
        horizon: steps until truncation; the pack's by default.
    """

    model_numbers = 0  # nothing of a model is randomised
    noise_size = 1  # a seed

    def __init__(self, pack: Pack, num_envs: int, horizon: int | None = None) -> None:
        assert pack.copies is not None  # load_pack has made one
        self.pack, self.num_envs, self.horizon = pack, num_envs, horizon or pack.horizon
        self._copies = pack.copies.take(num_envs)
        self.layout = self._copies.layout
        self.actions = self.layout.actions.range
        self.hidden = frozenset(spec.name for spec in self.layout.hidden)  # fields that designers may not see
        self._elapsed = np.zeros(num_envs, np.int32)
        self._previous_action = np.zeros((num_envs, self.actions.low.size), np.float32)
        self.refused: dict[int, str] = {}  # a copy that fails is made anew, and never given up
        self._failures, self._steps, self._last_failure = 0, 0, ""
        self._memory = MemoryWatch()
        self._seeds = np.zeros(num_envs, np.int64)
        self._moments: Moments | None = None
        self.observation = np.zeros((num_envs, pack.observation_size), np.float32)

    def randomise(self, numbers: Float[np.ndarray, "N R"]) -> None:
        """Nothing: how its model varies is the environment's own business."""

    def reset(self, noise: Noise, which: Bool[np.ndarray, " N"] | None = None) -> Float32[np.ndarray, "N O"]:
        """New episodes in the environments `which` (bool `[N]`, all by default).

        Args:
            noise: rows `[N, 1]`: the seed of each.

        Raises:
            EnvironmentFailedError: its reset raises.
        """
        which = np.ones(self.num_envs, bool) if which is None else which
        seeds = ((np.asarray(noise.uniform)[:, 0] + 1.0) / 2.0 * (SEEDS - 1)).astype(np.int64)
        fresh = self._copies.reset(np.flatnonzero(which), seeds[which])
        self._seeds[which] = seeds[which]
        self._elapsed[which] = 0
        self._previous_action[which] = 0.0
        if self._moments is None:
            self._moments = fresh
        else:
            self._moments = self._moments.replaced(which, fresh)
        self.observation = self._moments.rows
        return self.observation

    def new_rollout(self, num_steps: int) -> Rollout:
        """Empty arrays for `num_steps` steps."""
        assert self._moments is not None  # reset comes first
        shape = (num_steps, self.num_envs)

        def like() -> dict[str, NDArray[Any]]:
            assert self._moments is not None
            raw = {name: np.empty((*shape, *array.shape[1:])) for name, array in self._moments.raw.items()}
            return raw | {"seed": np.empty(shape)}

        size, actions = self.pack.observation_size, self.actions.low.size
        return Rollout(
            before=like(),
            after=like(),
            observation=np.empty((*shape, size), np.float32),
            next_observation=np.empty((*shape, size), np.float32),
            action=np.empty((*shape, actions), np.float32),
            previous_action=np.empty((*shape, actions), np.float32),
            elapsed=np.empty(shape, np.int32),
            terminated=np.empty(shape, bool),
            truncated=np.empty(shape, bool),
            diverged=np.empty(shape, bool),
            memory_before={},
            memory_after={},
        )

    def step(
        self, action: Num[np.ndarray, "N A"], rollout: Rollout, t: int, noise: Noise
    ) -> Float32[np.ndarray, "N O"]:
        """Apply `action`, record step t, reset what ended; see VectorEnv.

        Raises:
            EnvironmentFailedError: too many steps fail, or a reset; it uses up the machine's memory.
        """
        moments = self._moments
        assert moments is not None  # reset comes first
        self._record(rollout.before, t, moments)
        rollout.observation[t], rollout.action[t] = moments.rows, action
        rollout.previous_action[t], rollout.elapsed[t] = self._previous_action, self._elapsed
        stepped = self._copies.step(rollout.action[t])
        failed = np.array([reason is not None for reason in stepped.failures])
        after = moments  # of those that failed: the last state that was sound
        if failed.any():
            self._note(stepped.failures)
        if stepped.seen is not None:
            seen = stepped.seen.of(~failed[stepped.places]) if failed.any() else stepped.seen
            after = moments.replaced(~failed, seen)
        self._moments = after
        self._record(rollout.after, t, after)
        rollout.next_observation[t], rollout.diverged[t] = after.rows, failed
        rollout.terminated[t] = stepped.terminated & ~failed
        late = rollout.elapsed[t] + 1 >= self.horizon
        rollout.truncated[t] = (stepped.truncated | late | failed) & ~rollout.terminated[t]
        self._elapsed += 1
        self._steps += self.num_envs
        self._memory.look(self.pack.name, self._steps)
        self._previous_action[:] = action
        ended = rollout.terminated[t] | rollout.truncated[t]
        if ended.any():
            return self.reset(noise, ended)
        self.observation = after.rows
        return self.observation

    def finish(self, rollout: Rollout) -> None:
        """Nothing is left to do after the last step."""

    def fields(self, rollout: Rollout, after: bool) -> dict[str, NDArray[Any]]:
        """All fields `[T, N, ...]` in float32, of `next_state` (after) or of `state`; hidden ones too."""
        raw = rollout.after if after else rollout.before
        rows = rollout.next_observation if after else rollout.observation
        fields = self.layout.fields(raw, rows, after)
        steps = rollout.elapsed + (1 if after else 0)
        fields["time"] = (steps * self.pack.control_period).astype(np.float32)
        fields["observation"] = rows
        fields["last_action"] = rollout.action if after else rollout.previous_action
        if after:
            fields["terminated"] = rollout.terminated.astype(np.float32)
        return fields

    def remarks(self) -> tuple[str, ...]:
        """What a person should know of how it ran: steps that failed, why the last one did, memory that was kept."""
        kept = self._memory.remark(self.pack.name, self._steps)
        leaks = () if kept is None else (kept,)
        if not self._failures:
            return leaks
        failed = f"{self._failures} of {self._steps} steps of {self.pack.name} failed, and cut their episodes"
        return (f"{failed}; the last one: {self._last_failure}", *leaks)

    def movement(self, rollout: Rollout) -> Float[np.ndarray, "T N m"]:
        """What a clip needs of each step: the seed of the episode, and the action."""
        return np.concatenate([rollout.after["seed"][..., None], rollout.action], axis=-1)

    def _record(self, arrays: dict[str, NDArray[Any]], t: int, moments: Moments) -> None:
        for name, array in moments.raw.items():
            arrays[name][t] = array
        arrays["seed"][t] = self._seeds

    def _note(self, failures: list[str | None]) -> None:
        """Too many failures end the training: nothing is learned from an environment that does not run."""
        reasons = [reason for reason in failures if reason is not None]
        self._failures, self._last_failure = self._failures + len(reasons), reasons[-1]
        steps = self._steps + self.num_envs
        if self._failures > FAILURES * self.num_envs and self._failures > FAILING * steps:
            raise EnvironmentFailedError(
                f"{self.pack.name}: {self._failures} of {steps} steps failed, the last one: {reasons[-1]}",
                "A few are borne: their episodes are cut there. Mend it where it says.",
            )
