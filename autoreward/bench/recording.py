"""What the physics was asked to do in a training, call by call, so that it can be done again without the training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autoreward.physics.simulation import CSimulation

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESET, STEP = 0, 1
NAMES = ("qpos", "qvel")  # all that the replay reads: what else a pack reads is our cost, not that of the physics


class Recorder:
    """Collects the calls of every simulation that `simulation` makes, in order."""

    def __init__(self) -> None:
        self._simulations: list[CSimulation] = []
        self._calls: list[tuple[int, int]] = []  # (simulation, RESET or STEP)
        self._arrays: dict[str, list[NDArray[Any]]] = {}
        self._marks: list[int] = []  # calls so far at the end of each iteration

    def simulation(
        self, model: Any, num_sims: int, names: Sequence[str], num_threads: int = 0, **more: Any
    ) -> CSimulation:
        """A simulation that records itself; takes what CSimulation takes."""
        return _Recorded(self, model, num_sims, names, num_threads, **more)

    def add(self, simulation: CSimulation) -> int:
        """Take part; returns the index of the simulation."""
        self._simulations.append(simulation)
        return len(self._simulations) - 1

    def note(self, index: int, kind: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """One call, with copies of what was given."""
        import numpy as np

        self._calls.append((index, kind))
        for name, array in arrays.items():
            self._arrays.setdefault(f"{index}/{name}", []).append(np.array(array))

    def end_of_iteration(self) -> None:
        """Mark where an iteration ended, and in which state."""
        self._marks.append(len(self._calls))
        for index, simulation in enumerate(self._simulations):
            self._arrays.setdefault(f"{index}/end", []).append(simulation.arrays()["qpos"].copy())

    def write(self, file: Path, warm: int) -> None:
        """Everything as one npz.

        Args:
            warm: iterations of the warm-up.
        """
        import numpy as np

        made: dict[str, Any] = {
            name: np.concatenate(rows) if name.endswith(("/qpos", "/qvel")) else np.stack(rows)
            for name, rows in self._arrays.items()
        }
        sizes = np.asarray([simulation.num_sims for simulation in self._simulations])
        np.savez(file, calls=np.asarray(self._calls), marks=np.asarray(self._marks), warm=warm, sizes=sizes, **made)


class _Recorded(CSimulation):
    """The real simulation, which notes what it is asked for."""

    def __init__(
        self, recorder: Recorder, model: Any, num_sims: int, names: Sequence[str], num_threads: int, **more: Any
    ) -> None:
        super().__init__(model, num_sims, names, num_threads, **more)
        self._recorder = recorder
        self._index = recorder.add(self)

    def reset(self, which: NDArray[Any], qpos: NDArray[Any], qvel: NDArray[Any]) -> None:
        import numpy as np

        rows = int(np.count_nonzero(which))
        state = {"qpos": qpos, "qvel": qvel}
        whole = {name: np.broadcast_to(array, (rows, array.shape[-1])) for name, array in state.items()}
        self._recorder.note(self._index, RESET, {"which": which, **whole})
        super().reset(which, qpos, qvel)

    def step(self, ctrl: NDArray[Any], frames: int) -> NDArray[Any]:
        import numpy as np

        self._recorder.note(self._index, STEP, {"ctrl": ctrl, "frames": np.asarray(frames)})
        return super().step(ctrl, frames)


class Recording:
    """A recording that can be played.

    Args:
        file: as `Recorder.write` made it.
        model: the MuJoCo model of the environment.
    """

    def __init__(self, file: Path, model: Any) -> None:
        import numpy as np

        with np.load(file, allow_pickle=False) as stored:
            self._arrays = {name: stored[name] for name in stored.files}
        self.warm = int(self._arrays["warm"])
        self._simulations = [CSimulation(model, int(size), NAMES) for size in self._arrays["sizes"]]
        self._next: dict[str, int] = {}

    def iterations(self) -> Iterator[None]:
        """Play one iteration after the other; checks after each that the state is the recorded one, bit by bit.

        Raises:
            AssertionError: it is another one, so this is not the same work.
        """
        import numpy as np

        before = 0
        for iteration, mark in enumerate(self._arrays["marks"].tolist()):
            for index, kind in self._arrays["calls"][before:mark].tolist():
                self._play(index, kind)
            before = mark
            for index, simulation in enumerate(self._simulations):
                same = np.array_equal(simulation.arrays()["qpos"], self._arrays[f"{index}/end"][iteration])
                if not same:
                    raise AssertionError(
                        f"the replay of iteration {iteration} ended in another state than the training"
                    )
            yield

    def _play(self, index: int, kind: int) -> None:
        simulation = self._simulations[index]
        if kind == STEP:
            ctrl = self._row(f"{index}/ctrl", 1)[0]
            simulation.step(ctrl, int(self._row(f"{index}/frames", 1)[0]))
            return
        which = self._row(f"{index}/which", 1)[0]
        rows = int(which.sum())
        simulation.reset(which, self._row(f"{index}/qpos", rows), self._row(f"{index}/qvel", rows))

    def _row(self, name: str, count: int) -> NDArray[Any]:
        """The next `count` rows of an array."""
        at = self._next.get(name, 0)
        self._next[name] = at + count
        return self._arrays[name][at : at + count]  # type: ignore[no-any-return]
