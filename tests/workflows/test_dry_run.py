"""What a search would ask and take, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.config import Settings
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.ledger import Run
from autoreward.llm.caching import common_head
from autoreward.llm.price import cost_of
from autoreward.records import TrainingResult
from autoreward.search.events import TRAINING
from autoreward.search.request import make_task
from autoreward.workflows.dry_run import WRITING, dry_run

DESIGN = {
    "candidates": 2,
    "properties": 0,
    "generations": 3,
    "seeds": 2,
    "n_timesteps": 512,
    "final_seeds": 2,
    "repairs": 1,
}
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
    first = sum(len(message.content) for message in view.prompts[0].messages)
    second = sum(len(message.content) for message in view.prompts[1].messages)
    # generation 1 tells of 2 candidates, generation 2 of 2 and of 2 of the generation before
    mean = (first + second) / 2
    least = 2 * (mean + (mean + 10_000 + 2 * 500) + (mean + 10_000 + 4 * 500)) / 5.0
    most = 2 * (mean + (mean + 16_000 + 2 * 1_300) + (mean + 16_000 + 4 * 1_300)) / 3.0
    assert view.input_tokens == (round(least), round(2 * most))
    # fresh is the contract once, of each generation what stands behind it, and of its second prompt its own last words
    head, texts = len(view.prompts[0].messages[0].content), [prompt.messages[1].content for prompt in view.prompts]
    own = mean - head - common_head(texts)
    fresh = head + (mean - head + own) + (mean - head + 11_000 + own) + (mean - head + 12_000 + own)
    assert view.cached_tokens == round((5.0 * least - fresh) / 5.0)
    assert view.cost[0] < cost_of("openai/gpt-5-mini", view.input_tokens[0], 6 * 750)  # of what is cached it is less


def test_one_request_a_generation_reads_the_contract_once_a_generation(pendulum: Environment) -> None:
    llm = {"model": "openai/gpt-5-mini", "ask": "generation"}
    settings = Settings.model_validate({"design": DESIGN, "ppo": PPO, "llm": llm})
    view = dry_run(pendulum, make_task(pendulum, None, "balance", None), settings)
    assert [prompt.id for prompt in view.prompts] == ["g00all"]
    assert view.calls == (3, 3 + 3 + 6)  # the rest of each generation, and every repair
    size = sum(len(message.content) for message in view.prompts[0].messages)
    assert view.input_tokens[0] == round((3 * size + 2 * 10_000 + (2 + 4) * 500) / 5.0)
    alone = Settings.model_validate({"design": DESIGN, "ppo": PPO, "llm": {**llm, "ask": "candidate"}})
    several = dry_run(pendulum, make_task(pendulum, None, "balance", None), alone)
    assert view.input_tokens[0] < 0.6 * several.input_tokens[0]


def test_the_default_search_reads_less_than_sixty_thousand_tokens_where_generations_are_asked_at_once() -> None:
    cheetah = open_environment("half_cheetah", "forward")
    settings = Settings.model_validate({"llm": {"model": "openai/gpt-5-mini", "ask": "generation"}})
    view = dry_run(cheetah, make_task(cheetah, None, "forward", None), settings)
    assert (settings.design.candidates, settings.design.generations) == (8, 5)
    assert view.input_tokens[0] < 60_000


def test_the_embedded_designer_costs_steps_alone(pendulum: Environment) -> None:
    settings = Settings.model_validate({"design": DESIGN, "ppo": PPO, "llm": {"model": "compose"}})
    view = dry_run(pendulum, make_task(pendulum, None, "balance", None), settings)
    assert (view.calls, view.input_tokens, view.cost) == ((0, 0), (0, 0), (0.0, 0.0))
    # 3 generations of 2 x 2 members; the best, human and sparse on 2 fresh seeds each
    assert view.env_steps == 3 * 4 * 512 + 6 * 512


def test_the_time_is_that_of_earlier_runs_of_the_same_environment(pendulum: Environment, tmp_path: Path) -> None:
    settings = Settings.model_validate({"design": DESIGN, "ppo": PPO, "runs": str(tmp_path / "runs")})
    task = make_task(pendulum, None, "balance", None)
    assert dry_run(pendulum, task, settings).speed == "random motion"  # there is none yet
    for env, seconds in (("inverted_pendulum", 2.0), ("hopper", 100.0)):
        with Run.create(tmp_path / "runs", task.model_copy(update={"env": env}), settings, {}) as run:
            trained = TrainingResult(
                job="g00", members=(), env_steps=1_000, evaluation_steps=0, seconds=seconds, first_update_seconds=1.0
            )
            run.append(TRAINING, "g00", trained)
    view = dry_run(pendulum, task, settings)
    assert (view.seconds, view.speed) == (view.env_steps / 500.0, "earlier runs")  # 1,000 steps in 2 s
    asking = Settings.model_validate({**settings.model_dump(), "llm": {"model": "openai/gpt-5-mini"}})
    # each of three generations: a request alone, then the other
    assert dry_run(pendulum, task, asking).seconds == view.seconds + 3 * 2 * WRITING


def test_a_run_that_cannot_be_read_is_passed_over(pendulum: Environment, tmp_path: Path) -> None:
    settings = Settings.model_validate({"design": DESIGN, "ppo": PPO, "runs": str(tmp_path)})
    (tmp_path / "2026-01-01_broken_aaaa").mkdir()
    (tmp_path / "2026-01-01_broken_aaaa" / "task.yaml").write_text("env: [")
    (tmp_path / "2026-01-01_broken_aaaa" / "run.db").write_bytes(b"no database")
    view = dry_run(pendulum, make_task(pendulum, None, "balance", None), settings)
    assert view.speed == "random motion" and view.seconds > 0.0
