"""How evaluation episodes end, by hand: of one seed one upright and running, one fallen, one that leans."""

from __future__ import annotations

import numpy as np

from autoreward.analyzer.end_states import end_states
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.analyzer.written import end_lines
from autoreward.recordings import PATH, EvaluationEpisodes, MemberRecording, path_steps
from autoreward.records import EnvSpec, FieldSpec, MemberResult

XYZ = ("x", "y", "z")
FIELDS = (
    FieldSpec(name="foot_position", shape=(3,), unit="m", components=XYZ, meaning="f"),
    FieldSpec(name="torso_position", shape=(3,), unit="m", components=XYZ, meaning="p"),
    FieldSpec(name="torso_up", shape=(3,), components=XYZ, meaning="u"),
)
LENGTHS = np.array([100, 100, 50])  # steps of 0.1 s


def recorded(up: np.ndarray, way: np.ndarray) -> CandidateRecordings:
    """Recordings with torso_up.z and torso_position.x `[3, PATH]`, and a foot that always moves."""

    def vectors(values: np.ndarray, place: int) -> np.ndarray:
        return np.stack([values if place == axis else np.zeros_like(values) for axis in range(3)], axis=-1)

    paths = {"torso_up": vectors(up, 2), "torso_position": vectors(way, 0)}
    paths["foot_position"] = vectors(np.arange(3 * PATH, dtype=float).reshape(3, PATH), 0)
    evaluation = EvaluationEpisodes(np.zeros(3), np.zeros(3), LENGTHS)
    one = MemberRecording("c", 4, evaluation=evaluation, paths=paths)
    return CandidateRecordings.of_candidate("c", [MemberResult(candidate="c", seed=4, status="trained")], [one], ())


def test_posture_motion_place_and_fall_of_each_episode(env: EnvSpec) -> None:
    seconds = np.stack([(path_steps(int(length)) + 1) * 0.1 for length in LENGTHS])
    up = np.stack([np.ones(PATH), np.where(seconds[1] < 5.0, 1.0, -0.9), np.full(PATH, 0.3)])
    way = np.stack([2.0 * seconds[0], np.full(PATH, 1.5), np.zeros(PATH)])
    (ends,) = end_states(recorded(up, way), env.model_copy(update={"fields": FIELDS}))
    states = {"upright and moving": 1, "on its back and still": 1, "leaning or on its side and still": 1}
    assert (ends.seed, ends.counts, ends.terminated) == (4, states, 1)  # the horizon is 100 steps
    assert len(ends.fell) == 1 and 5.0 <= ends.fell[0] <= 5.3  # points of a path lie 0.2 s apart
    assert (ends.place, ends.places) == ("torso_position.x", (0.0, 1.5, 20.0))
    assert end_lines([ends]) == [
        "seed 4: 1 upright and moving, 1 on its back and still, 1 leaning or on its side and still; 1 terminated; "
        f"1 fell at {ends.fell[0]:.2g} s; torso_position.x 0 to 20 m"
    ]


def test_a_robot_without_posture_and_place_is_not_told_of(env: EnvSpec) -> None:
    assert end_states(recorded(np.ones((3, PATH)), np.ones((3, PATH))), env) == ()


def test_what_an_older_run_recorded_has_no_paths(env: EnvSpec) -> None:
    members = [MemberResult(candidate="c", seed=0, status="trained")]
    one = MemberRecording("c", 0, evaluation=EvaluationEpisodes(np.zeros(3), np.zeros(3), LENGTHS))
    assert end_states(CandidateRecordings.of_candidate("c", members, [one], ()), env) == ()
