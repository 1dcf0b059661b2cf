"""Recordings in the folder of a run, and in the files of older versions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from autoreward.errors import StorageError
from autoreward.ledger import Run
from autoreward.ledger.recordings import (
    candidate_file,
    read_final_recordings,
    read_recordings,
    write_final_recordings,
    write_recordings,
)
from autoreward.recordings import flatten, unflatten

TERMS = {"g00c00": ("speed", "effort"), "g00c01": ("height",)}
ARRAYS = {
    "g00c00/0/steps": np.array([8, 16]),
    "g00c00/0/term_mean": np.float32([[1.0, 2.0], [3.0, 4.0]]),
    "g00c00/1/trajectory/best/time": np.float32([0.1, 0.2]),
    "g00c00/1/trajectory/best/terms": np.float32([[1.0, 2.0], [3.0, 4.0]]),
    "g00c00/1/policy/bias_0": np.float32([1.0]),
    "g00c01/0/steps": np.array([8]),
}
RECORDINGS = unflatten(ARRAYS, TERMS)


def test_each_part_of_a_candidate_is_a_file_of_its_own(new_run: Callable[[], Run]) -> None:
    run = new_run()
    write_recordings(run, "g00c00", RECORDINGS)
    files = sorted(file.name for file in (run.path / "candidates" / "g00c00").iterdir())
    assert files == ["curves.npz", "policy.npz", "trajectory.npz"]  # no clip was recorded
    (curves,) = read_recordings(run, "g00c00", ["curves"])
    assert (curves.seed, curves.term_names) == (0, ("speed", "effort"))
    assert curves.trajectories == {} and curves.policy == {}
    whole = read_recordings(run, "g00c00", ["curves", "trajectory", "policy"])
    written, read = (flatten(several) for several in (RECORDINGS, whole))
    assert read.keys() == {name for name in written if name.startswith("g00c00/")}
    for name, array in read.items():
        np.testing.assert_array_equal(array, written[name], err_msg=name)


def test_a_final_training_is_one_file(new_run: Callable[[], Run]) -> None:
    run = new_run()
    write_final_recordings(run, "g00c00", RECORDINGS)
    assert [one.seed for one in read_final_recordings(run, "g00c00")] == [0, 1]
    assert read_final_recordings(run, "human", missing_ok=True) == ()
    with pytest.raises(StorageError):
        read_final_recordings(run, "human")


def test_a_file_with_other_arrays_is_no_recording(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.write_arrays(candidate_file("g00c00", "curves"), {"x": np.zeros(2)})
    with pytest.raises(StorageError, match=r"curves.npz holds no recordings: names are \['x'\]"):
        read_recordings(run, "g00c00", ["curves"])


def test_a_file_without_names_has_its_terms_in_the_order_of_the_program(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.write_arrays(candidate_file("g00c00", "curves"), {name: ARRAYS[name] for name in list(ARRAYS)[:2]})
    (old,) = read_recordings(run, "g00c00", ["curves"], ("effort", "speed"))
    assert old.term_names == ("effort", "speed")
    write_recordings(run, "g00c00", RECORDINGS)
    (new,) = read_recordings(run, "g00c00", ["curves"], ("effort", "speed"))
    assert new.term_names == ("speed", "effort")  # a name in the file says more


def test_what_further_seeds_recorded_lies_beside_the_earlier_ones(new_run: Callable[[], Run]) -> None:
    """The better best and the worse worst episode of both trainings stay; a seed that is written again is replaced."""
    run = new_run()
    earlier = {
        "a/0/evaluation_success": np.float32([2.0, 5.0]), "a/0/policy/bias_0": np.float32([1.0]),
        "a/0/trajectory/best/time": np.float32([5.0]), "a/0/trajectory/worst/time": np.float32([2.0]),
    }  # fmt: skip
    later = {
        "a/3/evaluation_success": np.float32([3.0, 9.0]), "a/3/policy/bias_0": np.float32([3.0]),
        "a/3/trajectory/best/time": np.float32([9.0]), "a/3/trajectory/worst/time": np.float32([3.0]),
    }  # fmt: skip
    write_recordings(run, "a", unflatten(earlier, {"a": ()}))
    for _ in range(2):
        write_recordings(run, "a", unflatten(later, {"a": ()}))
    read = {one.seed: one for one in read_recordings(run, "a", ["curves", "trajectory", "policy"])}
    assert {seed: float(one.policy["bias_0"][0]) for seed, one in read.items()} == {0: 1.0, 3: 3.0}
    assert {label: float(one.fields["time"][0]) for label, one in read[0].trajectories.items()} == {"worst": 2.0}
    assert {label: float(one.fields["time"][0]) for label, one in read[3].trajectories.items()} == {"best": 9.0}
