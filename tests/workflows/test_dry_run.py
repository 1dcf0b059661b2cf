"""What a search would ask and take, counted by hand."""

from __future__ import annotations

import pytest

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.search.request import make_task
from autoreward.workflows.dry_run import dry_run

DESIGN = {"candidates": 2, "generations": 3, "seeds": 2, "n_timesteps": 512, "final_seeds": 2, "repairs": 1}
PPO = {"num_envs": 4, "num_steps": 64}


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum", "balance")


def test_a_model_is_asked_once_a_candidate_and_once_a_repair(pendulum: Environment) -> None:
    settings = Settings.model_validate({"design": DESIGN, "ppo": PPO, "llm": {"model": "openai/gpt-5-mini"}})
    view = dry_run(pendulum, make_task(pendulum, None, "balance", None), settings)
    assert view.calls == (6, 12)
    assert [prompt.id for prompt in view.prompts] == ["g00c00", "g00c01"]
    assert view.cost is not None and 0.0 < view.cost[0] < view.cost[1]


def test_the_embedded_designer_costs_steps_alone(pendulum: Environment) -> None:
    settings = Settings.model_validate({"design": DESIGN, "ppo": PPO, "llm": {"model": "compose"}})
    view = dry_run(pendulum, make_task(pendulum, None, "balance", None), settings)
    assert (view.calls, view.cost) == ((0, 0), (0.0, 0.0))
    # 3 generations of 2 x 2 members; the best, human and sparse on 2 fresh seeds each
    assert view.env_steps == 3 * 4 * 512 + 6 * 512
