"""What a run has spent, counted from its events, and the budgets that end it."""

from __future__ import annotations

import time

from autoreward.config import BudgetSettings
from autoreward.errors import BudgetReachedError
from autoreward.ledger import Run
from autoreward.records import Completion, Spent, TrainingResult
from autoreward.search.events import CALL_STARTED, RANDOM, REPLY, STOPPED, TRAINING, CallStarted, Stopped


def spent(run: Run, running_since: float | None = None) -> Spent:
    """What the run has used over all its sittings.

    Args:
        running_since: monotonic time [s] at which the present sitting began; None when nobody works on the run.

    A call in flight at a kill counts as a call: it has been started and may have been charged.
    """
    replies = [event.record(Completion) for event in run.events(REPLY)]
    trainings = [event.record(TrainingResult) for kind in (TRAINING, RANDOM) for event in run.events(kind)]
    started = [event.record(CallStarted) for event in run.events(CALL_STARTED)]
    costs = [reply.usage.cost for reply in replies]
    seconds = sum(event.record(Stopped).seconds for event in run.events(STOPPED))
    if running_since is not None:
        seconds += time.monotonic() - running_since
    return Spent(
        calls=sum(call.paid for call in started),
        tokens=sum(reply.usage.input_tokens + reply.usage.output_tokens for reply in replies),
        cost=None if any(cost is None for cost in costs) else sum(cost for cost in costs if cost is not None),
        env_steps=sum(result.env_steps for result in trainings),
        evaluation_steps=sum(result.evaluation_steps for result in trainings),
        seconds=seconds,
        saved_steps=sum(_saved(result) for result in trainings),
    )


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
