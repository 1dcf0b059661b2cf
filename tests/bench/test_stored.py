"""A training of a measurement is done once; sizes that differ are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autoreward.bench.stored import StoredTraining, by_seed
from autoreward.config import Settings
from autoreward.errors import UsageError
from autoreward.records import MemberResult


def member(name: str, seed: int, success: float, **more: object) -> MemberResult:
    facts = {"candidate": name, "seed": seed, "status": "trained", "success": success, "progress": 0.0, **more}
    return MemberResult.model_validate(facts)


def sized(seeds: int, n_timesteps: int = 100) -> Settings:
    design = Settings().design.model_copy(update={"seeds": seeds, "n_timesteps": n_timesteps})
    return Settings().model_copy(update={"design": design})


def store(file: Path, members: list[MemberResult], seeds: int = 2) -> None:
    written = [one.model_dump(mode="json") for one in members]
    stored = {"seeds": seeds, "n_timesteps": 100, "seconds": 1.0, "members": written}
    file.write_text(json.dumps(stored), encoding="utf-8")


def nothing(*given: object) -> dict[str, object]:
    raise AssertionError("nothing is trained")


def test_what_is_stored_is_not_trained_and_seeds_of_filled_slots_are_left_out(tmp_path: Path) -> None:
    store(tmp_path / "hopper_one.json", [member("a", 0, 1.0), member("a", 1, 2.0), member("a", 2, 9.0)])
    members = StoredTraining(tmp_path, "one", "hopper", "forward", sized(2)).members(nothing, nothing)  # type: ignore[arg-type]
    assert by_seed(members, "a") == {0: 1.0, 1: 2.0}
    assert by_seed(members, "b") == {}
    with pytest.raises(UsageError, match="2 seeds x 100 steps, asked for 2 x 200"):
        StoredTraining(tmp_path, "one", "hopper", "forward", sized(2, 200)).members(nothing, nothing)  # type: ignore[arg-type]
