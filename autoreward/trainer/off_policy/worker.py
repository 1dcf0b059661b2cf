"""`python -m autoreward.trainer.off_policy.worker`: the process of one learner. No key, no candidate's Python.

Messages are those of wire.py. Asked once: `{"kind": "learn", "job": ..., "member": ..., "sources": [...]}`. Told:
`{"kind": "stage", "stage": ..., "candidate": ...}`, `{"kind": "progress", ...}`; with others that share their steps
`{"kind": "chunk"}` with a chunk, answered by `{"kind": "chunks"}` with theirs; then one of `{"kind": "learned", ...}`
with the recording, `{"kind": "error", ...}`, `{"kind": "program_failed", "reason": ...}`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from autoreward import wire
from autoreward.child_life import end_with_asker
from autoreward.environment.pack import load_pack
from autoreward.environment.task import pack_for_task
from autoreward.errors import AutorewardError
from autoreward.recordings import pack_recordings
from autoreward.records import MemberSpec, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.off_policy.checkpoints import checkpoint_file, fingerprint, read_checkpoint
from autoreward.trainer.off_policy.chunks import pack_chunk, unpack_chunks
from autoreward.trainer.off_policy.learner import Learned, Learner
from autoreward.trainer.population.guard import Guard, ProgramFailed
from autoreward.trainer.population.rollout import PopulationRollout
from autoreward.trainer.population.worker import configure_jax

MESSAGE_LIMIT = 1 << 30  # [bytes]
REPORT_SECONDS = 0.5  # between two reports of where it stands


def main() -> None:
    """Learn what is asked, once."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    configure_jax()
    with tempfile.TemporaryDirectory(prefix="autoreward-learner-") as folder:
        os.chdir(folder)  # MuJoCo writes its log into the working directory
        asked = wire.read(sys.stdin.buffer.read, MESSAGE_LIMIT)
        assert asked is not None  # who starts it asks
        end_with_asker(sys.stdin.fileno(), folder)
        Conversation(answers, sys.stdin.buffer).answer(asked.data)


class Conversation:
    """What a learner and the trainer's process say to each other."""

    def __init__(self, answers: BinaryIO, questions: BinaryIO) -> None:
        self._answers, self._questions, self._reported = answers, questions, 0.0

    def answer(self, asked: Mapping[str, Any]) -> None:
        """Learn, and tell what came of it."""
        job, member = TrainingJob.model_validate(asked["job"]), MemberSpec.model_validate(asked["member"])
        try:
            learned = self._learn(job, member, asked["gamma"], asked["sources"])
        except AutorewardError as error:
            self._send({"kind": "error", "message": error.message, "remedy": error.remedy})
        except ProgramFailed as failure:
            self._send({"kind": "program_failed", "reason": failure.reason})
        else:
            names, parts = pack_recordings((learned.recording,))
            facts = {
                "failure": None if learned.failure is None else learned.failure.model_dump(mode="json"),
                "best_return": learned.best_return,
                "env_steps": learned.env_steps,
                "diverged": learned.diverged,
                "remarks": list(learned.remarks),
            }
            self._send({"kind": "learned", "term_names": names, **facts}, parts)

    def _learn(self, job: TrainingJob, member: MemberSpec, gamma: float, sources: Sequence[str]) -> Learned:
        guard = Guard(lambda stage, candidate: self._send({"kind": "stage", "stage": stage, "candidate": candidate}))
        pack = pack_for_task(load_pack(job.env_path or job.env, alone=True), job.task)
        metric = None if job.metric is None else MetricProgram(job.metric)

        def make() -> Learner:
            return Learner(job, member, pack, metric, gamma, sources, guard)

        learner, file = make(), checkpoint_file(job, member)
        state = read_checkpoint(file, fingerprint(job, member)) if file else None
        if state is not None:
            try:
                learner.restore(state)
            except (KeyError, ValueError, RuntimeError, IndexError):
                learner = make()  # what lay there is no checkpoint of this training
        return learner.learn(file, self._exchange if sources else None, self._report)

    def _exchange(self, rollout: PopulationRollout) -> Mapping[str, PopulationRollout]:
        self._send({"kind": "chunk"}, pack_chunk(rollout))
        answer = wire.read(self._questions.read, MESSAGE_LIMIT)
        assert answer is not None  # the process ends with who asks it
        return unpack_chunks(answer.parts)

    def _report(self, env_steps: int, latest: Mapping[str, float | None]) -> None:
        if time.monotonic() - self._reported > REPORT_SECONDS:
            self._reported = time.monotonic()
            self._send({"kind": "progress", "env_steps": env_steps, "latest": dict(latest)})

    def _send(self, data: Any, parts: Mapping[str, bytes] | None = None) -> None:
        remaining = memoryview(wire.encode(data, parts))
        while remaining:
            remaining = remaining[self._answers.write(remaining) :]


if __name__ == "__main__":
    main()
