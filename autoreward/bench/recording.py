"""What the physics was asked to do in a training, step by step, so that it can be done again without the training.

A training may keep its simulations in several batches; the replay has them all in one, which is the least work for the
same result: a simulation does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.environment.simulation.c_simulation import CSimulation

NAMES = ("qpos", "qvel")  # all that the replay reads: what else a pack reads is our cost, not that of the physics


class Recorder:
    """Collects what every simulation that `simulation` makes is asked for."""

    def __init__(self) -> None:
        self._batches: list[_Recorded] = []
        self._marks: list[int] = []  # steps so far at the end of each iteration
        self._ends: list[NDArray[Any]] = []  # qpos there

    def simulation(
        self, model: Any, num_sims: int, names: Sequence[str], num_threads: int = 0, **more: Any
    ) -> CSimulation:
        """A batch that records itself; takes what CSimulation takes. Each may be used in a thread of its own."""
        self._batches.append(_Recorded(model, num_sims, names, num_threads, **more))
        return self._batches[-1]

    def end_of_iteration(self) -> None:
        """Mark where an iteration ended, and in which state; no batch may be stepping.

        Raises:
            AssertionError: some batch is ahead of another.
        """
        steps = {len(batch.ctrl) for batch in self._batches}
        if len(steps) != 1:
            raise AssertionError(f"the batches have taken {sorted(steps)} steps, expected the same number")
        self._marks.append(steps.pop())
        self._ends.append(np.concatenate([batch.arrays()["qpos"] for batch in self._batches]))

    def write(self, file: Path, warm: int) -> None:
        """Everything as one npz.

        Args:
            warm: iterations of the warm-up.
        """
        (frames,) = {frames for batch in self._batches for frames in batch.frames}
        steps = self._marks[-1]
        ctrl = np.stack([np.concatenate([batch.ctrl[t] for batch in self._batches]) for t in range(steps)])
        resets = list(self._resets(steps))
        parameters: dict[str, Any] = {
            f"parameters/{name}": np.concatenate([batch.parameters[name] for batch in self._batches])
            for name in self._batches[0].parameters
        }
        np.savez(
            file,
            warm=warm,
            frames=frames,
            marks=np.asarray(self._marks),
            end=np.stack(self._ends),
            ctrl=ctrl,
            reset_before=np.asarray([t for t, *_ in resets]),
            which=np.stack([which for _, which, _, _ in resets]),
            qpos=np.concatenate([qpos for *_, qpos, _ in resets]),
            qvel=np.concatenate([qvel for *_, qvel in resets]),
            **parameters,
        )

    def _resets(self, steps: int) -> Iterator[tuple[int, NDArray[Any], NDArray[Any], NDArray[Any]]]:
        """The resets before each step, and after the last, of all batches: step, which `[N]`, rows of qpos and qvel."""
        for t in range(steps + 1):
            waiting = [batch.resets.get(t, []) for batch in self._batches]
            for turn in range(max(map(len, waiting))):
                which, rows = [], []
                for batch, resets in zip(self._batches, waiting, strict=True):
                    there = turn < len(resets)
                    which.append(resets[turn][0] if there else np.zeros(batch.num_sims, bool))
                    rows += [resets[turn][1:]] if there else []
                qpos, qvel = (np.concatenate([row[index] for row in rows]) for index in range(2))
                yield t, np.concatenate(which), qpos, qvel


class _Recorded(CSimulation):
    """The real simulation, which keeps copies of what it is given."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.ctrl: list[NDArray[Any]] = []
        self.frames: set[int] = set()
        self.parameters: dict[str, NDArray[Any]] = {}
        self.resets: dict[int, list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]] = {}  # by steps before them

    def set_parameters(self, parameters: Mapping[str, NDArray[Any]]) -> None:
        self.parameters = {name: array.copy() for name, array in parameters.items()}
        super().set_parameters(parameters)

    def reset(self, which: NDArray[Any], qpos: NDArray[Any], qvel: NDArray[Any]) -> None:
        rows = int(np.count_nonzero(which))
        state = (np.array(np.broadcast_to(array, (rows, array.shape[-1]))) for array in (qpos, qvel))
        self.resets.setdefault(len(self.ctrl), []).append((np.array(which), *state))  # type: ignore[arg-type]
        super().reset(which, qpos, qvel)

    def step(self, ctrl: NDArray[Any], frames: int, mocap_pos: NDArray[Any] | None = None) -> NDArray[Any]:
        self.ctrl.append(np.array(ctrl))
        self.frames.add(frames)
        return super().step(ctrl, frames, mocap_pos)


class Recording:
    """A recording that can be played.

    Args:
        file: as `Recorder.write` made it.
        model: the MuJoCo model of the environment.
    """

    def __init__(self, file: Path, model: Any) -> None:
        with np.load(file, allow_pickle=False) as stored:
            self._stored = {name: stored[name] for name in stored.files}
        self.warm = int(self._stored["warm"])
        self._frames = int(self._stored["frames"])
        self._simulation = CSimulation(model, self._stored["ctrl"].shape[1], NAMES)
        parameters = {
            name.partition("/")[2]: array for name, array in self._stored.items() if name.startswith("parameters/")
        }
        if parameters:
            self._simulation.set_parameters(parameters)
        self._resets = 0  # done so far
        self._rows = 0

    def iterations(self) -> Iterator[None]:
        """Play one iteration after the other; checks after each that the state is the recorded one, bit by bit.

        Raises:
            AssertionError: it is another one, so this is not the same work.
        """
        t = 0
        for iteration, mark in enumerate(self._stored["marks"].tolist()):
            while t < mark:
                self._reset_before(t)
                self._simulation.step(self._stored["ctrl"][t], self._frames)
                t += 1
            self._reset_before(t)
            if not np.array_equal(self._simulation.arrays()["qpos"], self._stored["end"][iteration]):
                raise AssertionError(f"the replay of iteration {iteration} ended in another state than the training")
            yield

    def _reset_before(self, t: int) -> None:
        """The resets that came before step t and have not been done."""
        stored = self._stored
        while self._resets < len(stored["reset_before"]) and stored["reset_before"][self._resets] == t:
            which = stored["which"][self._resets]
            rows = slice(self._rows, self._rows + int(which.sum()))
            self._simulation.reset(which, stored["qpos"][rows], stored["qvel"][rows])
            self._resets, self._rows = self._resets + 1, rows.stop
