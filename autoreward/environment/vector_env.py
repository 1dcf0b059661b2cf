"""N copies of one environment stepped together, with automatic reset; a rollout of T steps is recorded for the rewards.

Each step computes only what the policy and the episode need: observation and termination. Fields are computed
once a rollout, over all its steps, in float64, and cast to float32 at the border.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32, Num
from numpy.typing import NDArray

from autoreward.environment.declarations import action_range, check_drawn, check_field, check_names
from autoreward.environment.lazy_fields import LazyFields
from autoreward.environment.pack import Noise, Pack, data_view
from autoreward.environment.simulation.body_facts import body_facts
from autoreward.environment.simulation.c_simulation import CSimulation, Simulation
from autoreward.environment.simulation.disturbance import Disturbances
from autoreward.environment.simulation.model import load_model
from autoreward.environment.simulation.randomisation import count_random_numbers, draw_parameters
from autoreward.errors import EnvironmentFailedError

Arrays = Mapping[str, NDArray[Any]]


@dataclass
class Rollout:
    """T recorded steps of N environments, numpy's or jax's. `after` is the state before the automatic reset."""

    before: dict[str, NDArray[Any]]  # MuJoCo arrays [T, N, ...] float64
    after: dict[str, NDArray[Any]]
    observation: Float32[Any, "T N O"]
    next_observation: Float32[Any, "T N O"]
    action: Float32[Any, "T N A"]  # as applied
    previous_action: Float32[Any, "T N A"]  # zeros after reset
    elapsed: Int32[Any, "T N"]  # steps since reset before the action
    terminated: Bool[Any, "T N"]
    truncated: Bool[Any, "T N"]
    diverged: Bool[Any, "T N"]  # the simulation broke: a part of truncated
    memory_before: dict[str, NDArray[Any]]
    memory_after: dict[str, NDArray[Any]]
    privileged: Float32[Any, "T N P"] | None = None  # what value networks see in addition; None: nothing
    next_privileged: Float32[Any, "T N P"] | None = None

    @property
    def ended(self) -> Bool[Any, "T N"]:
        """Where an episode ended."""
        ended: Bool[Any, "T N"] = self.terminated | self.truncated
        return ended

    def first(self, steps: int) -> Rollout:
        """Its first steps."""

        def cut(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: array[:steps] for name, array in value.items()}
            return None if value is None else value[:steps]

        return Rollout(**{name: cut(value) for name, value in vars(self).items()})


class VectorEnv:
    """N copies of a pack's environment.

    Args:
        pack: the environment.
        num_envs: N.
        horizon: steps until truncation; the pack's by default.
    """

    def __init__(self, pack: Pack, num_envs: int, horizon: int | None = None, num_threads: int = 0) -> None:
        model = load_model(pack)
        self.pack = pack
        self.num_envs = num_envs
        self.horizon = horizon or pack.horizon
        self.actions = action_range(pack, model)
        self._check_period(model)
        names = tuple(dict.fromkeys((*pack.data, "qpos", "qvel")))
        self._simulation: Simulation = CSimulation(model, num_envs, names, num_threads)
        self._model = model
        self._of_model = count_random_numbers(pack.name, model, pack.randomise)
        self._disturbances = Disturbances(pack, model, num_envs)
        self.model_numbers = self._of_model + self._disturbances.numbers
        self.start = data_view({"qpos": model.qpos0.copy(), "qvel": np.zeros(model.nv)})
        self.noise_size = model.nq + model.nv + pack.extra_noise
        self._elapsed = np.zeros(num_envs, np.int32)
        self._previous_action = np.zeros((num_envs, self.actions.low.size), np.float32)
        self.hidden: frozenset[str] = frozenset()  # fields that designers may not see
        self._memory: dict[str, NDArray[Any]] = {}
        self.observation = np.zeros((num_envs, pack.observation_size), np.float32)
        self.privileged = np.zeros((num_envs, pack.privileged_size), np.float32)  # what value networks see in addition

    def randomise(self, numbers: Float[np.ndarray, "N R"]) -> None:
        """Give each simulation its own masses, sensors or pushes, before the first reset; without it all are nominal.

        Args:
            numbers: `[N, model_numbers]` in [0, 1): where in each of the pack's ranges a simulation lies.
        """
        if self.pack.randomise:
            of_model = numbers[:, : self._of_model]
            parameters = draw_parameters(self.pack.name, self._model, self.pack.randomise, of_model)
            self._simulation.set_parameters(parameters)
            self._disturbances.begin(numbers[:, self._of_model :])

    def reset(self, noise: Noise, which: Bool[np.ndarray, " N"] | None = None) -> Float32[np.ndarray, "N O"]:
        """Start new episodes in the environments `which` (bool `[N]`, all by default).

        Args:
            noise: rows `[N, nq + nv]`; only the rows of `which` are used.

        Returns:
            The observations `[N, O]` of all environments.
        """
        which = np.ones(self.num_envs, bool) if which is None else which
        rows = Noise(noise.uniform[which], noise.normal[which])
        start: tuple[Any, ...] = self.pack.reset(np, self.start, rows)
        qpos, qvel, drawn = start if len(start) == 3 else (*start, {})
        self._simulation.reset(which, qpos, qvel)
        self._elapsed[which] = 0
        self._previous_action[which] = 0.0
        if self.pack.memory_in_step or not self._memory:
            self._memory = self._restart_memory(self._memory, which, self._simulation.arrays())
        if drawn:
            self._remember(which, drawn)
        return self._see_anew(which)

    @property
    def refused(self) -> Mapping[int, str]:
        """Environments in which MuJoCo would not compute a step, with its words; their episodes count as diverged."""
        return self._simulation.refused

    @property
    def num_velocities(self) -> int:
        """Length of qvel."""
        return int(self._model.nv)

    @property
    def velocities(self) -> Float[np.ndarray, "N nv"]:
        """qvel of every environment."""
        return np.array(self._simulation.arrays()["qvel"])

    @property
    def positions(self) -> Float[np.ndarray, "N nq"]:
        """qpos of every environment."""
        return np.array(self._simulation.arrays()["qpos"])

    def place(self, qpos: Float[np.ndarray, "N nq"], qvel: Float[np.ndarray, "N nv"]) -> Float32[np.ndarray, "N O"]:
        """Start new episodes in these states.

        Returns:
            The observations `[N, O]`.
        """
        everywhere = np.ones(self.num_envs, bool)
        self._simulation.reset(everywhere, qpos, qvel)
        self._elapsed[:] = 0
        self._previous_action[:] = 0.0
        self._memory = self._restart_memory({}, everywhere, self._simulation.arrays())
        return self._see_anew(everywhere)

    def push(self, change: Float[np.ndarray, "N nv"], which: Bool[np.ndarray, " N"]) -> Float32[np.ndarray, "N O"]:
        """Add to the velocities qvel of the environments `which`, between two steps.

        Returns:
            The observations `[N, O]` of all environments.
        """
        arrays = self._simulation.arrays()
        self._simulation.reset(which, arrays["qpos"][which].copy(), arrays["qvel"][which] + change[which])
        return self._see_anew(which)

    def new_rollout(self, num_steps: int) -> Rollout:
        """Empty arrays for `num_steps` steps."""
        shape = (num_steps, self.num_envs)

        def like(arrays: Arrays) -> dict[str, NDArray[Any]]:
            return {name: np.empty((*shape, *array.shape[1:]), array.dtype) for name, array in arrays.items()}

        arrays, actions = self._simulation.arrays(), self.actions.low.shape
        seen = (*shape, self.pack.privileged_size)
        more = {name: np.empty(seen, np.float32) for name in ("privileged", "next_privileged")}
        return Rollout(
            **(more if self.pack.privileged else {}),
            before=like(arrays),
            after=like(arrays),
            observation=np.empty((*shape, self.pack.observation_size), np.float32),
            next_observation=np.empty((*shape, self.pack.observation_size), np.float32),
            action=np.empty((*shape, *actions), np.float32),
            previous_action=np.empty((*shape, *actions), np.float32),
            elapsed=np.empty(shape, np.int32),
            terminated=np.empty(shape, bool),
            truncated=np.empty(shape, bool),
            diverged=np.empty(shape, bool),
            memory_before=like(self._memory),
            memory_after=like(self._memory),
        )

    def step(
        self,
        action: Num[np.ndarray, "N A"],
        rollout: Rollout,
        t: int,
        noise: Noise,
        placed: tuple[Float[np.ndarray, "N nq"], Float[np.ndarray, "N nv"]] | None = None,
    ) -> Float32[np.ndarray, "N O"]:
        """Apply `action [N, A]` (float32, in the environment's range), record step t, reset what ended.

        Args:
            noise: rows `[N, nq + nv]` for environments that start a new episode.
            placed: the states qpos and qvel that the step leads to; None: they are simulated.

        Returns:
            The observations `[N, O]` that the next action answers.
        """
        arrays = self._simulation.arrays()
        self._record_before(rollout, t, arrays, action)
        diverged = self._move(action, placed)
        if diverged.any():  # MuJoCo has reset these: keep the last state that was sound
            for name, array in rollout.after.items():
                array[t] = self._where(diverged, rollout.before[name][t], arrays[name])
        else:
            for name, array in rollout.after.items():
                array[t] = arrays[name]
        after = {name: array[t] for name, array in rollout.after.items()}
        if self.pack.memory_in_step:
            self._memory = self._advance_memory(self._memory, after, action)
            for name, value in self._memory.items():
                rollout.memory_after[name][t] = value
        self._record_after(rollout, t, after, diverged)
        self._elapsed += 1
        self._previous_action[:] = action
        ended = rollout.terminated[t] | rollout.truncated[t]
        self.observation = rollout.next_observation[t]
        if rollout.next_privileged is not None:
            self.privileged = rollout.next_privileged[t]
        return self.reset(noise, ended) if ended.any() else self.observation

    def _move(self, action: NDArray[Any], placed: tuple[NDArray[Any], NDArray[Any]] | None) -> Bool[np.ndarray, " N"]:
        """Simulate one control step, or go where it leads; returns which simulations broke."""
        if placed is None:
            controls, change = self._controls(action), self._disturbances.push()
            if change is not None:
                self._simulation.add_velocity(change)
            return self._simulation.step(*controls)
        self._simulation.reset(np.ones(self.num_envs, bool), *placed)
        return np.zeros(self.num_envs, bool)

    def finish(self, rollout: Rollout) -> None:
        """Advance the memory over the rollout where no step had to; call it once after the last step."""
        if self.pack.memory is None or self.pack.memory_in_step:
            return
        ended = rollout.ended
        memory = self._memory
        for t in range(len(rollout.elapsed)):
            for name, value in memory.items():
                rollout.memory_before[name][t] = value
            after = {name: array[t] for name, array in rollout.after.items()}
            memory = self._advance_memory(memory, after, rollout.action[t])
            for name, value in memory.items():
                rollout.memory_after[name][t] = value
            if ended[t].any():
                last = t + 1 == len(rollout.elapsed)
                fresh = self._simulation.arrays() if last else {n: a[t + 1] for n, a in rollout.before.items()}
                memory = self._restart_memory(memory, ended[t], fresh)
        self._memory = memory

    def fields(self, rollout: Rollout, after: bool) -> LazyFields:
        """All fields `[T, N, ...]` in float32, of `next_state` (after) or of `state`; each is computed when it is read.

        Raises:
            EnvironmentFailedError: the pack's `fields` returned other names than FIELDS declares; of another shape,
                when the field is read.
        """
        arrays, memory = (rollout.after, rollout.memory_after) if after else (rollout.before, rollout.memory_before)
        given, shape = self.pack.fields(np, data_view(arrays), memory), rollout.elapsed.shape
        check_names(self.pack, given)

        def make(name: str) -> NDArray[Any]:
            value = np.asarray(given[name]() if callable(given[name]) else given[name], np.float32)
            check_field(self.pack, name, value.shape, shape)
            return value

        makers: dict[str, Callable[[], NDArray[Any]]] = {name: partial(make, name) for name in given}
        steps = rollout.elapsed + (1 if after else 0)
        makers["time"] = lambda: (steps * self.pack.control_period).astype(np.float32)
        makers["observation"] = lambda: rollout.next_observation if after else rollout.observation
        makers["last_action"] = lambda: rollout.action if after else rollout.previous_action
        if after:
            makers["terminated"] = lambda: rollout.terminated.astype(np.float32)
        return LazyFields(makers)

    def remarks(self) -> tuple[str, ...]:
        """What a person should know of how it ran: that it diverged is told with the episodes."""
        return ()

    def movement(self, rollout: Rollout) -> Float[np.ndarray, "T N nq"]:
        """What a clip needs of each step: qpos."""
        return rollout.after["qpos"]

    def _record_before(self, rollout: Rollout, t: int, arrays: Arrays, action: NDArray[Any]) -> None:
        for name, array in rollout.before.items():
            array[t] = arrays[name]
        if self.pack.memory_in_step:
            for name, value in self._memory.items():
                rollout.memory_before[name][t] = value
        rollout.observation[t] = self.observation
        if rollout.privileged is not None:
            rollout.privileged[t] = self.privileged
        rollout.action[t] = action
        rollout.previous_action[t] = self._previous_action
        rollout.elapsed[t] = self._elapsed

    def _record_after(self, rollout: Rollout, t: int, after: Arrays, diverged: Bool[np.ndarray, " N"]) -> None:
        view = data_view(after)
        seen = self.pack.observation(np, view, self._memory)
        if self._disturbances.active:
            seen = self._disturbances.sense(np.asarray(seen, np.float32))
        rollout.next_observation[t] = seen
        if self.pack.privileged is not None and rollout.next_privileged is not None:
            rollout.next_privileged[t] = self.pack.privileged(np, view, self._memory)
        rollout.diverged[t] = diverged
        # A broken simulation says nothing of the future: it cuts the episode, it does not end the MDP.
        rollout.terminated[t] = self.pack.terminated(np, view, self._memory) & ~diverged
        rollout.truncated[t] = ((rollout.elapsed[t] + 1 >= self.horizon) | diverged) & ~rollout.terminated[t]

    def _controls(self, action: Num[np.ndarray, "N A"]) -> tuple[Any, ...]:
        """What the simulation is stepped with: controls, frames, and where mocap bodies are if the pack says so."""
        if self.pack.control is None:
            return action, self.pack.frame_skip
        given = self.pack.control(np, data_view(self._simulation.arrays()), self._memory, action)
        return given["ctrl"], self.pack.frame_skip, given.get("mocap_pos")

    def _see_anew(self, which: Bool[np.ndarray, " N"]) -> Float32[np.ndarray, "N O"]:
        """What is seen where something else than a step has changed the state of the environments `which`."""
        seen = self._observe(self._memory)
        if self._disturbances.active:
            seen = self._where(which, self._disturbances.restart(which, seen), self.observation)
        if self.pack.privileged is not None:
            view = data_view(self._simulation.arrays())
            self.privileged = self._checked_privileged(self.pack.privileged(np, view, self._memory))
        self.observation = seen
        return seen

    def _checked_privileged(self, seen: NDArray[Any]) -> Float32[np.ndarray, "N P"]:
        if np.shape(seen) != (self.num_envs, self.pack.privileged_size):
            raise EnvironmentFailedError(
                f"{self.pack.name}: privileged() has shape {np.shape(seen)}, "
                f"expected {(self.num_envs, self.pack.privileged_size)}.",
                "Return [..., PRIVILEGED_SIZE], or correct PRIVILEGED_SIZE.",
            )
        return np.asarray(seen, np.float32)

    def _observe(self, memory: Arrays) -> Float32[np.ndarray, "N O"]:
        view = data_view(self._simulation.arrays())
        observed = self.pack.observation(np, view, memory)
        if observed.shape != (self.num_envs, self.pack.observation_size):
            raise EnvironmentFailedError(
                f"{self.pack.name}: observation() has shape {observed.shape}, "
                f"expected {(self.num_envs, self.pack.observation_size)}.",
                "Return [..., OBSERVATION_SIZE], or correct OBSERVATION_SIZE.",
            )
        return np.asarray(observed, np.float32)

    def _advance_memory(self, memory: Arrays, after: Arrays, action: NDArray[Any]) -> dict[str, NDArray[Any]]:
        if self.pack.memory is None:
            return {}
        return self.pack.memory(np, memory, data_view(after), action)

    def _restart_memory(self, memory: Arrays, which: NDArray[Any], arrays: Arrays) -> dict[str, NDArray[Any]]:
        if self.pack.memory is None:
            return {}
        fresh = self.pack.memory(np, None, data_view(arrays), None)
        if not memory:
            return {name: np.array(value) for name, value in fresh.items()}
        return {name: self._where(which, fresh[name], value) for name, value in memory.items()}

    def _remember(self, which: NDArray[Any], drawn: Arrays) -> None:
        """Put what was drawn for the new episodes `which` (a command, a goal; rows `[n, ...]`) into their memory."""
        check_drawn(self.pack, drawn, self._memory)
        for name, rows in drawn.items():
            self._memory[name][which] = rows

    def _where(self, which: NDArray[Any], yes: NDArray[Any], no: NDArray[Any]) -> NDArray[Any]:
        """Rows of `yes` where `which [N]`, else of `no`."""
        return np.where(which.reshape(-1, *[1] * (yes.ndim - 1)), yes, no)

    @property
    def body(self) -> str:
        """Masses, lengths, limits, springs and signs of the model, in words."""
        joints = [one for one in self.pack.fields_declared if (one.frame, one.unit) == ("joint", "rad")]
        names = joints[0].components if joints else ()
        return body_facts(self._model, self.pack.directions, names)

    def _check_period(self, model: Any) -> None:
        period = model.opt.timestep * self.pack.frame_skip
        if abs(period - self.pack.control_period) > 1e-9:
            raise EnvironmentFailedError(
                f"{self.pack.name}: CONTROL_PERIOD is {self.pack.control_period} s, "
                f"but FRAME_SKIP {self.pack.frame_skip} x timestep {model.opt.timestep} s = {period} s.",
                "Make the two agree.",
            )
