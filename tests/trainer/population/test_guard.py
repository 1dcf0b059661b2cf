"""What is raised in a candidate's stage is the candidate's failure; stages are announced before they begin."""

from __future__ import annotations

import pytest

from autoreward.errors import EnvironmentFailedError
from autoreward.trainer.population.guard import REASON_LIMIT, Guard, ProgramFailed


def test_stages_are_announced_and_end() -> None:
    told: list[tuple[str, str | None]] = []
    guard = Guard(lambda stage, candidate: told.append((stage, candidate)))
    with guard.stage("rollout"):
        assert told == [("rollout", None)]
    with pytest.raises(ProgramFailed), guard.stage("rewards", "g00c01"):
        raise ValueError
    assert told == [
        ("rollout", None), ("between stages", None), ("rewards", "g00c01"), ("between stages", None),
    ]  # fmt: skip


def test_a_program_that_raises_is_named_with_the_first_line() -> None:
    with pytest.raises(ProgramFailed) as failed, Guard().stage("rewards", "g00c01"):
        raise ValueError("first\nsecond")
    assert (failed.value.candidate, str(failed.value)) == ("g00c01", "ValueError: first")


def test_a_reason_is_short() -> None:
    with pytest.raises(ProgramFailed) as failed, Guard().stage("rewards", "g00c01"):
        raise ValueError("x" * 1000)
    assert len(failed.value.reason) == REASON_LIMIT


def test_what_is_nobodys_program_is_nobodys_failure() -> None:
    with pytest.raises(ValueError, match="ours"), Guard().stage("rollout"):
        raise ValueError("ours")


def test_an_error_of_the_environment_stays_one() -> None:
    with pytest.raises(EnvironmentFailedError), Guard().stage("rewards", "g00c01"):
        raise EnvironmentFailedError("broken", "mend it")
