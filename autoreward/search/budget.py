"""What a run has spent, counted from its events, and the budgets that end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce

from autoreward.config import BudgetSettings
from autoreward.designer.prompts import one_line
from autoreward.errors import BudgetReachedError, ModelAccessError
from autoreward.ledger import Run
from autoreward.records import Completion, Spent, TrainingResult, Usage
from autoreward.search.events import (
    CALL_FAILED,
    CALL_STARTED,
    RANDOM,
    REPLY,
    STOPPED,
    TRAINING,
    CallFailed,
    CallStarted,
    Stopped,
)


def spent(run: Run, running_since: float | None = None) -> Spent:
    """What the run has used over all its sittings.

    Args:
        running_since: monotonic time [s] at which the present sitting began; None when nobody works on the run.

    A call in flight at a kill counts as a call: it has been started and may have been charged.
    """
    replies = [event.record(Completion) for event in run.events(REPLY)]
    trainings = [event.record(TrainingResult) for kind in (TRAINING, RANDOM) for event in run.events(kind)]
    used = total_usage(replies)
    seconds = sum(event.record(Stopped).seconds for event in run.events(STOPPED))
    if running_since is not None:
        seconds += time.monotonic() - running_since
    return Spent(
        calls=used.calls + _unanswered(run, replies),
        tokens=used.input_tokens + used.output_tokens,
        usage=used,
        cost=used.cost,
        env_steps=sum(result.env_steps for result in trainings),
        evaluation_steps=sum(result.evaluation_steps for result in trainings),
        seconds=seconds,
        saved_steps=sum(_saved(result) for result in trainings),
    )


def total_usage(completions: Iterable[Completion]) -> Usage:
    """What these completions cost together."""
    return reduce(Usage.plus, (completion.usage for completion in completions), Usage())


def generation_usage(run: Run, index: int) -> Usage:
    """What the calls of one generation cost, repairs included."""
    prefix = f"g{index:02d}c"
    return total_usage(event.record(Completion) for event in run.events(REPLY) if event.key.startswith(prefix))


def _unanswered(run: Run, replies: Sequence[Completion]) -> int:
    """Requests that were sent and have no stored reply: in flight at a kill, or failed for good."""
    paid = [event.key for event in run.events(CALL_STARTED) if event.record(CallStarted).paid]
    answered = {reply.prompt for reply in replies if reply.usage.calls}
    left = len(paid) - len(answered & set(paid))
    return left + sum(event.record(CallFailed).calls - 1 for event in run.events(CALL_FAILED))


def _saved(result: TrainingResult) -> int:
    """Environment steps that the stopped members of a training would have taken to its end."""
    whole = max((member.env_steps for member in result.members), default=0)
    return sum(whole - member.env_steps for member in result.members if member.status == "stopped")


def check_budget(used: Spent, budget: BudgetSettings, coming_steps: int = 0) -> None:
    """Stop before a budget is exceeded.

    Args:
        coming_steps: environment steps that the next training may take.

    Raises:
        BudgetReachedError: a budget is used up, or the next training would exceed it.
    """
    limits: tuple[tuple[str, float | None, float | None], ...] = (
        ("max_cost", budget.max_cost, used.cost),
        ("max_tokens", budget.max_tokens, used.tokens),
        ("max_time", budget.max_time, used.seconds),
    )
    for name, limit, value in limits:
        if limit is not None and value is not None and value >= limit:
            raise BudgetReachedError(f"The budget {name} = {limit:g} is used up ({value:g}).", _remedy(name))
    steps = budget.max_steps
    if steps is not None and used.env_steps + coming_steps > steps:
        raise BudgetReachedError(
            f"The budget max_steps = {steps:,} is used up: {used.env_steps:,} are done, "
            f"and the next training takes up to {coming_steps:,}.",
            _remedy("max_steps"),
        )


def _remedy(name: str) -> str:
    flag = "--" + name.replace("_", "-")
    return f"The best so far is saved. Go on with a larger one: autoreward resume --set budget.{name}=... ({flag})"


IN_A_ROW = 3  # prompts without an answer after which a model is not asked on


class CallsInFlight:
    """The calls to a designer that run now, over all threads: what they may still cost, and whether to go on asking.

    A call begins only while what is spent and the worst case of all calls in flight are below the budgets, so these
    are exceeded by nothing that was not in flight already.
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
            BudgetReachedError: a budget is used up.
            CallsStoppedError: no further call shall be made.
        """
        with self._changed:
            while True:
                if self._stopped:
                    raise CallsStoppedError
                used = spent(run, since)
                check_budget(used, budget)
                doubted = self._unanswered and len(self._reserved) + self._unanswered >= IN_A_ROW
                if not self._reserved or (not doubted and self._fits(used, budget)):
                    break
                self._changed.wait()
            self._reserved[key] = worst
        try:
            yield
        finally:
            with self._changed:
                del self._reserved[key]
                self._changed.notify_all()

    def _fits(self, used: Spent, budget: BudgetSettings) -> bool:
        pending = reduce(Usage.plus, self._reserved.values(), Usage())
        tokens = used.tokens + pending.input_tokens + pending.output_tokens
        if budget.max_tokens is not None and tokens >= budget.max_tokens:
            return False
        cost = None if used.cost is None or pending.cost is None else used.cost + pending.cost
        return budget.max_cost is None or cost is None or cost < budget.max_cost

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


SAID = 300  # characters of a model's words that an error or a finding quotes


class CallsStoppedError(Exception):
    """A call was not made because the search is being stopped; another error says why."""
