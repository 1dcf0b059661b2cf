"""The learners of a job, each a process of its own: one that raises, hangs or dies is left out, the others go on."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autoreward import process_environment, wire
from autoreward.errors import EnvironmentFailedError
from autoreward.recordings import MemberRecording, unpack_recordings
from autoreward.records import Finding, MemberSpec, TrainingJob
from autoreward.trainer.deadlines import Deadlines, program_finding
from autoreward.trainer.off_policy.chunks import join_chunks
from autoreward.trainer.progress import OnProgress, Progress

MESSAGE_LIMIT = 1 << 30  # [bytes]
TICK = 0.5  # [s] between two looks at the clock
LAST_WORDS = 500  # characters of what a process that died has said
WAITING = "waiting"  # the stage in which a learner waits for the steps of the others
ONE_CORE = {  # rewards of a chunk are small, and each process would take most of a GPU's memory
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one member."""

    member: MemberSpec
    failure: Finding | None = None
    recording: MemberRecording | None = None  # None: it failed before it had learned anything
    best_return: float | None = None
    env_steps: int = 0
    diverged: int = 0
    remarks: tuple[str, ...] = ()


@dataclass
class _Learner:
    """One process, as it was last heard of."""

    member: MemberSpec
    process: subprocess.Popen[bytes]
    log: Any
    heard: float
    stage: str = "starting"
    program: bool = False  # whether the candidate's program runs
    env_steps: int = 0
    latest: Mapping[str, float | None] = field(default_factory=dict)
    chunk: Mapping[str, bytes] | None = None  # what it offers, while it waits for the others

    def send(self, data: Any, parts: Mapping[str, bytes] | None = None) -> None:
        """Tell it something; one that has ended is noticed by what it says."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(wire.encode(data, parts))
            self.process.stdin.flush()

    def end(self) -> str:
        """End it; what it said last."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.log.seek(0)
        words = " ".join(self.log.read().decode(errors="replace").split())[-LAST_WORDS:]
        self.log.close()
        return words


