"""What takes longer than a person waits for an answer: done behind the page, which says meanwhile how far it is.

No request waits for a clip, a replay or a program: it is told what is being done, and asks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, TypeVar

PATIENCE = 0.4  # [s] that a request waits: what is done by then is answered at once
T = TypeVar("T")
FORGOTTEN = 15.0  # [s] after which what waits its turn is dropped where nobody asks for it any more


@dataclass(frozen=True)
class Waiting:
    """It is not there yet."""

    words: str  # what is being done: "Drawing the clip."
    seconds: float  # [s] since it was begun; 0: it waits for its turn
    usual: float | None  # [s] that the last one of this kind took; None: not known
    before: int  # how many others are not done; the last that is asked for comes first

    def in_words(self) -> str:
        """`Drawing the clip. 12 s so far; the last one took 30 s.`"""
        if self.before:
            others = f"{self.before} more {'are' if self.before > 1 else 'is'} asked for"
            return f"{self.words} It waits for its turn: {others}."
        took = f"; the last one took {self.usual:.0f} s" if self.usual is not None else ""
        return f"{self.words} {self.seconds:.0f} s so far{took}."


@dataclass
class _Job:
    words: str
    work: Callable[[], Any]
    asked: float  # when somebody asked for it last
    begun: float | None = None
    done: bool = False
    result: Any = None
    error: Exception | None = None


@dataclass
class Jobs:
    """One thing at a time, behind the page: what was asked for last comes first, it is what somebody looks at."""

    clock: Callable[[], float] = time.monotonic
    patience: float = PATIENCE
    _jobs: dict[Hashable, _Job] = field(default_factory=dict)
    _usual: dict[str, float] = field(default_factory=dict)  # [s] by words
    _changed: Condition = field(default_factory=Condition)
    _worker: Thread | None = None

    def ask(self, key: Hashable, words: str, work: Callable[[], T]) -> T | Waiting:
        """The result, once; until it is there, how far it is. What it raised is raised here.

        Args:
            key: of what is wanted: it is begun once, however many ask.
            words: what is being done, a sentence.
            work: makes it.
        """
        with self._changed:
            job = self._jobs.get(key) or self._add(key, words, work)
            job.asked = self.clock()
            if not self._changed.wait_for(lambda: job.done, self.patience):
                return self._waiting(job)
            self._jobs.pop(key, None)
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _add(self, key: Hashable, words: str, work: Callable[[], Any]) -> _Job:
        job = self._jobs[key] = _Job(words, work, self.clock())
        if self._worker is None:  # a daemon: what it has started ends with the page
            self._worker = Thread(target=self._run, daemon=True, name="jobs")
            self._worker.start()
        self._changed.notify_all()
        return job

    def _waiting(self, job: _Job) -> Waiting:
        if job.begun is not None:
            return Waiting(job.words, self.clock() - job.begun, self._usual.get(job.words), 0)
        return Waiting(job.words, 0.0, None, sum(not one.done and one is not job for one in self._jobs.values()))

    def _next(self) -> _Job | None:
        """The one that was asked for last; those that nobody asks for any more are dropped, done or not."""
        now = self.clock()
        for key in [key for key, one in self._jobs.items() if now - one.asked > FORGOTTEN]:
            del self._jobs[key]
        return max((one for one in self._jobs.values() if not one.done), key=lambda one: one.asked, default=None)

    def _run(self) -> None:
        while True:
            with self._changed:
                while (job := self._next()) is None:
                    self._changed.wait()
                job.begun = self.clock()
            self._do(job)
            with self._changed:
                job.done = True
                self._usual[job.words] = self.clock() - (job.begun or 0.0)
                self._changed.notify_all()

    @staticmethod
    def _do(job: _Job) -> None:
        try:
            job.result = job.work()
        except Exception as error:  # whoever asked is told
            job.error = error
