"""A compiled reward joins weights and columns by name."""

from __future__ import annotations

from typing import Any

from autoreward.records import CompiledReward

FACTS: dict[str, Any] = dict(weights={"a": 1.0, "b": -2.0}, inputs=("action",), program=b"\x00\xff", digest="d")


def test_weights_stand_in_the_order_of_the_columns() -> None:
    assert CompiledReward(**FACTS, term_names=("b", "a")).ordered_weights == (-2.0, 1.0)


def test_a_reward_of_an_older_version_has_its_names_from_the_weights() -> None:
    assert CompiledReward(**FACTS).term_names == ("a", "b")


def test_bytes_survive_json() -> None:
    reward = CompiledReward(**FACTS, term_names=("b", "a"))
    assert CompiledReward.model_validate_json(reward.model_dump_json()) == reward
