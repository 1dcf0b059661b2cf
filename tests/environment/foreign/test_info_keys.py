"""The environment's own reward never reaches a designer: not by name, and not by what goes along with it."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.environment.foreign.info_keys import choose, collect, correlation, numeric

RNG = np.random.default_rng(0)
REWARD = RNG.normal(size=100)


def infos(**columns: object) -> list[dict[str, object]]:
    return [{key: np.asarray(column)[at] for key, column in columns.items()} for at in range(100)]


@pytest.mark.parametrize(
    "key",
    ["reward_forward", "in_place_reward", "unscaled_reward", "is_success", "success", "score", "cost", "ctrl_cost",
     "Reward", "reward/alive", "episode_return", "penalty"],
)  # fmt: skip
def test_a_key_that_is_called_so_is_hidden(key: str) -> None:
    pinned, why = choose(collect(infos(**{key: RNG.normal(size=100)}), []), REWARD, ())
    assert (list(pinned.shown), list(pinned.hidden)) == ([], [key])
    assert why == {key: "its name"}


def test_a_key_that_goes_along_with_the_reward_or_success_is_hidden() -> None:
    success = (RNG.random(100) > 0.7).astype(float)
    seen = collect(
        infos(
            twin=3.0 - 2.0 * REWARD, near=REWARD + RNG.normal(size=100), done_well=success, success=success,
            pair=np.stack([RNG.normal(size=100), REWARD], axis=-1),
        ),
        [],
    )  # fmt: skip
    pinned, why = choose(seen, REWARD, ())
    assert list(pinned.shown) == ["near"]
    assert "correlation -1.00" in why["twin"]
    assert "with success" in why["done_well"]
    assert "pair" in why


def test_a_person_shows_one_by_its_name() -> None:
    pinned, why = choose(collect(infos(twin=REWARD, reward_up=REWARD), []), REWARD, ("twin",))
    assert (list(pinned.shown), list(why)) == (["twin"], ["reward_up"])


def test_only_numbers_that_every_step_has_are_taken() -> None:
    rows: list[dict[str, object]] = [
        {"a": 1, "b": [1.0, 2.0], "c": "x", "d": {}, "episode": 1.0},
        {"a": True, "b": [3, 4]},
    ]
    rows[0]["e"] = 1.0
    seen = collect(rows, [{"a": 0.0}])
    assert {key: values.shape for key, values in seen.values.items()} == {"a": (2,), "b": (2, 2)}
    assert seen.missing == ("e",)
    assert seen.at_reset == {"a"}


def test_what_is_no_number_is_none() -> None:
    assert numeric("1") is None
    assert numeric(np.zeros(1000)) is None
    assert numeric([[1], [1, 2]]) is None
    assert numeric(np.bool_(True)) == 1.0


def test_what_does_not_vary_tells_nothing() -> None:
    assert correlation(np.ones(5), np.arange(5.0)) == 0.0
    assert correlation(np.arange(5.0), np.arange(5.0)) == pytest.approx(1.0)
    assert correlation(np.full(5, np.nan), np.arange(5.0)) == 0.0


def test_the_sum_of_the_reward_is_the_reward_and_a_place_that_goes_along_with_it_is_not() -> None:
    first = [0, 40, 70]
    sums, place, total, way = [], [], 0.0, 0.0
    for step, paid in enumerate(REWARD):
        total, way = (0.0, 0.0) if step in first else (total, way)
        total, way = total + paid, way + paid + 0.2 * RNG.normal()
        sums.append(total), place.append(way)
    seen = collect(infos(so_far=np.array(sums), place=np.array(place)), [])
    _, why = choose(seen, REWARD, (), first)
    assert why == {"so_far": "its change is the reward"}
