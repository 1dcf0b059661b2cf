"""What a generation takes, and where a budget ends a run; numbers by hand."""

from __future__ import annotations

import pytest

from autoreward.config import BudgetSettings, DesignSettings, Settings
from autoreward.errors import BudgetReachedError
from autoreward.records import PPOSettings, Spent
from autoreward.search.budget import check_budget, count_generation_steps, count_member_steps
from autoreward.trainer.rungs import HALVING

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
    assert f"budget.{next(iter(limit))}=" in caught.value.remedy


def test_what_is_left_of_every_budget_is_enough() -> None:
    enough = BudgetSettings(max_cost=0.51, max_tokens=401, max_time=61.0, max_steps=10_500)
    check_budget(USED, enough, coming_steps=500)
    check_budget(USED, BudgetSettings(), coming_steps=1_000_000_000)


def test_an_unknown_cost_uses_up_no_budget_in_dollars() -> None:
    check_budget(USED.model_copy(update={"cost": None}), BudgetSettings(max_cost=0.01))
