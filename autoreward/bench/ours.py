"""Our side of `bench train`, in a process of its own: `Trainer.train` itself, timed between its progress reports.

    python -m autoreward.bench.ours JOB --length 8                              waits for its turns on stdin
    python -m autoreward.bench.ours JOB --length 8 --profile                    the same, and says where time goes
    python -m autoreward.bench.ours JOB --length 8 --rounds 3 --record FILE     records what the physics is asked for

The training stops inside a progress report when no further window is wanted, so nothing is evaluated.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax

from autoreward.bench.machine import peak_memory
from autoreward.bench.recording import Recorder
from autoreward.bench.windows import Gate, OpenGate, Over, PipeGate, Windows
from autoreward.environment import vector_env
from autoreward.environment.simulation.c_simulation import CSimulation
from autoreward.environment.vector_env import VectorEnv
from autoreward.records import TrainingJob
from autoreward.trainer.backends.c_backend import CBackend
from autoreward.trainer.population.candidate_members import CandidateMembers
from autoreward.trainer.population.programs import PopulationPrograms
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.population.training import PopulationTraining
from autoreward.trainer.population.worker import configure_jax
from autoreward.trainer.progress import OnProgress, Progress

PHYSICS = "physics"
ENVIRONMENT = "observation, recording, reset noise"
POLICY = "policy"
REWARDS = "fields, rewards, accounting"
UPDATE = "update"
OTHER = "other"
NAMES = (PHYSICS, ENVIRONMENT, POLICY, REWARDS, UPDATE, OTHER)


class Seams:
    """Charges every moment to what is being done; inside a seam within a seam, to the inner one.

    Where several threads are inside seams at once, each is charged its part of the moment. Where none is, it goes to
    `other`. JAX works behind the caller's back: at the end of a seam its results are waited for, so the time is charged
    where the work was asked for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: dict[int, list[str]] = {}  # by thread, the innermost last
        self.restart()

    def restart(self) -> None:
        """Forget what was charged so far."""
        with self._lock:
            self._spent = dict.fromkeys(NAMES, 0.0)
            self._last = time.perf_counter()

    def shares(self) -> dict[str, float]:
        """What each took of the time since the last restart."""
        with self._lock:
            self._charge()
            total = sum(self._spent.values())
            return {name: round(spent / total, 4) if total else 0.0 for name, spent in self._spent.items()}

    def enter(self, thread: int, name: str) -> None:
        """A thread comes to a seam."""
        with self._lock:
            self._charge()
            self._inside.setdefault(thread, []).append(name)

    def leave(self, thread: int) -> None:
        """A thread leaves the seam that it came to last."""
        with self._lock:
            self._charge()
            self._inside[thread].pop()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time charged to `name`."""

        def charged(*arguments: Any, **named: Any) -> Any:
            thread = threading.get_ident()
            self.enter(thread, name)
            try:
                return jax.block_until_ready(function(*arguments, **named))
            finally:
                self.leave(thread)

        return charged

    def install(self) -> None:
        """Put the seams around the trainer's parts, in this process."""
        self._wrap(CSimulation, {"step": PHYSICS, "reset": PHYSICS})
        self._wrap(VectorEnv, {"step": ENVIRONMENT, "new_rollout": ENVIRONMENT, "finish": REWARDS, "fields": REWARDS})
        self._wrap(CBackend, {"_reset_noise": ENVIRONMENT, "_action_noise": POLICY})
        self._wrap(CandidateMembers, {"add_rollout": REWARDS, "check_improved": REWARDS})
        self._wrap(PopulationTraining, {"_compute_rewards": REWARDS, "_update_batch": UPDATE, "_shuffle": UPDATE})
        self._wrap_programs(PopulationPrograms)

    def _charge(self) -> None:
        now = time.perf_counter()
        doing = [names[-1] for names in self._inside.values() if names] or [OTHER]
        for name in doing:
            self._spent[name] += (now - self._last) / len(doing)
        self._last = now

    def _wrap(self, owner: Any, names: Mapping[str, str]) -> None:
        """A part that is not there any more is charged to whatever is around it."""
        for attribute, name in names.items():
            if hasattr(owner, attribute):
                setattr(owner, attribute, self.around(name, getattr(owner, attribute)))

    def _wrap_programs(self, programs: Any) -> None:
        """Compiled functions are attributes of each object, so they are wrapped when it is made."""
        make = programs.__init__
        seams = {"act": POLICY, "keep": UPDATE, "update": UPDATE}

        def made(this: Any, *arguments: Any, **named: Any) -> None:
            make(this, *arguments, **named)
            self._wrap(this, seams)

        programs.__init__ = made


COMPILED_AFTER = 2  # iterations: the second one sees members that come from an update


class Warmth:
    """Whether everything that a training does has happened once: updates, and the metric of episodes that ended."""

    def __init__(self) -> None:
        self.iterations = 0

    def after(self, progress: Progress) -> bool:
        """Call it with every report."""
        self.iterations += 1
        ended = all(numbers["success"] is not None for numbers in progress.latest.values())
        return ended and self.iterations >= COMPILED_AFTER


def time_windows(job: TrainingJob, length: int, gate: Gate) -> None:
    """Train, and tell the seconds of every window."""
    windows, warmth = Windows(gate, length), Warmth()
    _train(job, lambda progress: windows.end_of_iteration(warmth.after(progress), peak_memory=peak_memory()))


def profile_windows(job: TrainingJob, length: int, gate: Gate) -> None:
    """Train with seams around the parts, and tell the share of each in every window."""
    windows, warmth, seams = Windows(gate, length), Warmth(), Seams()
    seams.install()

    def report(progress: Progress) -> None:
        before, shares = windows.counting, seams.shares()
        windows.end_of_iteration(warmth.after(progress), peak_memory=peak_memory(), shares=shares)
        if windows.counting and not before:
            seams.restart()

    _train(job, report)


def record(job: TrainingJob, length: int, rounds: int, file: Path) -> None:
    """Train as long as `rounds` windows take, and write what the physics was asked for."""
    recorder, warmth = Recorder(), Warmth()
    windows = Windows(OpenGate(rounds), length)
    warm = 0

    def report(progress: Progress) -> None:
        nonlocal warm
        recorder.end_of_iteration()
        if warmth.after(progress) and not warm:
            warm = warmth.iterations
        windows.end_of_iteration(warm > 0)

    vars(vector_env)["CSimulation"] = recorder.simulation  # this process does nothing else
    _train(job, report)
    recorder.write(file, warm)


def _train(job: TrainingJob, report: OnProgress) -> None:
    configure_jax()
    try:
        Trainer().train(job, report)
    except Over:
        return
    raise RuntimeError("the training ended before its last window: it was given too few steps")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", type=Path)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args(arguments)
    job = TrainingJob.model_validate_json(options.job.read_text(encoding="utf-8"))
    if options.record:
        record(job, options.length, options.rounds, options.record)
        return
    with tempfile.TemporaryDirectory(prefix="autoreward-bench-") as folder:
        os.chdir(folder)  # MuJoCo writes its log into the working directory
        run = profile_windows if options.profile else time_windows
        run(job, options.length, PipeGate())


if __name__ == "__main__":
    main()
