"""`design --dry-run`: the prompts, calls, cost and steps of a search, without asking, checking or training anything."""

from __future__ import annotations

from autoreward.config import Settings, model_environment
from autoreward.designer.prompts import render
from autoreward.environment.environment import Environment
from autoreward.environment.task import human_reward
from autoreward.llm.price import estimate
from autoreward.llm.resolve import Choice, choose
from autoreward.records import Brief, Prompt, TaskSpec
from autoreward.search.briefs import training_facts
from autoreward.search.budget import count_generation_steps, count_member_steps, generation_rungs
from autoreward.trainer.jobs import round_up_population
from autoreward.views import DryRunPrompt, DryRunView

EXPECTED_OUTPUT_TOKENS = 1_500  # a reward program with its reasoning
LATER_PROMPTS = 4.0  # a later prompt tells of up to four generations: so much longer at most


def dry_run(environment: Environment, task: TaskSpec, settings: Settings) -> DryRunView:
    """What a search would ask and take."""
    design = settings.design
    choice = choose(settings.llm, model_environment())
    prompts = _first_prompts(environment, task, settings)
    fewest = design.candidates * design.generations if choice.is_llm else 0
    most = fewest * (1 + design.repairs)
    return DryRunView(
        designer=choice.name,
        env=environment.spec.name,
        task=task.name or task.text,
        prompts=tuple(DryRunPrompt(id=prompt.id, messages=prompt.messages) for prompt in prompts),
        calls=(fewest, most),
        cost=_cost(choice, prompts, fewest, most),
        env_steps=_steps(environment, task, settings),
        seconds=None,
    )


def _cost(choice: Choice, prompts: list[Prompt], fewest: int, most: int) -> tuple[float, float] | None:
    """The range [USD], from the first generation's prompts; later ones are longer, repairs come on top."""
    if not choice.is_llm:
        return 0.0, 0.0
    once = estimate(choice.name, [prompt.messages for prompt in prompts], EXPECTED_OUTPUT_TOKENS).cost
    if once is None:
        return None
    return once[0] * fewest / len(prompts), once[1] * most / len(prompts) * LATER_PROMPTS


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
