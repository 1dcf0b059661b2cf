"""When requests are tried again, by a clock that only moves when the policy waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import pytest

from autoreward.errors import ModelAccessError, ModelOutageError
from autoreward.llm.retry import RequestFailedError, RetryPolicy, TransientError


class Clock:
    """Time that passes by waiting."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def failing(times: int, error: TransientError) -> Callable[[], str]:
    left = [error] * times

    def attempt() -> str:
        if left:
            raise left.pop()
        return "done"

    return attempt


def test_waits_double_with_jitter_up_to_the_longest() -> None:
    clock = Clock()
    policy = RetryPolicy(1e6, clock, clock.sleep, Random(0))
    assert policy.call(failing(9, TransientError("status 500"))) == "done"
    fulls = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(full / 2 <= wait <= full for wait, full in zip(clock.waits, fulls, strict=True))
    assert len(set(clock.waits)) == 9


def test_the_server_may_say_how_long_to_wait() -> None:
    clock = Clock()
    RetryPolicy(1e6, clock, clock.sleep).call(failing(2, TransientError("status 429", wait=17.0)))
    assert clock.waits == [17.0, 17.0]


def test_the_outage_budget_ends_the_tries_before_a_wait_in_vain() -> None:
    clock = Clock()
    policy = RetryPolicy(100.0, clock, clock.sleep)
    with pytest.raises(ModelOutageError, match=r"90 s, 4 tries \(outage budget 100 s\): status 503.*wait 30 s"):
        policy.call(failing(99, TransientError("status 503", wait=30.0)))
    assert clock.waits == [30.0, 30.0, 30.0]  # the fourth would end at 120 s


def test_a_budget_of_nothing_means_one_try() -> None:
    clock = Clock()
    with pytest.raises(ModelOutageError, match="1 tries"):
        RetryPolicy(0.0, clock, clock.sleep).call(failing(1, TransientError("status 500")))
    assert clock.waits == []


def test_a_success_ends_the_outage_for_everyone() -> None:
    clock = Clock()
    policy = RetryPolicy(50.0, clock, clock.sleep)
    for _ in range(3):  # 40 s of failures each time, 120 s in all
        assert policy.call(failing(1, TransientError("status 500", wait=40.0))) == "done"


def test_an_outage_is_shared_by_requests() -> None:
    clock = Clock()
    policy = RetryPolicy(50.0, clock, clock.sleep)
    with pytest.raises(ModelOutageError):
        policy.call(failing(99, TransientError("status 500", wait=20.0)))
    waited = list(clock.waits)
    with pytest.raises(ModelOutageError, match="1 tries"):  # the next request finds the budget used up
        policy.call(failing(1, TransientError("status 500", wait=20.0)))
    assert clock.waits == waited == [20.0, 20.0]


def test_replies_that_cannot_be_read_are_asked_for_three_times_only() -> None:
    clock = Clock()
    with pytest.raises(RequestFailedError, match="3 tries: no choice"):
        RetryPolicy(1e6, clock, clock.sleep).call(failing(99, TransientError("no choice", unreadable=True)))


def test_a_server_that_was_never_there_is_no_outage_but_one_that_was_is() -> None:
    clock, gone = Clock(), TransientError("Nothing answers at h:1.", cure="Start it.")
    policy = RetryPolicy(1e6, clock, clock.sleep)
    with pytest.raises(ModelAccessError, match="Nothing answers at h:1") as caught:
        policy.call(failing(1, gone))
    assert (caught.value.remedy, clock.waits) == ("Start it.", [])
    assert policy.call(lambda: "once") == "once"
    assert policy.call(failing(2, gone)) == "done"
    assert len(clock.waits) == 2


@pytest.mark.parametrize("asked", [0.0, -5.0, 0.001, float("nan"), None])
def test_a_server_that_asks_for_no_wait_gets_the_usual_ones(asked: float | None) -> None:
    clock = Clock()
    RetryPolicy(1e6, clock, clock.sleep, Random(0)).call(failing(5, TransientError("status 429", wait=asked)))
    assert all(full / 2 <= wait <= full for wait, full in zip(clock.waits, [1, 2, 4, 8, 16], strict=True))


def test_other_errors_pass_through_at_once() -> None:
    clock = Clock()

    def attempt() -> str:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        RetryPolicy(1e6, clock, clock.sleep).call(attempt)
    assert clock.waits == []


def test_a_person_is_told_before_each_wait() -> None:
    clock, lines = Clock(), list[str]()
    RetryPolicy(1e6, clock, clock.sleep, notify=lines.append).call(failing(1, TransientError("status 502", wait=5.0)))
    assert lines == ["The language model failed: status 502; next try in 5 s."]


def test_stop_ends_a_wait_and_all_further_tries() -> None:
    policy = RetryPolicy(1e6)  # real waits: without `stop` this would take an hour
    tries = []

    def attempt() -> str:
        tries.append(1)
        policy.stop()
        raise TransientError("status 503", wait=3600.0)

    with pytest.raises(ModelOutageError):
        policy.call(attempt)
    assert tries == [1]


def test_stop_wakes_who_is_waiting() -> None:
    waiting = threading.Event()
    policy = RetryPolicy(1e6, notify=lambda line: waiting.set())
    ended = []

    def ask() -> None:
        try:
            policy.call(failing(99, TransientError("status 503", wait=3600.0)))
        except ModelOutageError as error:
            ended.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert waiting.wait(60)
    policy.stop()
    thread.join(60)
    assert len(ended) == 1
