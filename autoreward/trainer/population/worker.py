"""The trainer's own process: takes jobs on stdin, answers on stdout, runs no model-written Python and has no keys.

Messages are those of wire.py. Asked: `{"kind": "train" | "random" | "replay", "job": ..., "candidate": ...}`, a replay
with the policies as parts. Answered: any number
of `{"kind": "stage", "stage": ..., "candidate": ...}` (what is done now, and whose program runs) and of
`{"kind": "progress", ...}`, then one of `{"kind": "result", ...}` with the recordings as parts,
`{"kind": "error", ...}`, and `{"kind": "program_failed", "candidate": ..., "reason": ...}`.
`{"kind": "prepare", "job": ...}` compiles what jobs of this shape need, and is not answered.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import tempfile
from dataclasses import asdict
from typing import Any, BinaryIO

import jax

from autoreward import process_environment, wire
from autoreward.child_life import end_with_asker
from autoreward.errors import AutorewardError
from autoreward.recordings import pack_recordings, unpack_recordings
from autoreward.records import TrainingJob
from autoreward.trainer.population.guard import Guard, ProgramFailed
from autoreward.trainer.population.trainer import Output, Trainer
from autoreward.trainer.progress import OnProgress

MESSAGE_LIMIT = 1 << 30  # bytes; a job with its programs is far smaller
REMEMBERED = 512  # reward programs after which jax forgets all it knows; its own programs come back from the disk


def main() -> None:
    """Serve jobs until stdin closes."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    configure_jax()
    with tempfile.TemporaryDirectory(prefix="autoreward-worker-") as folder:
        os.chdir(folder)  # MuJoCo writes its log into the working directory
        end_with_asker(sys.stdin.fileno(), folder)
        serve(sys.stdin.buffer, answers)


def configure_jax() -> None:
    """Keep compiled programs on the disk, so that the next process starts with them."""
    cache = process_environment.compilation_cache_directory()
    jax.config.update("jax_compilation_cache_dir", str(cache))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer every job of a stream."""

    def send(data: Any, parts: dict[str, bytes] | None = None) -> None:
        remaining = memoryview(wire.encode(data, parts))
        while remaining:
            remaining = remaining[answers.write(remaining) :]

    def announce(stage: str, candidate: str | None) -> None:
        send({"kind": "stage", "stage": stage, "candidate": candidate})

    trainer, housekeeping = Trainer(Guard(announce)), Housekeeping()
    while (packet := wire.read(jobs.read, MESSAGE_LIMIT)) is not None:
        if packet.data["kind"] == "prepare":
            with contextlib.suppress(
                AutorewardError, ProgramFailed
            ):  # the job that follows meets it again, and says so
                trainer.prepare(TrainingJob.model_validate(packet.data["job"]))
            continue
        try:
            result, recorded = _do(trainer, packet, lambda progress: send({"kind": "progress"} | asdict(progress)))
        except AutorewardError as error:
            name = type(error).__name__
            send({"kind": "error", "type": name, "message": error.message, "remedy": error.remedy})
        except ProgramFailed as failure:
            send({"kind": "program_failed", "candidate": failure.candidate, "reason": failure.reason})
        else:
            names, parts = pack_recordings(recorded)
            send({"kind": "result", "result": result.model_dump(mode="json"), "term_names": names}, parts)
            del result, recorded, parts
        housekeeping.after_job(len(packet.data["job"]["rewards"]))


def _do(trainer: Trainer, packet: wire.Packet, on_progress: OnProgress) -> Output:
    asked, job = packet.data, TrainingJob.model_validate(packet.data["job"])
    if asked["kind"] == "random":
        return trainer.evaluate_random(job, asked["candidate"])
    if asked["kind"] == "replay":
        return trainer.replay(job, unpack_recordings(asked["term_names"], packet.parts))
    return trainer.train(job, on_progress)


class Housekeeping:
    """Keeps the trainer's process small: a search trains hundreds of rewards in it, one program after the other.

    Two things would make it grow. jax keeps what it knows of every program that was ever called (about 35 kB each, up
    to thousands); and compiling scatters the heap, so that freed memory is not given back to the system (0.4 MB a
    training).
    """

    def __init__(self) -> None:
        self._programs = 0
        process = ctypes.CDLL(None)
        self._trim = process.malloc_trim if hasattr(process, "malloc_trim") else None  # glibc has it

    def after_job(self, programs: int) -> None:
        """Give back what a job with so many reward programs has left behind; takes milliseconds."""
        self._programs += programs
        if self._programs >= REMEMBERED:
            jax.clear_caches()
            self._programs = 0
        if self._trim is not None:
            self._trim(0)


if __name__ == "__main__":
    main()
