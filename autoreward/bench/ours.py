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
from collections.abc import Sequence
from pathlib import Path

from autoreward.bench.machine import peak_memory
from autoreward.bench.recording import Recorder
from autoreward.bench.seams import Seams
from autoreward.bench.windows import Gate, OpenGate, Over, PipeGate, Windows
from autoreward.records import TrainingJob
from autoreward.trainer.progress import OnProgress, Progress

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

    from autoreward.environment import vector_env

    vars(vector_env)["CSimulation"] = recorder.simulation  # this process does nothing else
    _train(job, report)
    recorder.write(file, warm)


def _train(job: TrainingJob, report: OnProgress) -> None:
    from autoreward.trainer.population.trainer import Trainer
    from autoreward.trainer.population.worker import configure_jax

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
