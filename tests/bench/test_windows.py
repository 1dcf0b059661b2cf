"""What the clock of the speed measurements counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autoreward.bench import ours, windows
from autoreward.bench.windows import OpenGate, Over, Windows

Charging = tuple[ours.Seams, Callable[[float], None]]


class Listening(OpenGate):
    """A gate for a number of turns that keeps what it is told."""

    def __init__(self, turns: int) -> None:
        super().__init__(turns)
        self.told: list[dict[str, object]] = []

    def tell(self, **facts: object) -> None:
        self.told.append(facts)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that shows its only entry."""
    now = [0.0]
    monkeypatch.setattr(windows.time, "perf_counter", lambda: now[0])
    return now


def test_warm_up_and_the_first_iteration_after_the_gate_are_not_counted(clock: list[float]) -> None:
    gate = Listening(1)
    run = Windows(gate, length=2)
    run.end_of_iteration(False)
    run.end_of_iteration(True)
    assert gate.told == [{"ready": True}]
    counting = []
    for seconds in (100.0, 3.0):
        clock[0] += seconds
        run.end_of_iteration(True)
        counting.append(run.counting)
    clock[0] += 4.0
    with pytest.raises(Over):
        run.end_of_iteration(True, peak_memory=7)
    assert counting == [True, True]
    assert gate.told[1:] == [{"seconds": 7.0, "peak_memory": 7}]  # 3 s and 4 s


def test_every_turn_is_a_window_of_its_own(clock: list[float]) -> None:
    gate = Listening(2)
    run = Windows(gate, length=1)
    run.end_of_iteration(True)
    for now in (1.0, 3.0, 10.0):  # 2 s; then the uncounted one
        clock[0] = now
        run.end_of_iteration(True)
    clock[0] = 15.0
    with pytest.raises(Over):
        run.end_of_iteration(True)
    assert [facts.get("seconds") for facts in gate.told] == [None, 2.0, 5.0]


@pytest.fixture
def charging(monkeypatch: pytest.MonkeyPatch) -> Charging:
    """Seams under a clock that moves by hand."""
    now = [0.0]
    monkeypatch.setattr(ours.time, "perf_counter", lambda: now[0])

    def spend(seconds: float) -> None:
        now[0] += seconds

    return ours.Seams(), spend


def test_time_inside_a_seam_within_a_seam_is_charged_to_the_inner_one(charging: Charging) -> None:
    one, spend = charging
    physics = one.around(ours.PHYSICS, spend)

    def step() -> None:
        spend(1.0)
        physics(4.0)
        physics(2.0)
        spend(0.5)

    one.around(ours.ENVIRONMENT, step)()
    spend(2.5)
    shares = one.shares()  # of 10 s
    assert (shares[ours.PHYSICS], shares[ours.ENVIRONMENT], shares[ours.OTHER]) == (0.6, 0.15, 0.25)
    one.restart()
    spend(1.0)
    assert one.shares()[ours.OTHER] == 1.0


def test_threads_that_work_at_once_share_the_moment(charging: Charging) -> None:
    one, spend = charging
    one.enter(1, ours.PHYSICS)
    spend(4.0)
    one.enter(2, ours.POLICY)
    spend(2.0)  # one second each
    one.leave(1)
    spend(3.0)
    one.leave(2)
    spend(1.0)
    shares = one.shares()  # of 10 s
    assert (shares[ours.PHYSICS], shares[ours.POLICY], shares[ours.OTHER]) == (0.5, 0.4, 0.1)
