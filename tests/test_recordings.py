"""Recordings: flat and back, and terms that are joined by their names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autoreward.recordings import MemberRecording, flatten, order_terms, term_names_of, unflatten

NAMES = {"a": ("speed", "effort"), "sparse": ("progress",)}


def flat() -> dict[str, np.ndarray]:
    """Two rollouts and three episodes of one member, and the policy alone of another."""
    curve, episode = np.arange(2.0, dtype=np.float32), np.arange(3.0, dtype=np.float32)
    terms = {name: np.float32([[1.0, -2.0], [3.0, -4.0]]) for name in ("term_mean", "term_low", "term_high")}
    return {
        "a/0/steps": np.array([8, 16]),
        **{f"a/0/{name}": curve for name in ("success", "progress", "own_return", "length", "clipped")},
        **{f"a/0/{name}": array for name, array in terms.items()},
        "a/0/weights": np.float32([[1.0, -0.1], [0.5, -0.2]]),
        "a/0/combination/scale": np.float32([1.0, 2.0]),
        "a/0/episodes_step": np.array([8, 8, 16]),
        **{f"a/0/episodes_{name}": episode for name in ("own", "success", "progress", "length", "terminated")},
        "a/0/episodes_terms": np.float32([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]),
        **{f"a/0/evaluation_{name}": episode for name in ("success", "progress", "length")},
        "a/0/trajectory/best/torso_up": np.zeros((4, 3), np.float32),
        "a/0/trajectory/best/action": np.ones((4, 1), np.float32),
        "a/0/trajectory/best/terms": np.float32([[1.0, 2.0]] * 4),
        "a/0/trajectory/best/part_progress": np.float32([0.1, 0.2, 0.3, 0.4]),
        "a/0/path/torso_up": np.zeros((3, 50, 3), np.float32),
        "a/0/clip/first": np.zeros((4, 7), np.float32),
        "sparse/10000/policy/bias_0": np.ones(3, np.float32),
    }


def test_flat_and_back_is_the_same() -> None:
    recordings = unflatten(flat(), NAMES)
    assert [(one.candidate, one.seed, one.term_names) for one in recordings] == [
        ("a", 0, NAMES["a"]),
        ("sparse", 10_000, NAMES["sparse"]),
    ]
    assert term_names_of(recordings) == NAMES
    again = flatten(recordings)
    assert again.keys() == flat().keys()
    for name, array in flat().items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_the_parts_have_names() -> None:
    first, second = unflatten(flat(), NAMES)
    assert first.curves is not None and first.episodes is not None and first.evaluation is not None
    np.testing.assert_array_equal(first.curves.env_steps, [8, 16])
    np.testing.assert_array_equal(first.episodes.term_sums[:, 1], [10.0, 20.0, 30.0])
    np.testing.assert_array_equal(first.trajectories["best"].fields["torso_up"], np.zeros((4, 3)))
    assert (second.curves, second.episodes, second.evaluation, second.trajectories) == (None, None, None, {})
    assert list(second.policy) == ["bias_0"]


def test_what_an_older_version_did_not_record_is_not_a_number() -> None:
    (one,) = unflatten({"a/0/steps": np.array([8, 16]), "a/0/success": np.float32([1.0, 2.0])}, NAMES)
    assert one.curves is not None and one.episodes is None
    assert np.isnan(one.curves.own_return).all() and one.curves.term_mean.shape == (2, 0)


def test_columns_follow_the_names_of_their_terms() -> None:
    first, _ = unflatten(flat(), NAMES)
    turned = order_terms(first, ("effort", "speed"))
    assert turned.term_names == ("effort", "speed")
    assert turned.curves is not None and turned.episodes is not None and first.curves is not None
    np.testing.assert_array_equal(turned.curves.term_low, [[-2.0, 1.0], [-4.0, 3.0]])
    np.testing.assert_array_equal(turned.episodes.term_sums[0], [10.0, 1.0])
    np.testing.assert_array_equal(turned.trajectories["best"].terms, [[2.0, 1.0]] * 4)
    np.testing.assert_array_equal(turned.curves.success, first.curves.success)
    np.testing.assert_array_equal(turned.trajectories["best"].action, first.trajectories["best"].action)


def test_costs_of_requirements_stand_behind_the_terms_and_are_left_out() -> None:
    first, _ = unflatten(flat(), NAMES)
    alone = order_terms(first, first.term_names[:1])
    assert alone.term_names == ("speed",)
    assert alone.curves is not None and alone.curves.term_low.tolist() == [[1.0], [3.0]]
    assert alone.trajectories["best"].terms is not None and alone.trajectories["best"].terms.shape == (4, 1)


def test_other_terms_are_named_with_those_expected() -> None:
    with pytest.raises(ValueError, match=r"g00c01, seed 3: terms \['a'\] were recorded, expected \['b'\]"):
        order_terms(MemberRecording("g00c01", 3, ("a",)), ("b",))


def test_a_candidate_may_be_a_file_in_a_folder() -> None:
    arrays = {f"{name}/7/steps": np.array([8]) for name in ("a", "g00c00")}
    recordings = unflatten(arrays, {})
    moved = [replace(one, candidate=f"/tmp/my rewards/{one.candidate}%2F.py") for one in recordings]
    again = unflatten(flatten(moved), {})
    assert [(one.candidate, one.seed) for one in again] == [(one.candidate, 7) for one in moved]
    assert set(flatten(recordings)) >= set(arrays)  # on the disk the name of a candidate of a run stays as it is
