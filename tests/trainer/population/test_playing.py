"""Episodes played a few at a time, where copies of an environment are dear, are those that are played all at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward.environment.foreign.reference import PinnedInfo, read_reference
from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.stepping import Environments
from autoreward.trainer.population.playing import Act, Episodes, episodes_at_once, play_episodes

FOLDER = Path(__file__).parents[2] / "environment" / "foreign"


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(FOLDER)
    monkeypatch.syspath_prepend(str(FOLDER))
    yield


def pack_with(most_copies: int | None) -> Pack:
    reference = read_reference("own_envs:Staggered")
    assert reference is not None
    info = PinnedInfo(shown={}, hidden={}, most_copies=most_copies)
    return load_pack(reference.model_copy(update={"info": info}).text, alone=True)


def by_the_start(env: Environments) -> Act:
    """An action that depends on what is seen, of each environment alone."""
    return lambda observation: np.float32(np.sin(observation[:, :1]))


def played(most_copies: int | None) -> tuple[Episodes, Pack]:
    pack = pack_with(most_copies)
    return play_episodes(pack, by_the_start, 3, [0, 1, 0], 4), pack


def test_they_are_the_same_episodes() -> None:
    (whole, many), (turns, few) = played(None), played(6)
    assert many.copies is not None and few.copies is not None
    assert len(many.copies._envs) == 12 and len(few.copies._envs) == 6  # type: ignore[attr-defined]
    np.testing.assert_array_equal(turns.length, whole.length)
    assert len(set(whole.length.tolist())) > 1  # some are longer than others
    np.testing.assert_array_equal(turns.diverged, whole.diverged)
    for name, array in {**arrays_of(whole.rollout), **whole.next_state, "movement": whole.movement}.items():
        other = {**arrays_of(turns.rollout), **turns.next_state, "movement": turns.movement}[name]
        for place, length in enumerate(whole.length.tolist()):
            np.testing.assert_array_equal(other[:length, place], array[:length, place], err_msg=name)


def arrays_of(rollout: Any) -> dict[str, Any]:
    fields = (one.name for one in dataclasses.fields(rollout))
    return {name: value for name in fields if isinstance(value := getattr(rollout, name), np.ndarray)}


def test_as_many_are_played_at_once_as_copies_are_made_and_equally_many_in_each_turn() -> None:
    assert episodes_at_once(pack_with(None), 3, 10) == 10
    assert episodes_at_once(pack_with(16), 3, 10) == 5
    assert episodes_at_once(pack_with(16), 8, 10) == 2
    assert episodes_at_once(pack_with(16), 40, 10) == 1  # one a policy there must be
