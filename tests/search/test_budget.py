"""What a run has spent, what a generation takes, and where a budget ends a run; numbers by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import BudgetSettings, DesignSettings, Settings
from autoreward.errors import BudgetReachedError, UsageError
from autoreward.llm.resolve import Choice
from autoreward.records import Completion, PPOSettings, Spent, Usage
from autoreward.search.budget import (
    check_budget,
    check_call_fits,
    check_price_is_known,
    count_generation_steps,
    count_member_steps,
    count_spent,
)
from autoreward.search.events import CALL_STARTED, REPLY, STOPPED, CallStarted, Stopped
from autoreward.trainer.rungs import HALVING
from tests.search.stored_run import add_training, member, new_run

USED = Spent(calls=3, tokens=400, cost=0.5, env_steps=10_000, evaluation_steps=0, seconds=60.0, saved_steps=0)


def settings(n_timesteps: int) -> Settings:
    """Rollouts of 4 x 64 = 256 steps, four candidates on two seeds."""
    design = DesignSettings(candidates=4, seeds=2, n_timesteps=n_timesteps)
    return Settings(design=design, ppo=PPOSettings(num_envs=4, num_steps=64))


@pytest.mark.parametrize(("n_timesteps", "steps"), [(1, 256), (256, 256), (257, 512), (1300, 1536)])
def test_a_member_takes_whole_rollouts(n_timesteps: int, steps: int) -> None:
    assert count_member_steps(settings(n_timesteps)) == steps


def test_a_generation_without_and_with_halving() -> None:
    """6 rollouts each; with halving, two of the four candidates are stopped after the second one."""
    assert count_generation_steps(settings(1536)) == 4 * 2 * 1536
    assert count_generation_steps(settings(1536), HALVING) == 2 * 2 * 6 * 256 + 2 * 2 * 2 * 256


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"max_cost": 0.5}, r"max_cost = 0\.5 is used up"),
        ({"max_tokens": 400}, "max_tokens = 400 is used up"),
        ({"max_time": 60.0}, "max_time = 60 is used up"),
        (
            {"max_steps": 10_499},
            "max_steps = 10,499 is used up: 10,000 are done, and the next training takes up to 500",
        ),
    ],
)
def test_a_used_up_budget_ends_the_run_and_says_how_to_go_on(limit: dict[str, float], words: str) -> None:
    with pytest.raises(BudgetReachedError, match=words) as caught:
        check_budget(USED, BudgetSettings.model_validate(limit), coming_steps=500)
    assert caught.value.larger.startswith(f"budget.{next(iter(limit))}=")
    assert caught.value.larger in caught.value.remedy and "resume" not in caught.value.remedy  # there may be no run
    Stopped(status="budget", seconds=1.0, larger=caught.value.larger)


def test_what_is_left_of_every_budget_is_enough() -> None:
    enough = BudgetSettings(max_cost=0.51, max_tokens=401, max_time=61.0, max_steps=10_500)
    check_budget(USED, enough, coming_steps=500)
    check_budget(USED, BudgetSettings(), coming_steps=1_000_000_000)


@pytest.mark.parametrize(
    ("budget", "cure"),
    [
        ({"max_tokens": 10_000}, "llm.max_output_tokens=6600"),  # 9,600 are left: less 3,000 for the question
        ({"max_tokens": 4_000}, ""),  # 600 after the question: no reward fits
        ({"max_cost": 0.75}, "llm.max_output_tokens=2750"),  # a quarter is left: of 23,000 tokens, less the question
    ],
)
def test_a_request_that_does_not_fit_says_how_long_a_reply_would(budget: dict[str, float], cure: str) -> None:
    worst = Usage(calls=1, input_tokens=3_000, output_tokens=20_000, cost=1.0)
    with pytest.raises(BudgetReachedError, match="does not hold the next request") as caught:
        check_call_fits(USED, worst, BudgetSettings(**budget))  # type: ignore[arg-type]
    assert "--set budget" in caught.value.remedy
    assert caught.value.shorter == cure and ("--set llm." in caught.value.remedy) == bool(cure)


def test_an_unknown_cost_uses_up_no_budget_in_dollars() -> None:
    check_budget(USED.model_copy(update={"cost": None}), BudgetSettings(max_cost=0.01))


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


def test_a_cost_budget_needs_a_known_price_or_a_token_budget() -> None:
    unknown = Choice("openai/never-heard-of", None, "")
    with pytest.raises(UsageError, match="price of openai/never-heard-of is unknown"):
        check_price_is_known(unknown, BudgetSettings(max_cost=1.0))
    check_price_is_known(unknown, BudgetSettings(max_cost=1.0, max_tokens=1_000))
    check_price_is_known(Choice("compose", None, ""), BudgetSettings(max_cost=1.0))
