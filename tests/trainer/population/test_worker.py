"""The trainer's own process: no keys, the same results, a clear error when it dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from autoreward.errors import EnvironmentFailedError, UsageError
from autoreward.records import TrainingJob
from autoreward.trainer.client import TrainerWorker
from autoreward.trainer.population.trainer import Trainer
from autoreward.trainer.progress import Progress
from tests.trainer.conftest import Compiled
from tests.trainer.population.test_training import assert_same

MakeJob = Callable[..., TrainingJob]


def test_same_result_as_in_this_process(job: MakeJob, compiled: Compiled, trainer: Trainer) -> None:
    asked = job({"a": compiled.alive, "b": None})
    seen: list[Progress] = []
    with TrainerWorker() as worker:
        result, recordings = worker.train(asked, seen.append)
        random, _ = worker.evaluate_random(asked)
    expected, expected_recordings = trainer.train(asked)
    assert result.members == expected.members
    assert_same(recordings, expected_recordings)
    assert [one.term_names for one in recordings] == [("alive", "still")] * 2 + [("progress",)] * 2
    assert [progress.env_steps for progress in seen] == [512 * (index + 1) for index in range(8)]
    assert seen[-1].total_steps == result.env_steps
    assert [member.candidate for member in random.members] == ["random", "random"]


@pytest.mark.thorough
def test_what_cannot_be_prepared_is_told_by_the_job_that_follows(job: MakeJob, compiled: Compiled) -> None:
    asked = job({"a": compiled.alive})
    wrong = asked.model_copy(update={"task": "juggle"})
    with TrainerWorker() as worker:
        worker.prepare(asked)
        worker.prepare(wrong)
        with pytest.raises(UsageError, match="juggle"):
            worker.train(wrong)
        result, _ = worker.train(asked)
    assert len(result.members) == 4


def test_no_key_reaches_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-worker")
    with TrainerWorker() as worker:
        worker.start()
        assert worker._process is not None
        environment = b""
        while not environment:  # empty for a moment, between the system call and the new program
            assert worker._process.poll() is None
            environment = Path(f"/proc/{worker._process.pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"canary" not in environment


@pytest.mark.thorough
def test_a_file_of_the_working_folder_takes_the_place_of_no_module(
    job: MakeJob, compiled: Compiled, folder_of_shadows: Path
) -> None:
    with TrainerWorker() as worker:
        result, _ = worker.train(job({"a": compiled.alive}))
    assert len(result.members) == 4
    assert not list(folder_of_shadows.glob("imported_*"))


def test_a_dead_worker_is_an_error_that_names_the_job(job: MakeJob, compiled: Compiled) -> None:
    with TrainerWorker() as worker:

        def kill(progress: Progress) -> None:
            assert worker._process is not None
            os.kill(worker._process.pid, signal.SIGKILL)

        with pytest.raises(EnvironmentFailedError, match=r"job 'test'.*exit status -9"):
            worker.train(job({"a": compiled.alive, "b": None}), kill)
        result, _ = worker.train(job({"a": compiled.alive, "b": None}))  # a new one is started
        assert len(result.members) == 4


def test_errors_keep_their_kind(job: MakeJob, compiled: Compiled) -> None:
    asked = job({"a": compiled.alive, "b": None})
    wrong = asked.model_copy(update={"ppo": asked.ppo.model_copy(update={"num_minibatches": 3})})
    with TrainerWorker() as worker, pytest.raises(UsageError, match="num_minibatches = 3") as caught:
        worker.train(wrong)
    assert caught.value.remedy == "Choose a divisor."


def test_nothing_is_left_when_it_is_closed() -> None:
    worker = TrainerWorker()
    worker.start()
    assert worker._process is not None
    pid = worker._process.pid
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    worker.close()
