"""The seam to the physics: N simulations of one model, stepped together.

On CPU this is the batched C simulation: a native thread pool, bit-identical to `mj_step`; see batches.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import mujoco
import numpy as np
from jaxtyping import Bool, Float, Num
from numpy.typing import NDArray

from autoreward.environment.simulation.batches import make_batch
from autoreward.errors import EnvironmentFailedError


class Simulation(Protocol):
    """N simulations. Arrays are live views `[N, ...]` in float64; rows are simulations."""

    num_sims: int
    refused: dict[int, str]  # simulations that MuJoCo would not compute, with its words

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The MuJoCo arrays that were asked for, by name; their contents change with every call."""
        ...

    def set_parameters(self, parameters: Mapping[str, NDArray[Any]]) -> None:
        """Give each simulation its own model: MjModel's arrays by name `[N, *shape]`. To be followed by a reset of all.

        Constants that MuJoCo derives from them follow; see randomisation.py.
        """
        ...

    def reset(
        self, which: Bool[np.ndarray, " N"], qpos: Float[np.ndarray, "n nq"], qvel: Float[np.ndarray, "n nv"]
    ) -> None:
        """Set the simulations `which` to a state: `n` rows for as many of them."""
        ...

    def add_velocity(self, change: Float[np.ndarray, "N nv"]) -> None:
        """Add to qvel before the next step: a push."""
        ...

    def step(
        self, ctrl: Num[np.ndarray, "N nu"], frames: int, mocap_pos: Num[np.ndarray, "N nmocap 3"] | None = None
    ) -> Bool[np.ndarray, " N"]:
        """Advance all by `frames` steps, maybe 0, under `ctrl`; returns which diverged or were refused.

        Args:
            mocap_pos: where the mocap bodies are [m]; where they were, if None.
        """
        ...


_OF_SIMULATION = re.compile(r"sim (\d+): (.*)", re.DOTALL)


class CSimulation:
    """The batched C simulation. After a step, derived arrays are one substep behind qpos and qvel, as in `mj_step`."""

    def __init__(self, model: Any, num_sims: int, names: Sequence[str], num_threads: int = 0) -> None:
        self.num_sims = num_sims
        self.refused: dict[int, str] = {}
        self._timestep = float(model.opt.timestep)
        self._batch = make_batch(model, num_sims, num_threads)
        self._qpos = self._batch.bind("qpos")
        self._qvel = self._batch.bind("qvel")
        self._ctrl = self._batch.bind("ctrl")
        self._mocap_pos = self._batch.bind("mocap_pos")
        self._warning = self._batch.bind("warning")
        self._time = self._batch.bind("time")
        self._arrays = {name: self._batch.bind(name) for name in names}
        warnings = ("BADQPOS", "BADQVEL", "BADQACC", "BADCTRL")
        self._unstable = [int(getattr(mujoco.mjtWarning, f"mjWARN_{kind}")) for kind in warnings]
        self._attempt(self._batch.reset)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """See Simulation."""
        return self._arrays

    def set_parameters(self, parameters: Mapping[str, NDArray[Any]]) -> None:
        """See Simulation."""
        for name, array in parameters.items():
            self._batch.expand(name)[:] = array
        self._batch.set_const()

    def reset(
        self, which: Bool[np.ndarray, " N"], qpos: Float[np.ndarray, "n nq"], qvel: Float[np.ndarray, "n nv"]
    ) -> None:
        """See Simulation. Resetting first and writing after it makes every written element count as a change."""
        self._attempt(lambda: self._batch.reset(which))
        self._qpos[which] = qpos
        self._qvel[which] = qvel
        self._attempt(lambda: self._batch.forward(which))

    def add_velocity(self, change: Float[np.ndarray, "N nv"]) -> None:
        """See Simulation."""
        self._qvel += change

    def step(
        self, ctrl: Num[np.ndarray, "N nu"], frames: int, mocap_pos: Num[np.ndarray, "N nmocap 3"] | None = None
    ) -> Bool[np.ndarray, " N"]:
        """See Simulation. MuJoCo resets a diverged simulation silently: its warning counters tell."""
        self._ctrl[:] = ctrl
        if mocap_pos is not None:
            self._mocap_pos[:] = mocap_pos
        began = self._time.copy()
        stopped = frames > 0 and not self._attempt(lambda: self._batch.step(nstep=frames))
        diverged: Bool[np.ndarray, " N"] = self._warning[:, self._unstable, 1].sum(axis=1) > 0
        # All others have moved: the clocks of those that were refused stand still, or stood still in between.
        return diverged | (self._time < began + (frames - 0.5) * self._timestep) if stopped else diverged

    def _attempt(self, call: Callable[[], None]) -> bool:
        """Whether all simulations were computed; notes MuJoCo's words on the first that was not."""
        try:
            call()
        except RuntimeError as error:
            said = _OF_SIMULATION.match(str(error))
            if said is None:
                raise EnvironmentFailedError(f"MuJoCo stopped: {' '.join(str(error).split())}") from error
            self.refused.setdefault(int(said.group(1)), " ".join(said.group(2).split()))
            return False
        return True
