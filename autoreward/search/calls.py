"""The calls to a designer: what they cost, what those in flight may still cost, and whether to go on asking."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce

from autoreward.config import BudgetSettings
from autoreward.designer.prompts import one_line
from autoreward.errors import BudgetReachedError, ModelAccessError
from autoreward.ledger import Run
from autoreward.records import Completion, Spent, Usage
from autoreward.search.budget import check_budget, check_call_fits, count_spent

IN_A_ROW = 3  # prompts without an answer after which a model is not asked on
SAID = 300  # characters of a model's words that an error or a finding quotes


class CallsInFlight:
    """The calls to a designer that run now, over all threads: what they may still cost, and whether to go on asking.

    A call begins only where what is spent, the worst case of all calls in flight and its own worst case fit into the
    budgets together. One that could fit once those in flight have told what they cost waits for them; one that cannot
    ends the run, the very first one too. So a budget is exceeded by no more than a worst case was put too low.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reserved: dict[str, Usage] = {}
        self._unanswered = 0  # in a row, in this sitting
        self._stopped = False

    def __len__(self) -> int:
        return len(self._reserved)

    @contextmanager
    def call(self, run: Run, key: str, worst: Usage, budget: BudgetSettings, since: float) -> Iterator[None]:
        """Reserves the worst case of a call while it runs and until its reply is stored; waits for its turn before.

        Args:
            key: of the prompt.
            since: monotonic time [s] at which the sitting began.

        Raises:
            BudgetReachedError: a budget is used up, or the rest of it does not hold this call.
            CallsStoppedError: no further call shall be made.
        """
        with self._changed:
            while True:
                if self._stopped:
                    raise CallsStoppedError
                used = count_spent(run, since)
                check_budget(used, budget)
                if not self._reserved:
                    check_call_fits(used, worst, budget)
                    break
                doubted = self._unanswered and len(self._reserved) + self._unanswered >= IN_A_ROW
                if not doubted and self._fits(used, worst, budget):
                    break
                self._changed.wait()
            self._reserved[key] = worst
        try:
            yield
        finally:
            with self._changed:
                del self._reserved[key]
                self._changed.notify_all()

    def _fits(self, used: Spent, worst: Usage, budget: BudgetSettings) -> bool:
        together = reduce(Usage.plus, self._reserved.values(), worst)
        try:
            check_call_fits(used, together, budget)
        except BudgetReachedError:
            return False
        return True

    def stop(self) -> None:
        """No further call begins; those in flight go on."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def note(self, completion: Completion) -> None:
        """Counts what had no answer.

        Raises:
            ModelAccessError: too many in a row: the rest would go the same way.
        """
        with self._changed:
            gone = completion.status in ("refused", "failed", "too_long")
            self._unanswered = self._unanswered + 1 if gone else 0
            over = self._unanswered >= IN_A_ROW
            self._stopped = self._stopped or over
        if over:
            declined = completion.status == "refused"
            what = "declined" if declined else "did not answer"
            cure = "Say the task in other words" if declined else "Look at what the server says"
            raise ModelAccessError(
                f"{completion.designer} {what} {IN_A_ROW} requests in a row; the last time it said: "
                f"{one_line(completion.text, SAID)!r}",
                f"{cure}, or choose another model with --model. Everything so far is saved.",
            )


class CallsStoppedError(Exception):
    """A call was not made because the search is being stopped; another error says why."""
