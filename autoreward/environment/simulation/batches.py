"""The batch of simulations of whichever MuJoCo is installed: `mujoco.batch` (3.17 and later), else the package mjbatch.

Both step the same C code on a native thread pool, bit-identical to `mj_step`. They differ in five places, which are
levelled here to what mjbatch does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from jaxtyping import Bool, Int
from numpy.typing import NDArray

try:
    from mujoco import batch as mujoco_batch
except ImportError:
    import mjbatch

    mujoco_batch = None


OPTIONS = ("gravity",)  # of what is expanded, those that MuJoCo's own batch looks for among the options


class Batch(Protocol):
    """N simulations of one model. `bind` gives live arrays `[N, ...]`; a mask says which are meant, None all."""

    def bind(self, name: str) -> NDArray[Any]:
        """An array of MjData's; "warning" are its counters."""
        ...

    def expand(self, name: str) -> NDArray[Any]:
        """An array of MjModel's, or of its MjOption's, to be written for each simulation."""
        ...

    def set_const(self) -> None:
        """Have what MuJoCo derives from the model follow."""
        ...

    def reset(self, which: Bool[np.ndarray, " N"] | None = None) -> None:
        """To the model's defaults; nothing is derived yet."""
        ...

    def forward(self, which: Bool[np.ndarray, " N"] | None = None) -> None:
        """Derive everything from the state."""
        ...

    def step(self, *, nstep: int) -> None:
        """Advance all.

        Raises:
            RuntimeError: "sim 3: ..." in MuJoCo's words; the others have moved.
        """
        ...


def make_batch(model: Any, num_sims: int, num_threads: int) -> Batch:
    """A batch of copies of a model; 0 threads: one a core."""
    if mujoco_batch is None:
        made: Batch = mjbatch.Batch(model, num_sims, num_threads, forward=False)
        return made
    return _OfMujoco(mujoco_batch.Batch(model, num_sims, num_threads))


class _OfMujoco:
    """`mujoco.batch.Batch`: other names, ids in place of masks, stages in place of a flag."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def bind(self, name: str) -> NDArray[Any]:
        """See Batch."""
        array: NDArray[Any] = self._batch.warning if name == "warning" else self._batch.bind(name)
        return array

    def expand(self, name: str) -> NDArray[Any]:
        """See Batch."""
        array: NDArray[Any] = self._batch.expand(f"opt.{name}" if name in OPTIONS else name)
        return array

    def set_const(self) -> None:
        """See Batch."""
        self._batch.set_const()

    def reset(self, which: Bool[np.ndarray, " N"] | None = None) -> None:
        """See Batch. Stage 0 derives nothing."""
        self._attempt(lambda: self._batch.reset(_ids(which), stage=0))

    def forward(self, which: Bool[np.ndarray, " N"] | None = None) -> None:
        """See Batch."""
        self._attempt(lambda: self._batch.forward(_ids(which)))

    def step(self, *, nstep: int) -> None:
        """See Batch."""
        self._attempt(lambda: self._batch.step(nstep=nstep))

    def _attempt(self, call: Callable[[], None]) -> None:
        try:
            call()
        except mujoco_batch.SimulationError as error:
            first = int(error.ids[0])
            raise RuntimeError(f"sim {first}: {self._batch.error(first)}") from error


def _ids(which: Bool[np.ndarray, " N"] | None) -> Int[np.ndarray, " n"] | None:
    return None if which is None else np.flatnonzero(which)
