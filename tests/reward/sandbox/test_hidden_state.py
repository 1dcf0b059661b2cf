"""What a program could keep between two calls: wherever it hides, a comparison around the call finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoreward.reward.sandbox.hidden_state import check_unchanged, module_state
from autoreward.reward.sandbox.namespaces import ContractViolation


def closure() -> tuple[Callable[[], None], Callable[[], None]]:
    kept = [0]

    def change() -> None:
        kept[0] += 1

    return change, change


def in_default() -> tuple[Any, Callable[[], None]]:
    def function(kept: list[int] = [0]) -> None:  # noqa: B006
        kept[0] += 1

    return function, function


def in_container() -> tuple[Any, Callable[[], None]]:
    kept: Any = ({"a": [1]},)
    return kept, lambda: kept[0]["a"].append(2)


def in_array() -> tuple[Any, Callable[[], None]]:
    kept = np.zeros(3)

    def change() -> None:
        kept[1] = 1.0

    return kept, change


def behind_a_method() -> tuple[Any, Callable[[], None]]:
    kept: list[int] = []
    return kept.append, lambda: kept.append(1)


def in_view() -> tuple[Any, Callable[[], None]]:
    kept = {"a": 1}
    return kept.values(), lambda: kept.update(b=2)


@pytest.mark.parametrize("hide", [closure, in_default, in_container, in_array, behind_a_method, in_view])
def test_a_change_is_found_wherever_it_hides(hide: Callable[[], tuple[Any, Callable[[], None]]]) -> None:
    value, change = hide()
    module = {"kept": value}
    before = module_state(module)
    check_unchanged(module, before)
    change()
    with pytest.raises(ContractViolation, match="kept is changed while the program runs"):
        check_unchanged(module, before)


def test_what_is_added_to_the_module_is_found() -> None:
    with pytest.raises(ContractViolation, match="more is changed"):
        check_unchanged({"more": 1}, module_state({}))


def test_a_container_that_holds_itself() -> None:
    kept: list[Any] = [1]
    kept.append(kept)
    before = module_state({"kept": kept})
    check_unchanged({"kept": kept}, before)
    kept[0] = 2
    with pytest.raises(ContractViolation):
        check_unchanged({"kept": kept}, before)


@pytest.mark.parametrize("used_up", [iter([1]), (one for one in [1]), zip([1], [2], strict=True), map(abs, [1])])
def test_an_iterator_is_refused(used_up: Any) -> None:
    with pytest.raises(ContractViolation, match="which the first call uses up"):
        module_state({"kept": [used_up]})
