"""One candidate's program that raises, hangs or takes the process with it costs the others nothing but time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import jax
import jax.numpy as jnp
import pytest
from jax import export

from autoreward.errors import BudgetReachedError, EnvironmentFailedError
from autoreward.records import CompiledReward, Finding, TrainingJob
from autoreward.trainer.client import Deadlines, Supervision, TrainerWorker
from tests.trainer.conftest import Compiled

MakeJob = Callable[..., TrainingJob]
PATIENCE = Deadlines(program=8.0, stage=600.0)


def compile_program(function: Callable[[jax.Array], jax.Array]) -> CompiledReward:
    """A reward that no critic has seen: `function` of the time `[N]` is its only term."""

    def run(inputs: dict[str, jax.Array]) -> dict[str, jax.Array]:
        return {"terms": function(inputs["state.time"])[:, None]}

    (rows,) = export.symbolic_shape("b")
    struct = {"state.time": jax.ShapeDtypeStruct((rows,), jnp.float32)}
    program = bytes(export.export(jax.jit(run), platforms=("cpu",))(struct).serialize())
    return CompiledReward(weights={"term": 1.0}, inputs=("state.time",), program=program, digest="unchecked")


def spin(time: jax.Array) -> jax.Array:
    return jax.lax.while_loop(lambda value: jnp.all(value < 1e9), lambda value: value * 0.5, time)


def exhaust(time: jax.Array) -> jax.Array:
    return time + jnp.sum(jnp.sort(jnp.arange(1 << 20, dtype=jnp.float32)[:, None] + jnp.zeros(1 << 24), axis=0))


@pytest.fixture(scope="module")
def hanging() -> CompiledReward:
    return compile_program(spin)


def healthy_alone(job: MakeJob, compiled: Compiled, worker: TrainerWorker) -> tuple[object, ...]:
    result, _ = worker.train(job({"healthy": compiled.alive}))
    return result.members


def failures(members: tuple[object, ...]) -> dict[str, str]:
    return {one.candidate: one.finding.rule for one in members if one.status == "failed"}  # type: ignore[attr-defined]


@pytest.mark.thorough
def test_programs_that_raise_fail_alone(job: MakeJob, compiled: Compiled) -> None:
    broken = compiled.alive.model_copy(update={"program": b"no program at all"})
    heard: list[tuple[str, Finding]] = []
    with TrainerWorker() as worker:
        asked = job({"broken": broken, "healthy": compiled.alive, "hungry": compile_program(exhaust)}, size=6)
        supervision = Supervision(on_failure=lambda *failure: heard.append(failure))
        result, recordings = worker.train(asked, None, supervision)
        alone = worker.train(job({"healthy": compiled.alive}, size=6))[0]
    assert failures(result.members) == {
        "broken": "training.program_raises",
        "hungry": "training.program_raises",
    }
    trained = tuple(member for member in result.members if member.candidate == "healthy")
    assert trained == alone.members
    assert {one.candidate for one in recordings} == {"healthy"}
    assert [name for name, _ in heard] == ["broken", "hungry"]
    assert "broken: its compiled program failed in training" in heard[0][1].message


def test_a_program_that_hangs_is_named_and_left_out(job: MakeJob, compiled: Compiled, hanging: CompiledReward) -> None:
    asked = job({"healthy": compiled.alive, "hanging": hanging})
    with TrainerWorker(PATIENCE) as worker:
        result, _ = worker.train(asked)
        assert failures(result.members) == {"hanging": "training.program_hangs"}
        trained = tuple(member for member in result.members if member.candidate == "healthy")
        assert trained == healthy_alone(job, compiled, worker)


@pytest.mark.thorough
def test_a_program_during_which_the_process_dies_is_named_and_left_out(
    job: MakeJob, compiled: Compiled, hanging: CompiledReward
) -> None:
    """As where the system ends a process that takes too much memory."""
    with TrainerWorker() as worker:

        def kill() -> None:
            if worker._running == "hanging" and worker._process is not None:
                os.kill(worker._process.pid, signal.SIGKILL)

        asked = job({"healthy": compiled.alive, "hanging": hanging})
        result, _ = worker.train(asked, None, Supervision(on_wait=kill))
    assert failures(result.members) == {"hanging": "training.program_crashes"}
    assert {member.status for member in result.members if member.candidate == "healthy"} == {"trained"}


@pytest.mark.thorough
def test_what_failed_before_is_not_tried_again(job: MakeJob, compiled: Compiled, hanging: CompiledReward) -> None:
    known = Finding(rule="training.program_hangs", severity="error", message="hanging: it hung.")
    with TrainerWorker() as worker:
        asked = job({"healthy": compiled.alive, "hanging": hanging})
        result, _ = worker.train(asked, None, Supervision({"hanging": known, "of another job": known}))
        nothing, recordings = worker.train(job({"hanging": hanging}), None, Supervision({"hanging": known}))
    assert failures(result.members) == {"hanging": "training.program_hangs"}
    assert [member.finding for member in nothing.members] == [known, known]
    assert nothing.env_steps == 0
    assert recordings == ()


@pytest.mark.thorough
def test_a_budget_ends_a_training_that_runs(job: MakeJob, compiled: Compiled, hanging: CompiledReward) -> None:
    def out_of_time() -> None:
        raise BudgetReachedError("The budget max_time = 1 is used up.", "Give more.")

    with TrainerWorker() as worker:
        with pytest.raises(BudgetReachedError):
            worker.train(job({"hanging": hanging}), None, Supervision(on_wait=out_of_time))
        result, _ = worker.train(job({"healthy": compiled.alive}))  # a new process is started
    assert not failures(result.members)


def test_silence_outside_a_program_is_the_environments(job: MakeJob, compiled: Compiled) -> None:
    with (
        TrainerWorker(Deadlines(program=600.0, stage=0.0)) as worker,
        pytest.raises(EnvironmentFailedError, match=r"no answer for 0 s in stage"),
    ):
        worker.train(job({"healthy": compiled.alive}))
