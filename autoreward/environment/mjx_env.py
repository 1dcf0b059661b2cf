"""N copies of one environment on MJX, as pure jax functions: what VectorEnv does, inside a compiled program.

The state goes in and comes out; nothing is kept here but constants. A step returns the new state, after the automatic
reset, and the row that it would have written into a Rollout, with the same names and meanings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Bool, Float, Float32, Int32

from autoreward.environment.declarations import action_range, check_drawn, check_field, check_names
from autoreward.environment.lazy_fields import computed
from autoreward.environment.pack import Noise, Pack, data_view
from autoreward.environment.simulation.mjx_simulation import JAX, MjxSimulation, Physics, load_mjx_model

Array = Any
Arrays = Mapping[str, Array]
Row = dict[str, Any]  # by the names of Rollout's attributes, arrays [N, ...]


class MjxState(NamedTuple):
    """N environments between two steps."""

    physics: Physics
    elapsed: Int32[Array, " N"]  # steps since reset
    previous_action: Float32[Array, "N A"]  # zeros after reset
    memory: dict[str, Float32[Array, "N ..."]]
    observation: Float32[Array, "N O"]  # what the next action answers
    privileged: Float32[Array, "N P"] | None = None  # what value networks see in addition


class MjxEnv:
    """Copies of a pack's environment; how many is up to the arrays.

    Args:
        pack: the environment.
        horizon: steps until truncation; the pack's by default.
        impl: which of MJX's implementations computes, "jax" or "warp".

    Raises:
        EnvironmentFailedError: MJX or Warp is missing, or cannot run the pack's model.
    """

    def __init__(self, pack: Pack, horizon: int | None = None, impl: str = JAX) -> None:
        model = load_mjx_model(pack)
        names = tuple(dict.fromkeys((*pack.data, "qpos", "qvel")))
        self.pack = pack
        self.horizon = horizon or pack.horizon
        self.actions = action_range(pack, model)
        self.noise_size = model.nq + model.nv + pack.extra_noise
        self.simulation = MjxSimulation(model, names, pack.frame_skip, impl)
        self._start = data_view(
            {"qpos": jnp.asarray(model.qpos0, jnp.float32), "qvel": jnp.zeros(model.nv, jnp.float32)}
        )

    def reset(self, noise: Noise) -> MjxState:
        """New episodes in all environments; `noise` has rows `[N, noise_size]`."""
        start: tuple[Any, ...] = self.pack.reset(jnp, self._start, noise)
        qpos, qvel, drawn = start if len(start) == 3 else (*start, {})
        physics = self.simulation.reset(qpos, qvel)
        memory = self._first_memory(physics.arrays, drawn)
        rows = len(qpos)
        return MjxState(
            physics=physics,
            elapsed=jnp.zeros(rows, jnp.int32),
            previous_action=jnp.zeros((rows, self.actions.low.size), jnp.float32),
            memory=memory,
            observation=self._observe(physics.arrays, memory),
            privileged=self._privileged(physics.arrays, memory),
        )

    def step(self, state: MjxState, action: Float[Array, "N A"], noise: Noise) -> tuple[MjxState, Row]:
        """Apply an action in the environment's range; environments that ended start anew from `noise`.

        Returns:
            The state that the next action answers, and the recorded step, its `after` from before the reset.
        """
        before = state.physics.arrays
        moved, diverged = self.simulation.step(state.physics, *self._controls(state, action))
        after = choose(diverged, before, moved.arrays)  # keep the last state that was sound
        memory = self._next_memory(state.memory, after, action)
        seen = self._observe(after, memory)
        # A broken simulation says nothing of the future: it cuts the episode, it does not end the MDP.
        terminated = self.pack.terminated(jnp, data_view(after), memory) & ~diverged
        truncated = ((state.elapsed + 1 >= self.horizon) | diverged) & ~terminated
        more = self._privileged(after, memory)
        going_on = MjxState(moved._replace(arrays=after), state.elapsed + 1, action, memory, seen, more)
        row = {
            "before": before, "after": after, "memory_before": state.memory, "memory_after": memory,
            "observation": state.observation, "next_observation": seen,
            "action": action, "previous_action": state.previous_action, "elapsed": state.elapsed,
            "terminated": terminated, "truncated": truncated, "diverged": diverged,
        }  # fmt: skip
        if more is not None:
            row |= {"privileged": state.privileged, "next_privileged": more}
        return choose(terminated | truncated, self.reset(noise), going_on), row

    def fields(self, rollout: Row, after: bool) -> dict[str, Float32[Array, " ..."]]:
        """All fields `[..., *shape]`, of `next_state` (after) or of `state`; see VectorEnv.fields."""
        arrays, memory = (
            (rollout["after"], rollout["memory_after"]) if after else (rollout["before"], rollout["memory_before"])
        )
        given, shape = computed(self.pack.fields(jnp, data_view(arrays), memory)), rollout["elapsed"].shape
        check_names(self.pack, given)
        fields = {name: jnp.asarray(value, jnp.float32) for name, value in given.items()}
        for name, value in fields.items():
            check_field(self.pack, name, value.shape, shape)
        steps = rollout["elapsed"] + (1 if after else 0)
        fields["time"] = steps.astype(jnp.float32) * jnp.float32(self.pack.control_period)
        fields["observation"] = rollout["next_observation"] if after else rollout["observation"]
        fields["last_action"] = rollout["action"] if after else rollout["previous_action"]
        if after:
            fields["terminated"] = rollout["terminated"].astype(jnp.float32)
        return fields

    def _controls(self, state: MjxState, action: Array) -> tuple[Array, ...]:
        """Controls and, where the pack gives them, places of mocap bodies."""
        if self.pack.control is None:
            return (action,)
        given = self.pack.control(jnp, data_view(state.physics.arrays), state.memory, action)
        return (given["ctrl"], given["mocap_pos"]) if "mocap_pos" in given else (given["ctrl"],)

    def _observe(self, arrays: Arrays, memory: Arrays) -> Float32[Array, "N O"]:
        return jnp.asarray(self.pack.observation(jnp, data_view(arrays), memory), jnp.float32)

    def _privileged(self, arrays: Arrays, memory: Arrays) -> Float32[Array, "N P"] | None:
        if self.pack.privileged is None:
            return None
        return jnp.asarray(self.pack.privileged(jnp, data_view(arrays), memory), jnp.float32)

    def _first_memory(self, arrays: Arrays, drawn: Arrays) -> dict[str, Array]:
        fresh = {} if self.pack.memory is None else self.pack.memory(jnp, None, data_view(arrays), None)
        if drawn:
            check_drawn(self.pack, drawn, fresh)
        return {name: jnp.asarray(drawn.get(name, value), jnp.float32) for name, value in fresh.items()}

    def _next_memory(self, memory: Arrays, after: Arrays, action: Array) -> dict[str, Array]:
        """The memory one step on. VectorEnv may do this after the rollout; in a compiled program it costs the same."""
        if self.pack.memory is None:
            return {}
        advanced = self.pack.memory(jnp, memory, data_view(after), action)
        return {name: jnp.asarray(advanced[name], jnp.float32) for name in memory}


def choose(which: Bool[Array, " N"], yes: Any, no: Any) -> Any:
    """Rows of the tree `yes` where `which`, else of `no`."""

    def rows(yes: Array, no: Array) -> Array:
        return jnp.where(which.reshape(-1, *[1] * (yes.ndim - 1)), yes, no)

    return jax.tree.map(rows, yes, no)
