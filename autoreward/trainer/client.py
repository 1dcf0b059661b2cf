"""The controller's handle on the trainer worker: the seam across which only records and serialised rewards go."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any, Self

from autoreward import errors, process_environment, wire
from autoreward.environment.foreign.reference import is_reference, parse
from autoreward.errors import AutorewardError, EnvironmentFailedError
from autoreward.recordings import Recordings, pack_recordings, unpack_recordings
from autoreward.records import Finding, MemberResult, TrainingJob, TrainingResult
from autoreward.trainer.deadlines import Deadlines, program_finding
from autoreward.trainer.progress import OnProgress, Progress

LESS_MEMORY = "Less memory: fewer candidates or seeds."

Output = tuple[TrainingResult, Recordings]
MESSAGE_LIMIT = 4 << 30  # bytes; arrays of a large population
ERROR_TAIL = 2_000  # characters of a dead worker's output that an error quotes
TICK = 0.5  # [s] between two looks at the clock while the worker says nothing


@dataclass(frozen=True)
class Supervision:
    """What whoever asks for a training knows and wants to hear.

    Attributes:
        failed: candidates whose programs are known to fail in training: they are not tried again.
        on_failure: is told of a program that raised, hung or took the worker with it, before the others train on.
        on_wait: is called while the worker works, twice a second; what it raises ends the training.
    """

    failed: Mapping[str, Finding] = field(default_factory=dict)
    on_failure: Callable[[str, Finding], None] = lambda candidate, finding: None
    on_wait: Callable[[], None] = lambda: None


class _ProgramFailure(Exception):
    """A candidate's program ended the training of all."""

    def __init__(self, candidate: str, finding: Finding) -> None:
        super().__init__(candidate, finding)
        self.candidate, self.finding = candidate, finding


class _Silence(Exception):
    """The worker has said nothing for too long."""