class Learners:
    """All learners of a job, as many side by side as there are cores; those that share their steps all at once.

    Args:
        gamma: discount.
        deadlines: after which a silent one is ended.
        on_progress: is told how many steps all have made.
    """

    def __init__(
        self, job: TrainingJob, gamma: float, deadlines: Deadlines, on_progress: OnProgress | None, started: float
    ) -> None:
        self._job, self._gamma, self._deadlines = job, gamma, deadlines
        self._on_progress, self._started = on_progress, started
        self._told: queue.Queue[tuple[_Learner, wire.Packet | None]] = queue.Queue()
        self._running: list[_Learner] = []
        self._outcomes: dict[MemberSpec, Outcome] = {}
        self._latest: dict[MemberSpec, Mapping[str, float | None]] = {}
        self.first_update = 0.0  # [s] from the beginning to the first report

    def run(self) -> list[Outcome]:
        """Train all members.

        Returns:
            What became of each, in the order of the job.

        Raises:
            EnvironmentFailedError: the environment failed in all of them.
        """
        groups, cores = self._groups(), process_environment.cores()
        try:
            while groups or self._running:
                while groups and (not self._running or len(self._running) + len(groups[0]) <= cores):
                    self._start(groups.pop(0))
                with contextlib.suppress(queue.Empty):
                    self._hear(*self._told.get(timeout=TICK))
                self._end_silent()
                self._exchange()
        finally:
            for learner in self._running:
                learner.end()
        outcomes = [self._outcomes[member] for member in self._job.members]
        self._raise_if_all_failed(outcomes)
        return outcomes

    def _groups(self) -> list[Sequence[MemberSpec]]:
        """Members that have to run at the same time."""
        members = self._job.members
        if not self._job.share_experience:
            return [(member,) for member in members]
        seeds = dict.fromkeys(member.seed for member in members)
        return [tuple(member for member in members if member.seed == seed) for seed in seeds]

    def _start(self, group: Sequence[MemberSpec]) -> None:
        for member in group:
            job = self._job.model_copy(
                update={"members": (member,), "rewards": {member.candidate: self._job.rewards[member.candidate]}}
            )
            log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
            process = subprocess.Popen(
                process_environment.child_command("-m", "autoreward.trainer.off_policy.worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=process_environment.worker_environment() | process_environment.WITHOUT_WINDOWS | ONE_CORE,
            )
            learner = _Learner(member, process, log, time.monotonic())
            self._running.append(learner)
            threading.Thread(target=self._listen, args=(learner,), daemon=True).start()
            sources = [other.candidate for other in group if other != member]
            asked = {"kind": "learn", "job": job.model_dump(mode="json"), "member": member.model_dump(mode="json")}
            learner.send({**asked, "gamma": self._gamma, "sources": sources})

    def _listen(self, learner: _Learner) -> None:
        """Hand on what a learner says, and that it says no more."""
        assert learner.process.stdout is not None
        packet: wire.Packet | None = None
        while True:
            try:
                packet = wire.read(learner.process.stdout.read1, MESSAGE_LIMIT)  # type: ignore[attr-defined]
            except (wire.WireError, OSError, ValueError):  # it was ended while it spoke
                packet = None
            self._told.put((learner, packet))
            if packet is None:
                return

    # --- What they say -------------------------------------------------------------------------------------

    def _hear(self, learner: _Learner, packet: wire.Packet | None) -> None:
        if learner not in self._running:
            return  # the last words of one that was left out
        learner.heard = time.monotonic()
        if packet is None:
            self._died(learner)
            return
        data, kind = packet.data, packet.data["kind"]
        if kind == "stage":
            learner.stage, learner.program = data["stage"], data["candidate"] is not None
        elif kind == "progress":
            learner.env_steps, self._latest[learner.member] = data["env_steps"], data["latest"]
            self._report()
        elif kind == "chunk":
            learner.chunk, learner.stage = packet.parts, WAITING
        elif kind == "program_failed":
            self._fail(learner, "training.program_raises", data["reason"])
        elif kind == "error":
            self._leave(learner, Outcome(learner.member, _environment_finding(data["message"], data["remedy"])))
        else:
            self._leave(learner, _learned(learner.member, data, packet.parts))

    def _died(self, learner: _Learner) -> None:
        code, words = learner.process.wait(), learner.end()
        reason = f"its process ended with status {code}. {words}"
        if learner.program:
            self._fail(learner, "training.program_crashes", reason)
        else:
            self._leave(learner, Outcome(learner.member, _environment_finding(reason, "")))

    def _end_silent(self) -> None:
        for learner in list(self._running):
            patience = self._deadlines.program if learner.program else self._deadlines.stage
            if learner.stage == WAITING or time.monotonic() - learner.heard <= patience:
                continue
            reason = f"no answer for {patience:.0f} s in stage {learner.stage!r}"
            if learner.program:
                self._fail(learner, "training.program_hangs", reason)
            else:
                self._leave(learner, Outcome(learner.member, _environment_finding(f"{reason}.", "")))

    def _fail(self, learner: _Learner, rule: str, reason: str) -> None:
        self._leave(learner, Outcome(learner.member, program_finding(rule, learner.member.candidate, reason)))

    def _leave(self, learner: _Learner, outcome: Outcome) -> None:
        """A learner is done, for good or ill."""
        self._outcomes[learner.member] = outcome
        self._running.remove(learner)
        if learner.process.poll() is None or not learner.log.closed:
            learner.end()
        self._report()

    def _exchange(self) -> None:
        """Once all that share their steps have offered a chunk, each gets those of the others."""
        for seed in {learner.member.seed for learner in self._running if learner.chunk is not None}:
            group = [learner for learner in self._running if learner.member.seed == seed]
            if any(learner.chunk is None for learner in group):
                continue
            offered = {learner.member.candidate: learner.chunk or {} for learner in group}
            for learner in group:
                learner.chunk, learner.stage, learner.heard = None, "learning", time.monotonic()
                others = {name: parts for name, parts in offered.items() if name != learner.member.candidate}
                learner.send({"kind": "chunks"}, join_chunks(others))

    def _report(self) -> None:
        seconds = time.monotonic() - self._started
        self.first_update = self.first_update or seconds
        if self._on_progress is None:
            return
        done = sum(one.env_steps for one in self._outcomes.values()) + sum(one.env_steps for one in self._running)
        total = self._job.n_timesteps * len(self._job.members)
        latest = {member.candidate: told for member, told in self._latest.items()}
        self._on_progress(Progress(self._job.id, done, max(done, total), seconds, latest))

    def _raise_if_all_failed(self, outcomes: Sequence[Outcome]) -> None:
        """Where the environment failed every member, the training has failed."""
        rules = [one.failure.rule if one.failure else "" for one in outcomes]
        if set(rules) == {ENVIRONMENT}:
            failure = outcomes[0].failure
            assert failure is not None
            raise EnvironmentFailedError(failure.message, failure.remedy)


ENVIRONMENT = "training.environment"


def _environment_finding(message: str, remedy: str) -> Finding:
    return Finding(rule=ENVIRONMENT, severity="error", message=message, remedy=remedy)


def _learned(member: MemberSpec, data: Mapping[str, Any], parts: Mapping[str, bytes]) -> Outcome:
    (recording,) = unpack_recordings(data["term_names"], parts)
    return Outcome(
        member=member,
        failure=None if data["failure"] is None else Finding.model_validate(data["failure"]),
        recording=recording,
        best_return=data["best_return"],
        env_steps=data["env_steps"],
        diverged=data["diverged"],
        remarks=tuple(data["remarks"]),
    )
