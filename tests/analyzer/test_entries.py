"""The numbers of a trajectory under the names of their parts."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.analyzer.entries import Entry, entries_of
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.recordings import MemberRecording, Trajectory
from autoreward.records import EnvSpec, FieldSpec


def recorded(**fields: np.ndarray) -> CandidateRecordings:
    member = MemberRecording("c", 0, trajectories={"best": Trajectory(fields)})
    return CandidateRecordings("c", (), {0: member}, ())


def test_every_number_has_a_name_of_its_own(env: EnvSpec) -> None:
    position, tilt = np.arange(6.0).reshape(2, 3), np.array([0.1, 0.2])
    recordings = recorded(tilt=tilt, position=position, joints=np.zeros((2, 4)))
    found = entries_of(recordings, 0, "best", env)
    assert [one.name for one in found] == [
        "position.x", "position.y", "position.z", "tilt", "joints[0]", "joints[1]", "joints[2]", "joints[3]",
    ]  # fmt: skip
    assert found[1].series.tolist() == [1.0, 4.0] and found[1].column == "position.y [m]"
    assert found[3].column == "tilt [rad]"


def test_what_repeats_others_is_left_out(env: EnvSpec) -> None:
    assert entries_of(recorded(observation=np.zeros((2, 2)), time=np.zeros(2)), 0, "best", env) == []


@pytest.mark.parametrize(("seed", "label"), [(1, "best"), (0, "worst")])
def test_what_was_not_recorded_has_no_entries(env: EnvSpec, seed: int, label: str) -> None:
    assert entries_of(recorded(tilt=np.zeros(2)), seed, label, env) == []
    assert entries_of(recorded(tilt=np.zeros(0)), 0, "best", env) == []


@pytest.mark.parametrize(
    ("limits", "series", "scale"),
    [
        ({"low": -1.0, "high": 3.0}, [9.0], 4.0),
        ({"low": None, "high": None}, [-5.0, 2.0], 5.0),
        ({"low": 2.0, "high": 2.0}, [0.5], 0.5),  # random motion does not move it
        ({"low": None, "high": None}, [0.0], 1e-9),
    ],
)
def test_scale(limits: dict[str, float | None], series: list[float], scale: float) -> None:
    field = FieldSpec.model_validate({"name": "x", "unit": "m", "meaning": "", **limits})
    assert Entry(field, "x", np.array(series)).scale == scale
