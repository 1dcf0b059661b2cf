"""Deadlines on a busy machine: a child that gets little CPU time is waited for, one that sleeps or spins is not."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from autoreward.reward.sandbox.conversation import LONGEST, _Reader

DEADLINE = 0.05


class Busy:
    """Stands for a child: what it has had of the CPU at the end of each deadline; after the last it replies."""

    def __init__(self, shares: list[float]) -> None:
        self.connection, self.theirs = socket.socketpair()
        self.output, self.closed = os.pipe()
        os.set_blocking(self.output, False)
        self.asked = 0
        self._shares = shares

    def cpu_seconds(self) -> float:
        share = self._shares[min(self.asked, len(self._shares) - 1)]
        self.asked += 1
        if self.asked == len(self._shares):
            self.theirs.sendall(b"reply")
        return share * DEADLINE


@pytest.fixture
def read() -> Iterator[object]:
    made: list[Busy] = []

    def read_from(shares: list[float]) -> tuple[bytes, Busy]:
        made.append(Busy(shares))
        return _Reader(made[-1], 0.0, DEADLINE)(5), made[-1]  # type: ignore[arg-type]

    yield read_from
    for child in made:
        child.connection.close(), child.theirs.close(), os.close(child.output), os.close(child.closed)


def test_a_starved_child_gets_its_deadline_again(read: object) -> None:
    assert read([0.1, 0.2, 0.3])[0] == b"reply"  # type: ignore[operator]


@pytest.mark.parametrize("shares", [[0.0, 0.0], [0.6, 0.9], [0.1, 0.1, 0.1], [0.3, 0.55, 0.6]])
def test_one_that_sleeps_or_has_had_enough_does_not(read: object, shares: list[float]) -> None:
    with pytest.raises(TimeoutError):
        read(shares)  # type: ignore[operator]


def test_it_gets_it_only_so_often(read: object) -> None:
    with pytest.raises(TimeoutError):
        read([0.03 * number for number in range(1, LONGEST + 3)])  # type: ignore[operator]
