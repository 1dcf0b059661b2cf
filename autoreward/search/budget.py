"""What a run has spent, counted from its events, what it will take, and the budgets that end it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import reduce

from autoreward.config import BudgetSettings, DesignSettings, Settings
from autoreward.errors import BudgetReachedError, UsageError
from autoreward.ledger import Run
from autoreward.llm.price import cost_of
from autoreward.llm.resolve import Choice
from autoreward.records import Completion, Rung, Spent, TrainingResult, Usage
from autoreward.search.events import (
    CALL_FAILED,
    CALL_STARTED,
    RANDOM,
    REPLY,
    RESCORED,
    STOPPED,
    TRAINING,
    CallFailed,
    CallStarted,
    Stopped,
)
from autoreward.trainer.rungs import HALVING, by_iteration, count_whole_trainings

LEAST_REPLY = 1024  # [tokens] in which a reward program fits


def count_spent(run: Run, running_since: float | None = None) -> Spent:
    """What the run has used over all its sittings.

    Args:
        running_since: monotonic time [s] at which the present sitting began; None when nobody works on the run.

    A call in flight at a kill counts as a call: it has been started and may have been charged.
    """
    replies = [event.record(Completion) for event in run.events(REPLY)]
    trainings = [event.record(TrainingResult) for kind in (TRAINING, RANDOM) for event in run.events(kind)]
    replays = [event.record(TrainingResult) for event in run.events(RESCORED)]
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
        evaluation_steps=sum(result.evaluation_steps for result in (*trainings, *replays)),
        seconds=seconds,
        saved_steps=sum(_count_saved(result) for result in trainings),
    )


def total_usage(completions: Iterable[Completion]) -> Usage:
    """What these completions cost together."""
    return reduce(Usage.plus, (completion.usage for completion in completions), Usage())


def generation_usage(run: Run, index: int) -> Usage:
    """What the calls of one generation cost, repairs included."""
    prefixes = (f"g{index:02d}c", f"g{index:02d}a")  # of one candidate, of all at once
    return total_usage(event.record(Completion) for event in run.events(REPLY) if event.key.startswith(prefixes))


def _unanswered(run: Run, replies: Sequence[Completion]) -> int:
    """Requests that were sent and have no stored reply: in flight at a kill, or failed for good."""
    paid = [event.key for event in run.events(CALL_STARTED) if event.record(CallStarted).paid]
    answered = {reply.prompt for reply in replies if reply.usage.calls}
    left = len(paid) - len(answered & set(paid))
    return left + sum(event.record(CallFailed).calls - 1 for event in run.events(CALL_FAILED))


def _count_saved(result: TrainingResult) -> int:
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
            raise _reached(f"The budget {name} = {limit:g} is used up ({value:g}).", name, limit)
    steps = budget.max_steps
    if steps is not None and used.env_steps + coming_steps > steps:
        raise _reached(
            f"The budget max_steps = {steps:,} is used up: {used.env_steps:,} are done, "
            f"and the next training takes up to {coming_steps:,}.",
            "max_steps",
            max(steps, (used.env_steps + coming_steps + 1) // 2),
        )


def check_call_fits(used: Spent, worst: Usage, budget: BudgetSettings) -> None:
    """Stop before a call begins that could exceed a budget.

    Args:
        worst: the most that the call may cost.

    Raises:
        BudgetReachedError: what is left of a budget does not hold it.
    """
    tokens = worst.input_tokens + worst.output_tokens
    limits: tuple[tuple[str, float | None, float | None, float | None], ...] = (
        ("max_cost", budget.max_cost, used.cost, worst.cost),
        ("max_tokens", budget.max_tokens, used.tokens, tokens),
    )
    for name, limit, spent, most in limits:
        if limit is None or spent is None or most is None or spent + most <= limit:
            continue
        raise _reached(
            f"The budget {name} = {limit:g} does not hold the next request: {spent:g} are spent, "
            f"and it may take up to {most:g} ({worst.output_tokens:,} tokens of it are the reply's limit).",
            name,
            max(limit, spent + most),
            _shorter(worst, (limit - spent) / most),
        )


def _shorter(worst: Usage, share: float) -> str:
    """The setting with which a request fits into what is left of a budget, if a reply of a sensible length does.

    Args:
        share: of the worst case that is left.
    """
    tokens = worst.input_tokens + worst.output_tokens
    room = min(int(share * tokens) - worst.input_tokens, int(share * worst.output_tokens))
    if room < LEAST_REPLY:
        return ""
    return f"llm.max_output_tokens={room}"


def _reached(message: str, name: str, limit: float, shorter: str = "") -> BudgetReachedError:
    """The error of a budget that would do with twice this limit."""
    larger = f"budget.{name}={2 * limit:.15g}"
    remedy = f"Give more: --set {larger}" + (f", or ask for shorter replies: --set {shorter}" if shorter else "")
    return BudgetReachedError(message, remedy, larger=larger, shorter=shorter)


def check_price_is_known(choice: Choice, budget: BudgetSettings) -> None:
    """A budget in dollars means nothing where the price is unknown, unless tokens are limited too.

    Raises:
        UsageError: there is a cost budget, no token budget, and no known price.
    """
    limited = budget.max_cost is not None and budget.max_tokens is None
    if limited and choice.may_cost and cost_of(choice.name, 1_000_000, 1_000_000) is None:
        raise UsageError(
            f"The price of {choice.name} is unknown, so --max-cost {budget.max_cost:g} cannot be kept.",
            "Give --max-tokens as well.",
        )


def selection_population(design: DesignSettings) -> int:
    """How many members the trainings of a generation have."""
    return design.race or design.candidates * design.seeds


def count_generation_steps(settings: Settings, rungs: Sequence[Rung] = ()) -> int:
    """Environment steps of training that a whole generation takes on a CPU, if each rung stops as many as it should.

    With a race: its populations for the first seeds of all candidates, and one for further seeds.
    """
    design, to_the_end = settings.design, count_member_steps(settings)
    if design.race:
        return (-(-design.candidates * design.seeds // design.race) + 1) * design.race * to_the_end
    iterations = to_the_end // _rollout_steps(settings)
    shares = [Rung(at=done / iterations, keep=rung.keep) for done, rung in by_iteration(rungs, iterations).items()]
    return round(count_whole_trainings(design.candidates, shares) * to_the_end) * design.seeds


def count_member_steps(settings: Settings) -> int:
    """Environment steps of a member that is trained to the end on a CPU: whole rollouts."""
    rollout = _rollout_steps(settings)
    return -(-settings.design.n_timesteps // rollout) * rollout


def generation_rungs(design: DesignSettings) -> tuple[Rung, ...]:
    """Where the worse candidates of a generation are stopped."""
    return HALVING if design.halving else ()


def _rollout_steps(settings: Settings) -> int:
    """Environment steps of a member between two updates."""
    if settings.design.algo != "ppo":
        learner = settings.off_policy
        return max(1, learner.train_freq // learner.learner_envs) * learner.learner_envs
    return settings.ppo.num_envs * settings.ppo.num_steps
