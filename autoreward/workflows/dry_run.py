"""`design --dry-run`: the prompts, calls, cost and steps of a search, without asking, checking or training anything."""

from __future__ import annotations

from pathlib import Path

from autoreward.config import Settings
from autoreward.designer.prompts import OLDER, render
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward
from autoreward.errors import AutorewardError
from autoreward.ledger import Run, list_runs
from autoreward.llm.price import cost_of, count_tokens
from autoreward.llm.resolve import Choice, choose
from autoreward.process_environment import model_environment
from autoreward.records import Brief, Prompt, TaskSpec, TrainingResult
from autoreward.search.briefs import HISTORY, training_facts
from autoreward.search.budget import count_generation_steps, count_member_steps, generation_rungs
from autoreward.search.events import TRAINING
from autoreward.trainer.jobs import round_up_population
from autoreward.views import DryRunPrompt, DryRunView

EXPECTED_OUTPUT_TOKENS = 1_500  # a reward program with its reasoning
# What a later prompt has more than one of the first generation: programs and tables of the best, and a paragraph for
# each candidate it tells of; without plans, and with the longest [characters]. Measured on runs of half_cheetah.
LEADERS_CHARACTERS = (6_000, 12_000)
CANDIDATE_CHARACTERS = (500, 1_300)
RUNS_LOOKED_AT = 5  # the newest, for the speed of this machine


def dry_run(environment: Environment, task: TaskSpec, settings: Settings) -> DryRunView:
    """What a search would ask and take."""
    design = settings.design
    choice = choose(settings.llm, model_environment())
    metric = [] if task.metric else metric_prompts(task.text, environment.spec, design.metric_drafts)
    prompts = _first_prompts(environment, task, settings)
    fewest = len(metric) + design.candidates * design.generations if choice.is_llm else 0
    most = len(metric) + fewest * (1 + design.repairs)
    tokens = _input_tokens(prompts, settings) if choice.is_llm else (0, 0)
    steps = _steps(environment, task, settings)
    rate = _steps_a_second(environment.spec.name, settings)
    return DryRunView(
        designer=choice.name,
        env=environment.spec.name,
        task=task.name or task.text,
        prompts=tuple(DryRunPrompt(id=prompt.id, messages=prompt.messages) for prompt in prompts),
        calls=(fewest, most),
        input_tokens=tokens,
        cost=_cost(choice, tokens, fewest, most),
        env_steps=steps,
        seconds=None if rate is None else steps / rate,
    )


def _input_tokens(prompts: list[Prompt], settings: Settings) -> tuple[int, int]:
    """Of all calls: at least without repairs and plans, at most with every repair and the longest plans."""
    design = settings.design
    first = sum(len(message.content) for prompt in prompts for message in prompt.messages) / len(prompts)
    ends = []
    for leaders, candidate in zip(LEADERS_CHARACTERS, CANDIDATE_CHARACTERS, strict=True):
        told = [design.candidates + OLDER * min(index - 1, HISTORY - 1) for index in range(1, design.generations)]
        ends.append(design.candidates * (first + sum(first + leaders + candidate * count for count in told)))
    least, most = (count_tokens(characters) for characters in ends)
    return least[0], most[1] * (1 + design.repairs)


def _cost(choice: Choice, tokens: tuple[int, int], fewest: int, most: int) -> tuple[float, float] | None:
    """The range [USD], for replies of half to twice the usual length."""
    if not choice.is_llm:
        return 0.0, 0.0
    low = cost_of(choice.name, tokens[0], fewest * EXPECTED_OUTPUT_TOKENS // 2)
    high = cost_of(choice.name, tokens[1], most * EXPECTED_OUTPUT_TOKENS * 2)
    return None if low is None or high is None else (low, high)


def _steps_a_second(env: str, settings: Settings) -> float | None:
    """How fast the newest runs of an environment trained here [environment steps a second]; None: there is none."""
    steps = seconds = 0.0
    for path in list_runs(Path(settings.runs))[-RUNS_LOOKED_AT:]:
        try:
            with Run.open(path, write=False) as run:
                results = (
                    [event.record(TrainingResult) for event in run.events(TRAINING)] if run.task.env == env else []
                )
        except AutorewardError:  # a run that cannot be read says nothing of the speed
            continue
        steps += sum(result.env_steps for result in results)
        seconds += sum(result.seconds for result in results)
    return steps / seconds if steps and seconds else None


def _first_prompts(environment: Environment, task: TaskSpec, settings: Settings) -> list[Prompt]:
    design = settings.design
    briefs = [
        Brief(
            text=task.text,
            env=environment.spec,
            generation=0,
            slot=slot,
            candidates=design.candidates,
            seed=design.seed,
            shaping_only=design.shaping_only,
            training=training_facts(settings, task.metric),
        )
        for slot in range(design.candidates)
    ]
    return [render(brief, f"g00c{brief.slot:02d}") for brief in briefs]


def _steps(environment: Environment, task: TaskSpec, settings: Settings) -> int:
    """Training steps of all generations and of the final measurement."""
    design = settings.design
    measured = 1 + (human_reward(environment.pack, task.name) is not None) + (task.metric is not None)
    final = round_up_population(measured * design.final_seeds) * count_member_steps(settings)
    return design.generations * count_generation_steps(settings, generation_rungs(design)) + final
