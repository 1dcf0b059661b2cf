"""What a run has spent and will take, and when a budget ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import BudgetSettings, DesignSettings, Settings
from autoreward.errors import BudgetReachedError, UsageError
from autoreward.llm.resolve import Choice
from autoreward.records import Completion, PPOSettings, Spent, Usage
from autoreward.search.budget import (
    check_budget,
    check_price_is_known,
    count_generation_steps,
    count_member_steps,
    count_spent,
    generation_rungs,
)
from autoreward.search.events import CALL_STARTED, REPLY, STOPPED, CallStarted, Stopped
from tests.search.stored_run import add_training, member, new_run


def reply(prompt: str, cost: float | None) -> Completion:
    usage = Usage(calls=1, input_tokens=100, output_tokens=50, cost=cost)
    return Completion(prompt=prompt, text="", designer="openai/x", usage=usage)


def test_a_run_has_spent_what_its_events_say(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        for prompt, cost in (("g00c00", 0.25), ("g00c01", 0.5)):
            run.append(CALL_STARTED, prompt, CallStarted(paid=True))
            run.append(REPLY, prompt, reply(prompt, cost))
        run.append(CALL_STARTED, "g00c02", CallStarted(paid=True))  # in flight at a kill: it may have been charged
        stopped = member("g00c01", 0, 0.0, status="stopped").model_copy(update={"env_steps": 40})
        add_training(run, "g00", [member("g00c00", 0, 1.0), stopped])
        run.append(STOPPED, "", Stopped(status="interrupted", seconds=7.0))
        spent = count_spent(run)
    assert (spent.calls, spent.tokens, spent.cost, spent.seconds) == (3, 300, 0.75, 7.0)
    assert (spent.env_steps, spent.evaluation_steps, spent.saved_steps) == (140, 10, 60)


def test_one_unknown_price_makes_the_cost_unknown(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        run.append(REPLY, "g00c00", reply("g00c00", 0.25))
        run.append(REPLY, "g00c01", reply("g00c01", None))
        assert count_spent(run).cost is None


@pytest.mark.parametrize(
    ("spent", "budget"),
    [
        (Spent(cost=1.0), BudgetSettings(max_cost=1.0)),
        (Spent(tokens=500), BudgetSettings(max_tokens=400)),
        (Spent(seconds=61.0), BudgetSettings(max_time=60.0)),
    ],
)
def test_a_budget_that_is_used_up_ends_the_run(spent: Spent, budget: BudgetSettings) -> None:
    with pytest.raises(BudgetReachedError, match="is used up"):
        check_budget(spent, budget)


def test_a_training_that_does_not_fit_is_not_begun() -> None:
    budget = BudgetSettings(max_steps=1_000)
    check_budget(Spent(env_steps=600), budget, coming_steps=400)
    with pytest.raises(BudgetReachedError, match="600 are done, and the next training takes up to 401"):
        check_budget(Spent(env_steps=600), budget, coming_steps=401)


def test_a_generation_takes_whole_rollouts_and_less_with_rungs() -> None:
    design = DesignSettings(candidates=4, seeds=2, n_timesteps=1_300, halving=True)
    settings = Settings(design=design, ppo=PPOSettings(num_envs=4, num_steps=64))
    assert count_member_steps(settings) == 6 * 256  # 1300 steps are 5.08 rollouts
    assert count_generation_steps(settings) == 4 * 2 * 6 * 256
    # two of four candidates are stopped after the second of six rollouts
    assert count_generation_steps(settings, generation_rungs(design)) == 2 * (2 * 6 + 2 * 2) * 256
    assert generation_rungs(design.model_copy(update={"halving": False})) == ()


def test_a_cost_budget_needs_a_known_price_or_a_token_budget() -> None:
    unknown = Choice("openai/never-heard-of", None, "")
    with pytest.raises(UsageError, match="price of openai/never-heard-of is unknown"):
        check_price_is_known(unknown, BudgetSettings(max_cost=1.0))
    check_price_is_known(unknown, BudgetSettings(max_cost=1.0, max_tokens=1_000))
    check_price_is_known(Choice("compose", None, ""), BudgetSettings(max_cost=1.0))
