"""The seam to the physics: N simulations of one model, stepped together. The only file that knows the backend.

On CPU this is the batched C simulation (`mjbatch` on MuJoCo 3.11): a native thread pool, bit-identical to `mj_step`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import mjbatch
import mujoco
import numpy as np
from jaxtyping import Bool, Float, Num
from numpy.typing import NDArray


class Simulation(Protocol):
    """N simulations. Arrays are live views `[N, ...]` in float64; rows are simulations."""

    num_sims: int

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

    def step(self, ctrl: Num[np.ndarray, "N nu"], frames: int) -> Bool[np.ndarray, " N"]:
        """Advance all by `frames` steps, maybe 0, under `ctrl`; returns which diverged."""
        ...


class CSimulation:
    """The batched C simulation. After a step, derived arrays are one substep behind qpos and qvel, as in `mj_step`."""

    def __init__(self, model: Any, num_sims: int, names: Sequence[str], num_threads: int = 0) -> None:
        self.num_sims = num_sims
        self._batch = mjbatch.Batch(model, num_sims, num_threads, forward=False)
        self._qpos = self._batch.bind("qpos")
        self._qvel = self._batch.bind("qvel")
        self._ctrl = self._batch.bind("ctrl")
        self._warning = self._batch.bind("warning")
        self._arrays = {name: self._batch.bind(name) for name in names}
        warnings = ("BADQPOS", "BADQVEL", "BADQACC", "BADCTRL")
        self._unstable = [int(getattr(mujoco.mjtWarning, f"mjWARN_{kind}")) for kind in warnings]
        self._batch.reset()

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
        self._batch.reset(which)
        self._qpos[which] = qpos
        self._qvel[which] = qvel
        self._batch.forward(which)

    def step(self, ctrl: Num[np.ndarray, "N nu"], frames: int) -> Bool[np.ndarray, " N"]:
        """See Simulation. MuJoCo resets a diverged simulation silently: its warning counters tell."""
        self._ctrl[:] = ctrl
        if frames:
            self._batch.step(nstep=frames)
        diverged: Bool[np.ndarray, " N"] = self._warning[:, self._unstable, 1].sum(axis=1) > 0
        return diverged
