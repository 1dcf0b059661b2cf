"""A run on disk with the events of a search that never ran: what is read from events is tested on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autoreward.config import Settings
from autoreward.ledger import Run
from autoreward.records import (
    Candidate,
    CompiledReward,
    Finding,
    MemberResult,
    TaskSpec,
    TrainingResult,
    Verdict,
)
from autoreward.search.events import CANDIDATE, TRAINING, VERDICT

SOURCE = "WEIGHTS = {'up': 1.0}\n"
REWARD = CompiledReward(weights={"up": 1.0}, inputs=("next_state.x",), program=b"program", digest="d")
REFUSED = Finding(rule="static.import", severity="error", message="imports os", remedy="Remove it.")


def new_run(folder: Path, settings: Settings | None = None) -> Run:
    """A run open for writing, without events."""
    task = TaskSpec(env="hopper", name="forward", text="Run forward.", metric=None)
    return Run.create(folder / "runs", task, settings or Settings(), {})


def add_candidate(
    run: Run, name: str, accepted: bool = True, parents: tuple[str, ...] = (), key: str = "", source: str = SOURCE,
    plan: str = "",
) -> None:  # fmt: skip
    """A candidate with its verdict; `key` is the id of the prompt where it is not the first attempt."""
    candidate = Candidate(id=name, generation=int(name[1:3]), parents=parents, source=source, designer="compose")
    candidate = candidate.model_copy(update={"plan": plan})
    run.append(CANDIDATE, key or name, candidate)
    verdict = Verdict(
        candidate=name,
        status="accepted" if accepted else "refused",
        tier="basic",
        findings=() if accepted else (REFUSED,),
        reward=REWARD if accepted else None,
    )
    run.append(VERDICT, key or name, verdict)


def add_reward(run: Run, name: str, source: str, reward: CompiledReward) -> None:
    """An accepted candidate with what its program was really compiled to."""
    run.append(CANDIDATE, name, Candidate(id=name, generation=0, parents=(), source=source, designer="compose"))
    run.append(VERDICT, name, Verdict(candidate=name, status="accepted", tier="basic", findings=(), reward=reward))


def member(name: str, seed: int, success: float | None, progress: float = 0.0, status: str = "trained") -> MemberResult:
    """One trained member; a failed or stopped one says why."""
    finding = None
    if status != "trained":
        finding = Finding(rule=f"training.{status}", severity="error", message=f"{status} early")
    facts = {"candidate": name, "seed": seed, "success": success, "progress": progress, "status": status}
    return MemberResult.model_validate({**facts, "finding": finding, "env_steps": 100})


def add_training(run: Run, job: str, members: Sequence[MemberResult]) -> None:
    """A training with its members."""
    steps = sum(one.env_steps for one in members)
    result = TrainingResult(
        job=job,
        members=tuple(members),
        env_steps=steps,
        evaluation_steps=10,
        seconds=1.0,
        first_update_seconds=0.5,
    )
    run.append(TRAINING, job, result)
