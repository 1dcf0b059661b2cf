"""The controller's handle on the trainer worker: the seam across which only records and serialised rewards go."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from types import TracebackType
from typing import IO, Any, Self

from autoreward import config, errors, wire
from autoreward.errors import AutorewardError, EnvironmentFailedError
from autoreward.recordings import Recordings, unflatten
from autoreward.records import TrainingJob, TrainingResult
from autoreward.trainer.progress import OnProgress, Progress

Output = tuple[TrainingResult, Recordings]
MESSAGE_LIMIT = 4 << 30  # bytes; arrays of a large population
ERROR_TAIL = 2_000  # characters of a dead worker's output that an error quotes


class TrainerWorker:
    """One trainer process, started with the first job and kept warm; its whole group ends with it."""

    def __init__(self) -> None:
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
            config.child_command("-m", "autoreward.trainer.population.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=config.worker_environment(),
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

    def train(self, job: TrainingJob, on_progress: OnProgress | None = None) -> Output:
        """Train a population; see `Trainer.train`.

        Raises:
            EnvironmentFailedError: the environment failed, or the process died; the message quotes its last words.
        """
        return self._ask({"kind": "train", "job": job.model_dump(mode="json")}, on_progress)

    def evaluate_random(self, job: TrainingJob, candidate: str = "random") -> Output:
        """Measure random actions; see `Trainer.evaluate_random`."""
        return self._ask({"kind": "random", "job": job.model_dump(mode="json"), "candidate": candidate}, None)

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

    def _ask(self, asked: Any, on_progress: OnProgress | None) -> Output:
        self.start()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(wire.encode(asked))
            process.stdin.flush()
            return self._answer(process.stdout, on_progress)
        except (OSError, wire.WireError) as error:
            raise EnvironmentFailedError(
                f"The trainer process ended in the middle of job {asked['job']['id']!r}: {self._last_words()}",
                "Nothing earlier is lost: `autoreward resume` goes on. Less memory: fewer candidates or seeds.",
            ) from error
        except BaseException:
            self.close()  # interrupted in the middle of an answer: the stream cannot be used again
            raise

    def _answer(self, stream: IO[bytes], on_progress: OnProgress | None) -> Output:
        while (packet := wire.read(stream.read, MESSAGE_LIMIT)) is not None:
            data = packet.data
            kind = data.pop("kind")
            if kind == "result":
                arrays = wire.unpack_arrays(packet.parts)
                return TrainingResult.model_validate(data["result"]), unflatten(arrays, data["term_names"])
            if kind == "error":
                raise _same_error(data["type"], data["message"], data["remedy"])
            if on_progress is not None:
                on_progress(Progress(**data))
        raise wire.WireError("no answer")

    def _last_words(self) -> str:
        if self._process is not None:
            self._process.wait()
        if self._log is None:
            return "it left no message."
        self._log.seek(0)
        text = self._log.read().decode(errors="replace").strip()
        code = self._process.returncode if self._process else None
        return f"exit status {code}. {text[-ERROR_TAIL:]}"


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
