"""A pack on the table: its functions say which of them failed, and what breaks early is a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autoreward.environment.pack import Pack, load_pack
from autoreward.errors import EnvironmentFailedError
from autoreward.pack_tools.conformance.subject import ROWS, Broken, draw, error, freeze, prepare_subject, warning


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("inverted_pendulum")


def test_states_just_after_a_reset(pack: Pack) -> None:
    subject = prepare_subject(pack)
    assert subject.arrays["qpos"].shape == (ROWS, 2) and np.isfinite(subject.arrays["qpos"]).all()
    assert not subject.arrays["qpos"].flags.writeable
    np.testing.assert_array_equal(prepare_subject(pack).arrays["qpos"], subject.arrays["qpos"])


def raising(failure: Exception) -> Callable[..., Any]:
    def function(*arguments: Any) -> Any:
        raise failure

    return function


@pytest.mark.parametrize(
    ("failure", "cure"),
    [
        (AttributeError("no quat"), "arrays that DATA names"),
        (KeyError("pitch"), "entries that memory"),
        (ValueError("assignment destination is read-only"), "not changed in place"),
        (TypeError("what"), "any leading axes"),
        (ValueError(""), "any leading axes"),
    ],
)
def test_a_function_that_raises_is_named_with_a_cure(pack: Pack, failure: Exception, cure: str) -> None:
    with pytest.raises(EnvironmentFailedError, match=f"reset\\(\\) raised {type(failure).__name__}") as told:
        prepare_subject(replace(pack, reset=raising(failure)))
    assert cure in str(told.value.remedy)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (None, "returned a NoneType"),
        ((1,), "returned a tuple of 1"),
        ((np.zeros((ROWS, 3)), np.zeros((ROWS, 2))), "qpos with shape"),
        ((np.zeros((ROWS, 2)), np.full((ROWS, 2), np.nan)), "qvel with values that are not finite"),
    ],
)
def test_a_reset_that_gives_no_states(pack: Pack, start: Any, said: str) -> None:
    with pytest.raises(Broken, match=said) as broken:
        prepare_subject(replace(pack, reset=lambda *_: start))
    assert broken.value.finding.rule == "pack.reset"


def test_data_that_mujoco_has_not(pack: Pack) -> None:
    with pytest.raises(Broken, match="DATA names 'qpoz'"):
        prepare_subject(replace(pack, data=("qpoz",)))


@pytest.mark.parametrize("memory", [[1], {"a": np.zeros(ROWS + 1)}, {"a": 1.0}])
def test_a_memory_that_is_none(pack: Pack, memory: Any) -> None:
    with pytest.raises(Broken, match="expected a dict of arrays"):
        prepare_subject(replace(pack, memory=lambda *_: memory))


def test_findings_say_which_pack(pack: Pack) -> None:
    assert error(pack, "reset", "is wrong", "mend it").message == "inverted_pendulum: is wrong"
    assert error("mine", "reset", "m", "r").rule == "pack.reset"
    assert warning(pack, "reset", "m", "r").severity == "warning"


def test_noise_is_the_same_for_the_same_seed_and_cannot_be_changed() -> None:
    one = draw(4, 3, seed=1)
    np.testing.assert_array_equal(one.normal, draw(4, 3, seed=1).normal)
    assert (np.abs(one.uniform) <= 1.0).all() and not one.uniform.flags.writeable
    original = np.zeros(2)
    assert freeze(original) is not original and original.flags.writeable
