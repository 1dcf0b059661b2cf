"""Calls to a designer: budgets hold over threads, and a model that declines is not asked for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoreward.config import BudgetSettings, Settings
from autoreward.errors import BudgetReachedError, ModelAccessError
from autoreward.ledger import Run
from autoreward.records import Completion, TaskSpec, Usage
from autoreward.search.budget import count_spent, generation_usage
from autoreward.search.calls import CallsInFlight, CallsStoppedError
from autoreward.search.events import CALL_FAILED, CALL_STARTED, REPLY, CallFailed, CallStarted

WORST = Usage(calls=1, input_tokens=100, output_tokens=900, cost=0.5)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    task = TaskSpec(env="e", name=None, text="t", metric=None)
    with Run.create(tmp_path, task, Settings(), {}) as made:
        yield made


def completion(prompt: str, status: str = "answered", **usage: object) -> Completion:
    told = {"prompt": prompt, "text": "no \x1b[31mway", "designer": "openai/m", "status": status, "usage": usage}
    return Completion.model_validate(told)


def test_a_call_waits_while_the_worst_case_of_another_fills_the_budget(run: Run) -> None:
    calls, budget = CallsInFlight(), BudgetSettings(max_tokens=1999)
    second_began = threading.Event()

    def second() -> None:
        with calls.call(run, "b", WORST, budget, time.monotonic()):
            second_began.set()

    with calls.call(run, "a", WORST, budget, time.monotonic()):
        other = threading.Thread(target=second)
        other.start()
        assert not second_began.wait(0.2)  # 1000 tokens are reserved, and 1000 more do not fit
        assert len(calls) == 1
        run.append(REPLY, "a", completion("a", calls=1, input_tokens=100, output_tokens=50))
    assert second_began.wait(60)  # 150 were spent
    other.join(60)


@pytest.mark.parametrize("budget", [BudgetSettings(max_tokens=2000), BudgetSettings(max_cost=1.0)])
def test_parallel_calls_begin_as_long_as_their_worst_cases_fit(run: Run, budget: BudgetSettings) -> None:
    calls = CallsInFlight()
    began: list[str] = []
    go_on = threading.Event()

    def call(key: str) -> None:
        with calls.call(run, key, WORST, budget, time.monotonic()):
            began.append(key)
            two.set() if len(began) == 2 else None
            go_on.wait(60)

    two = threading.Event()
    threads = [threading.Thread(target=call, args=(key,)) for key in "abc"]
    for thread in threads:
        thread.start()
    assert two.wait(60)
    assert len(calls) == 2  # two worst cases reach the budget
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert len(began) == 3


@pytest.mark.parametrize(
    ("limit", "said"),
    [({"max_tokens": 1149}, "max_tokens = 1149 .* 150 are spent, .* up to 1000 "), ({"max_cost": 0.59}, "up to 0.5 ")],
)
def test_a_call_that_could_exceed_the_budget_does_not_begin(run: Run, limit: dict[str, float], said: str) -> None:
    run.append(REPLY, "a", completion("a", calls=1, input_tokens=100, output_tokens=50, cost=0.1))
    with (
        pytest.raises(BudgetReachedError, match=said),
        CallsInFlight().call(run, "b", WORST, BudgetSettings.model_validate(limit), time.monotonic()),
    ):
        pass
    larger = BudgetSettings(max_tokens=1150, max_cost=0.6)  # 150 + 1000, 0.1 + 0.5
    with CallsInFlight().call(run, "b", WORST, larger, time.monotonic()):
        pass


def test_the_first_call_of_a_run_has_to_fit_too(run: Run) -> None:
    with (
        pytest.raises(BudgetReachedError, match="0 are spent, and it may take up to 1000 ") as caught,
        CallsInFlight().call(run, "a", WORST, BudgetSettings(max_tokens=999), time.monotonic()),
    ):
        pass
    assert "budget.max_tokens=2000" in caught.value.remedy


def test_a_budget_that_is_used_up_ends_the_asking(run: Run) -> None:
    run.append(REPLY, "a", completion("a", calls=1, input_tokens=900, output_tokens=100))
    with (
        pytest.raises(BudgetReachedError, match="max_tokens = 1000 is used up"),
        CallsInFlight().call(run, "b", WORST, BudgetSettings(max_tokens=1000), time.monotonic()),
    ):
        pass


def test_no_call_begins_after_a_stop(run: Run) -> None:
    calls = CallsInFlight()
    calls.stop()
    with pytest.raises(CallsStoppedError), calls.call(run, "a", WORST, BudgetSettings(), time.monotonic()):
        pass


@pytest.mark.parametrize(("status", "word"), [("refused", "declined"), ("failed", "did not answer")])
def test_three_in_a_row_are_enough(run: Run, status: str, word: str) -> None:
    calls = CallsInFlight()
    for one in (status, status, "answered", status, status):
        calls.note(completion("a", one))
    with pytest.raises(ModelAccessError, match=f"openai/m {word} 3 requests in a row.*'no way'"):
        calls.note(completion("a", status))
    with pytest.raises(CallsStoppedError), calls.call(run, "b", WORST, BudgetSettings(), time.monotonic()):
        pass


def test_every_request_is_counted_once(run: Run) -> None:
    started = CallStarted(paid=True)
    run.append(CALL_STARTED, "g00c00", started)  # killed in the middle of it
    run.append(CALL_STARTED, "g00c00", started)
    run.append(REPLY, "g00c00", completion("g00c00", calls=3, input_tokens=10, output_tokens=5, cached_tokens=4))
    run.append(CALL_STARTED, "g01c00", started)
    run.append(CALL_FAILED, "g01c00", CallFailed(calls=5, message="gone"))
    run.append(CALL_STARTED, "g01c01", CallStarted(paid=False))
    run.append(REPLY, "g01c01", completion("g01c01", estimated=True))
    spent = count_spent(run)
    assert (spent.calls, spent.tokens, spent.usage.cached_tokens) == (1 + 3 + 5, 15, 4)
    assert spent.usage.estimated
    assert (generation_usage(run, 0).calls, generation_usage(run, 1).estimated) == (3, True)


def test_a_completion_of_an_older_run_is_read() -> None:
    usage = {"calls": 1, "input_tokens": 5, "output_tokens": 2, "cost": None}
    read = Completion.model_validate({"prompt": "g00c00", "text": "x", "designer": "openai/m", "usage": usage})
    assert (read.status, read.tries, read.finish_reason, read.usage.estimated) == ("answered", 1, None, False)