class TrainerWorker:
    """One trainer process, started with the first job and kept warm; its whole group ends with it.

    Args:
        deadlines: after which a silent worker is ended.
    """

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        self._deadlines = deadlines or Deadlines()
        self._stage, self._running = "starting", ""  # what the worker does, and whose program runs
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process if it does not run, so that it warms up while others work."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            process_environment.child_command("-m", "autoreward.trainer.population.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=process_environment.worker_environment() | process_environment.WITHOUT_WINDOWS,
            start_new_session=True,
        )

    def prepare(self, job: TrainingJob) -> None:
        """Start the process and have it compile, in the background, what jobs of this shape need; changes no result.

        A process that cannot be reached is the business of the job that follows.
        """
        self.start()
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(wire.encode({"kind": "prepare", "job": job.model_dump(mode="json")}))
            self._process.stdin.flush()

    def train(
        self, job: TrainingJob, on_progress: OnProgress | None = None, supervision: Supervision | None = None
    ) -> Output:
        """Train a population; see `Trainer.train`.

        A candidate whose program raises, hangs, or ends the process (memory) is left out, and the others are trained
        without it, from the start. Its members have failed, and have no recordings.

        Raises:
            EnvironmentFailedError: the environment failed, or the process died or fell silent outside a candidate's
                program; the message quotes its last words.
        """
        supervision = supervision or Supervision()
        failed = {name: finding for name, finding in supervision.failed.items() if name in job.rewards}
        while len(failed) < len(job.rewards):
            asked = {"kind": "train", "job": _without(job, failed).model_dump(mode="json")}
            try:
                result, recordings = self._ask(asked, on_progress, supervision.on_wait)
            except _ProgramFailure as failure:
                self.close()
                failed[failure.candidate] = failure.finding
                supervision.on_failure(failure.candidate, failure.finding)
            else:
                return _with_failed(result, job, failed), recordings
        nothing = TrainingResult(
            job=job.id, members=(), env_steps=0, evaluation_steps=0, seconds=0.0, first_update_seconds=0.0
        )
        return _with_failed(nothing, job, failed), ()

    def evaluate_random(self, job: TrainingJob, candidate: str = "random") -> Output:
        """Measure random actions; see `Trainer.evaluate_random`."""
        return self._ask(
            {"kind": "random", "job": job.model_dump(mode="json"), "candidate": candidate}, None, lambda: None
        )

    def replay(self, job: TrainingJob, policies: Recordings) -> Output:
        """Play the evaluation episodes of a training again, measured by the job's metric; see `Trainer.replay`.

        Raises:
            EnvironmentFailedError: the process died, or the program of a candidate failed on the episodes.
        """
        names, parts = pack_recordings(policies)
        asked = {"kind": "replay", "job": job.model_dump(mode="json"), "term_names": names}
        try:
            return self._ask(asked, None, lambda: None, parts)
        except _ProgramFailure as failure:
            raise EnvironmentFailedError(failure.finding.message) from failure

    def close(self) -> None:
        """End the process and everything it started."""
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close_quietly(pipe)
        if self._log is not None:
            self._log.close()
            self._log = None

    def _ask(
        self,
        asked: Any,
        on_progress: OnProgress | None,
        on_wait: Callable[[], None],
        parts: Mapping[str, bytes] | None = None,
    ) -> Output:
        self.start()
        self._stage, self._running = "starting", ""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(wire.encode(asked, parts))
            process.stdin.flush()
            return self._answer(process.stdout, on_progress, on_wait)
        except (OSError, wire.WireError, _Silence) as error:
            self._blame(asked["job"], error)
            raise EnvironmentFailedError(
                f"The trainer process ended in the middle of job {asked['job']['id']!r}: {self._explain(error)}",
                f"Nothing earlier is lost: `autoreward resume` goes on. {_cure(asked['job'])}",
            ) from error
        except BaseException:
            self.close()  # interrupted in the middle of an answer: the stream cannot be used again
            raise

    def _blame(self, job: Any, error: Exception) -> None:
        """Raise the failure of the candidate whose program ran when the worker died or fell silent, if one did."""
        if isinstance(error, _Silence):
            self._kill()
        if self._running not in job["rewards"]:
            return
        reason = str(error) if isinstance(error, _Silence) else f"the trainer's process ended: {self._last_words()}"
        rule = "training.program_hangs" if isinstance(error, _Silence) else "training.program_crashes"
        raise _ProgramFailure(self._running, program_finding(rule, self._running, reason)) from error

    def _answer(self, stream: IO[bytes], on_progress: OnProgress | None, on_wait: Callable[[], None]) -> Output:
        reader = self._patient_reader(stream, on_wait)
        while (packet := wire.read(reader, MESSAGE_LIMIT)) is not None:
            data = packet.data
            kind = data.pop("kind")
            if kind == "result":
                recordings = unpack_recordings(data["term_names"], packet.parts)
                return TrainingResult.model_validate(data["result"]), recordings
            if kind == "error":
                raise _same_error(data["type"], data["message"], data["remedy"])
            if kind == "program_failed":
                name = str(data["candidate"])
                raise _ProgramFailure(name, program_finding("training.program_raises", name, data["reason"]))
            if kind == "stage":
                self._stage, self._running = str(data["stage"]), str(data["candidate"] or "")
                continue
            if on_progress is not None:
                on_progress(Progress(**data))
        raise wire.WireError("no answer")

    def _patient_reader(self, stream: IO[bytes], on_wait: Callable[[], None]) -> Callable[[int], bytes]:
        """Reads of the stream's descriptor that look at the clock."""

        ticked = time.monotonic()

        def read(count: int) -> bytes:
            nonlocal ticked
            began, ready = time.monotonic(), False
            while not ready:
                ready = bool(select.select([stream], [], [], TICK)[0])
                if time.monotonic() - ticked >= TICK:  # also while the worker talks without a pause
                    on_wait()
                    ticked = time.monotonic()
                patience = self._deadlines.program if self._running else self._deadlines.stage
                if not ready and time.monotonic() - began > patience:
                    raise _Silence(f"no answer for {patience:.0f} s in stage {self._stage!r}")
            return os.read(stream.fileno(), count)

        return read

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _explain(self, error: Exception) -> str:
        silence = f"{error}; " if isinstance(error, _Silence) else ""
        return silence + self._last_words()

    def _last_words(self) -> str:
        if self._process is not None:
            self._process.wait()
        if self._log is None:
            return "it left no message."
        self._log.seek(0)
        text = self._log.read().decode(errors="replace").strip()
        code = self._process.returncode if self._process else None
        return f"exit status {code}. {text[-ERROR_TAIL:]}"


def _without(job: TrainingJob, failed: Mapping[str, Finding]) -> TrainingJob:
    """The job without some candidates; their slots are filled with further seeds of the others."""
    return job.model_copy(
        update={
            "members": tuple(member for member in job.members if member.candidate not in failed),
            "rewards": {name: reward for name, reward in job.rewards.items() if name not in failed},
        }
    )


def _with_failed(result: TrainingResult, job: TrainingJob, failed: Mapping[str, Finding]) -> TrainingResult:
    """The result with a failed member for each that was left out."""
    left_out = tuple(
        MemberResult(candidate=member.candidate, seed=member.seed, status="failed", finding=failed[member.candidate])
        for member in job.members
        if member.candidate in failed
    )
    return result.model_copy(update={"members": (*result.members, *left_out)})


def _same_error(name: str, message: str, remedy: str) -> AutorewardError:
    """The worker's error, raised here as the same kind."""
    named = getattr(errors, name, AutorewardError)
    kind = named if isinstance(named, type) and issubclass(named, AutorewardError) else AutorewardError
    error = kind.__new__(kind)
    AutorewardError.__init__(error, message, remedy)
    return error


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # the process died with unread input: there is nothing left to flush to


def _cure(job: Any) -> str:
    """What may have ended a trainer that ended by itself."""
    env = job["env_path"] or job["env"]
    if is_reference(env):
        return f"The code of {parse(env).id} runs in it and may have ended it. {LESS_MEMORY}"
    return LESS_MEMORY
