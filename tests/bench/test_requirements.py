"""What `bench require` makes of stored trainings."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.bench.requirements import FREE, REQUIRED, measure_requirements
from autoreward.cli.bench_tables import required as table
from autoreward.critic.requirements import read_requirements
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UnknownNameError, UsageError
from autoreward.records import MemberResult
from tests.bench.test_stored import member, nothing, sized, store

SLOW = "mean(sum(square(action))) <= 2"


def kept(success: float, met: float, free: float = 100.0) -> list[MemberResult]:
    several = [member(FREE, seed, free, requirements={SLOW: 0.0}, required={SLOW: 4.0}) for seed in (0, 1)]
    return several + [member(SLOW, seed, success, requirements={SLOW: met}, required={SLOW: 1.8}) for seed in (0, 1)]


@pytest.mark.parametrize(("success", "met", "passed"), [(85.0, 1.0, True), (70.0, 1.0, False), (85.0, 0.9, False)])
def test_met_in_most_episodes_at_little_loss(success: float, met: float, passed: bool, tmp_path: Path) -> None:
    store(tmp_path / "hopper_require.json", kept(success, met))
    view = measure_requirements("hopper", [SLOW], tmp_path, sized(2), nothing)
    (row,) = view.rows
    assert (row.met, row.value, row.free_met, row.free_value) == (met, 1.8, 0.0, 4.0)
    assert row.loss == pytest.approx(1.0 - success / 100.0)
    assert view.passed is passed
    assert table(view)[-1] == ("passed" if passed else "not passed")


def test_what_is_not_in_the_folder_or_not_known_is_said(tmp_path: Path) -> None:
    store(tmp_path / "hopper_require.json", kept(85.0, 1.0))
    with pytest.raises(UsageError, match="has results without 'torso_pitch <= 1'"):
        measure_requirements("hopper", ["torso_pitch <= 1"], tmp_path, sized(2), nothing)
    with pytest.raises(UnknownNameError, match="ant"):
        measure_requirements("ant", [], tmp_path, sized(2), nothing)


@pytest.mark.parametrize("env", REQUIRED)
def test_what_is_required_by_default_can_be_read(env: str) -> None:
    assert len(read_requirements(REQUIRED[env], open_environment(env, "forward").spec).requirements) == len(
        REQUIRED[env]
    )
