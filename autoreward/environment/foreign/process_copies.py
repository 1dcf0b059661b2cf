"""Copies of an environment in processes of their own, never more than cores; each steps its share of them.

Worth it where a step of all copies takes longer than to tell other processes of it; fewer are stepped by this process,
one after the other. Every copy has seeds of its own, so the number of processes changes no result.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
from jaxtyping import Bool, Int, Num
from numpy.typing import NDArray

from autoreward import process_environment, wire
from autoreward.environment.foreign.copies import CopiesMade, Moments, SomeCopies, Stepped
from autoreward.environment.foreign.reference import Reference
from autoreward.errors import EnvironmentFailedError

ANSWER_LIMIT = 1 << 30  # [bytes]
WORTH = 5e-3  # [s] that a step of all copies takes, from which processes are faster than one
ENDING = 5.0  # [s] that a process has to end whose pipes are closed
WORTH_MAKING = 1.0  # [s] that a copy takes to make, from which several should be made side by side


class ProcessesMade:
    """The processes that step an environment, where they are worth it; see copies.CopiesMade.

    Args:
        made: the copies of this process: what is read of one is known from it, and it steps a few.
        step_seconds: that a step of one copy takes [s].
        few: so few are taken at once that it pays for no process to make its own.
    """

    def __init__(self, reference: Reference, made: CopiesMade, step_seconds: float, few: bool = False) -> None:
        self.layout, self.make_seconds = made.layout, made.make_seconds
        self._reference, self._made, self._step_seconds = reference, made, step_seconds
        self._making = 0.0 if few else made.make_seconds
        self._workers: list[_Worker] = []

    def how(self, count: int) -> str:
        """See Made."""
        processes = self._processes(count)
        return in_processes(processes) if processes > 1 else self._made.how(count)

    def take(self, count: int) -> SomeCopies:
        """See CopiesMade."""
        processes = self._processes(count)
        if processes == 1:
            return self._made.take(count)
        self._workers += [_Worker(self._reference) for _ in range(processes - len(self._workers))]
        used = self._workers[:processes]
        shares = [len(part) for part in np.array_split(np.arange(count), len(used))]
        for worker, share in zip(used, shares, strict=True):
            worker.ask({"kind": "take", "count": share})
        for worker in used:  # they make their copies side by side
            worker.answer()
        return ProcessCopies(self.layout, used, shares)

    def close(self) -> None:
        """End the processes, and close the copies of this one."""
        for worker in self._workers:
            worker.close()
        self._made.close()

    def _processes(self, count: int) -> int:
        return min(count, processes_for(count * self._step_seconds, self._making))


class ProcessCopies:
    """N copies in several processes; see copies.Copies."""

    def __init__(self, layout: Any, workers: Sequence[_Worker], shares: Sequence[int]) -> None:
        self.layout, self._workers, self._shares = layout, workers, shares
        self._starts = np.cumsum([0, *shares])

    def reset(self, places: Int[np.ndarray, " n"], seeds: Int[np.ndarray, " n"]) -> Moments:
        """New episodes in some of them, in ascending order."""
        asked = []
        for worker, start, stop in self._each():
            mine = (places >= start) & (places < stop)
            if mine.any():
                worker.ask({"kind": "reset", "places": (places[mine] - start).tolist(), "seeds": seeds[mine].tolist()})
                asked.append(worker)
        return _joined([_moments(worker.answer().parts) for worker in asked])

    def step(self, actions: Num[np.ndarray, "N A"]) -> Stepped:
        """One step of each."""
        for worker, start, stop in self._each():
            worker.ask({"kind": "step"}, {"actions": np.asarray(actions[start:stop], np.float32)})
        packets = [worker.answer() for worker, _, _ in self._each()]
        starts = [start for _, start, _ in self._each()]
        ended = [wire.unpack_arrays({"ended": packet.parts["ended"]})["ended"] for packet in packets]
        seen = [_moments(packet.parts) for packet in packets if packet.data["places"]]
        return Stepped(
            places=[start + place for start, one in zip(starts, packets, strict=True) for place in one.data["places"]],
            seen=_joined(seen) if seen else None,
            terminated=np.concatenate([flags[0] for flags in ended]),
            truncated=np.concatenate([flags[1] for flags in ended]),
            failures=[failure for packet in packets for failure in packet.data["failures"]],
        )

    def advance(self, actions: Num[np.ndarray, "N A"]) -> Bool[np.ndarray, " N"]:
        """See copies.SomeCopies."""
        for worker, start, stop in self._each():
            worker.ask({"kind": "advance"}, {"actions": np.asarray(actions[start:stop], np.float32)})
        parts = [worker.answer().parts for worker, _, _ in self._each()]
        return np.concatenate([wire.unpack_arrays(one)["ended"] for one in parts])

    def _each(self) -> Iterator[tuple[_Worker, int, int]]:
        """Each process, with the places of its copies."""
        for index, worker in enumerate(self._workers):
            yield worker, int(self._starts[index]), int(self._starts[index + 1])


def in_processes(count: int) -> str:
    """How copies are stepped by several processes, in words."""
    return f"in {count} processes where many are stepped at once, each with what its module keeps"


def processes_for(step_seconds: float, make_seconds: float = 0.0) -> int:
    """How many processes should step copies whose step, of all, takes so long, or the making of one; 1: this one."""
    cores = process_environment.cores()
    return cores if cores > 1 and (step_seconds > WORTH or make_seconds > WORTH_MAKING) else 1


class _Worker:
    """One process; it ends with this one, as its input does."""

    def __init__(self, reference: Reference) -> None:
        self._who = reference.id
        self._process = subprocess.Popen(
            process_environment.child_command("-m", "autoreward.environment.foreign.copies_worker"),
            env=process_environment.worker_environment() | process_environment.WITHOUT_WINDOWS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.ask({"kind": "make", "reference": reference.text})

    def ask(self, what: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> None:
        """Ask for something, without waiting."""
        stream: IO[bytes] = self._process.stdin  # type: ignore[assignment]
        try:
            stream.write(wire.encode(dict(what), wire.pack_arrays(arrays or {})))
            stream.flush()
        except OSError as error:
            raise self._ended() from error

    def answer(self) -> wire.Packet:
        """What it says to the question before.

        Raises:
            EnvironmentFailedError: the environment failed, or its process ended.
        """
        stream: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        try:
            packet = wire.read(stream.read, ANSWER_LIMIT)
        except wire.WireError as error:
            raise self._ended() from error
        if packet is None:
            raise self._ended()
        if "error" in packet.data:
            raise EnvironmentFailedError(packet.data["error"], packet.data["remedy"])
        return packet

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # it died with unread questions
                    pipe.close()

    def _ended(self) -> EnvironmentFailedError:
        try:
            code = self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            code = None
        killed = code == -signal.SIGKILL
        remedy = (
            "It was killed, as the system does where memory is used up: see whether the environment keeps what it "
            "makes, or train fewer candidates or seeds."
            if killed
            else "Its own code ended it: make and step it in a Python of your own first."
        )
        status = "no longer answers" if code is None else f"ended with status {code}"
        return EnvironmentFailedError(f"{self._who}: the process that stepped it {status}.", remedy)


def _moments(parts: Mapping[str, bytes]) -> Moments:
    arrays = wire.unpack_arrays({name: part for name, part in parts.items() if name != "ended"})
    return Moments(arrays.pop("rows"), {name.removeprefix("raw/"): array for name, array in arrays.items()})


def _joined(parts: Sequence[Moments]) -> Moments:
    rows = np.concatenate([part.rows for part in parts])
    return Moments(rows, {name: np.concatenate([part.raw[name] for part in parts]) for name in parts[0].raw})
