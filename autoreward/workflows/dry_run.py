"""`design --dry-run`: the prompts, calls, cost and steps of a search, without asking, checking or training anything."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autoreward.config import Settings
from autoreward.designer.prompts import OLDER, render, render_together
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import random_rollout
from autoreward.environment.task import human_reward
from autoreward.errors import AutorewardError
from autoreward.ledger import Run, list_runs
from autoreward.llm.caching import common_head
from autoreward.llm.price import cost_of, count_tokens
from autoreward.llm.resolve import Choice, choose
from autoreward.process_environment import model_environment
from autoreward.records import Brief, MetricBrief, Prompt, RemarkKind, TaskSpec, TrainingResult
from autoreward.search.briefs import HISTORY, training_facts
from autoreward.search.budget import count_generation_steps, count_member_steps, generation_rungs
from autoreward.search.episodic_factors import REPAIRS as FACTOR_REPAIRS
from autoreward.search.episodic_factors import factor_prompts, wants_factors
from autoreward.search.events import TRAINING
from autoreward.search.metric_choice import questions_prompts
from autoreward.search.metric_drafts import metric_prompts
from autoreward.search.preferred import told_task
from autoreward.search.properties import properties_prompt
from autoreward.search.remarks import remarks_prompt
from autoreward.search.request import check_readers, needs_metric
from autoreward.search.together import together_id
from autoreward.search.witness import witness_prompts
from autoreward.trainer.jobs import round_up_population
from autoreward.views import DryRunPrompt, DryRunView

EXPECTED_OUTPUT_TOKENS = 1_500  # a reward program with its reasoning
WRITING = 30.0  # [s] that a model takes for that, about
# What a later prompt has more than one of the first generation: programs and tables of the best, and a paragraph for
# each candidate it tells of; without plans, and with the longest [characters]. Measured on runs of half_cheetah.
LEADERS_CHARACTERS = (10_000, 16_000)
CANDIDATE_CHARACTERS = (500, 1_300)
RUNS_LOOKED_AT = 5  # the newest, for the speed of this machine
PHYSICS_ENVS, PHYSICS_STEPS = 128, 64  # of the moment of random motion that stands for earlier runs
TRAINING_SHARE = 0.7  # of the speed of random motion, that a training on a CPU reaches


@dataclass(frozen=True)
class Tokens:
    """What all calls of a search read [tokens], guessed from characters."""

    least: int
    most: int
    cached: int  # of the least: heads that an earlier call has sent

    def plus_drafts(self, drafts: Sequence[Prompt]) -> Tokens:
        """With the drafts of a metric, which are asked alike, and each of them twice at most."""
        if not drafts:
            return self
        least, most = (count(sum(map(_length, drafts))) for count in (_fewest_tokens, _most_tokens))
        again = _fewest_tokens(sum(map(_length, drafts[1:])))
        return Tokens(self.least + least, self.most + 2 * most, self.cached + again)

    def plus_factors(self, prompts: Sequence[Prompt]) -> Tokens:
        """With the drafts of factors, each asked once, and one program of all of them in place of a usual one."""
        count = sum(map(_length, prompts))
        read = len(prompts) * EXPECTED_OUTPUT_TOKENS if prompts else 0
        return Tokens(self.least + _fewest_tokens(count), self.most + _most_tokens(count) + read, self.cached)

    def plus_readers(self, prompts: Sequence[Prompt], generations: int) -> Tokens:
        """With one call a generation of each that reads its programs or tables."""
        least = _fewest_tokens(sum(map(_length, prompts))) * generations
        read = _most_tokens(len(prompts) * LEADERS_CHARACTERS[1]) * generations
        return Tokens(self.least + least, self.most + least + read, self.cached)


def dry_run(environment: Environment, task: TaskSpec, settings: Settings) -> DryRunView:
    """What a search would ask and take.

    Raises:
        UsageError: a reader is no language model.
    """
    design = settings.design
    check_readers(settings)
    choice = choose(settings.llm, model_environment())
    single = _first_prompts(environment, task, settings)
    together = choice.is_llm and settings.llm.ask == "generation" and len(single) > 1
    prompts = [render_together(single, together_id(0))] if together else single
    wanted = design.metric_drafts if needs_metric(task, choice, settings) else 0
    seeded = int(task.seed_reward is not None)
    factored = wants_factors(design, choice.is_llm, 0, seeded)
    factors = _factor_prompts(single[seeded], design.factor_drafts) if factored else []
    drafts = metric_prompts(MetricBrief(text=task.text, env=environment.spec), wanted)
    pairs = _pairs_prompt(environment, task, settings) if choice.is_llm else []
    fewest, most = _calls(settings, len(prompts)) if choice.is_llm else (0, 0)
    tokens = _input_tokens(prompts, single, settings) if choice.is_llm else Tokens(0, 0, 0)
    questions = questions_prompts(task.text, settings) if drafts else []
    readers = _reader_prompts(environment, task, settings) if choice.is_llm else []
    looked = settings.llm.judge is not None and (task.metric is not None or bool(drafts))
    witness = witness_prompts(task) if looked else []
    repairs = max(0, FACTOR_REPAIRS - design.repairs) if factors else 0  # of the program that is made of drafts
    once = len(factors) + len(pairs) + len(readers) * design.generations + len(witness)
    tokens = (
        tokens.plus_drafts(drafts).plus_drafts(pairs).plus_factors(factors).plus_readers(readers, design.generations)
    )
    steps = _steps(environment, task, settings, metric=task.metric is not None or bool(drafts))
    earlier = _steps_a_second(environment.spec.name, settings)
    rate = earlier or TRAINING_SHARE * _steps_of_random_motion(environment)
    return DryRunView(
        designer=choice.name,
        env=environment.spec.name,
        task=task.name or task.text,
        prompts=tuple(
            DryRunPrompt(id=prompt.id, messages=prompt.messages)
            for prompt in (*drafts, *questions, *pairs, *factors, *prompts, *readers, *witness)
        ),
        # Each draft is sent back once at most.
        calls=(fewest + len(drafts) + once, most + 2 * len(drafts) + len(questions) + once + repairs),
        input_tokens=(tokens.least, tokens.most),
        cached_tokens=tokens.cached,
        cost=_cost(choice, tokens, design.candidates * design.generations + len(drafts) + once, 1 + design.repairs),
        env_steps=steps,
        seconds=steps / rate + (_writing_seconds(settings, len(prompts)) if choice.is_llm else 0.0),
        speed="random motion" if earlier is None else "earlier runs",
    )


def _factor_prompts(prompt: Prompt, count: int) -> list[Prompt]:
    """The prompts that ask for drafts of factors, in the place of a usual one."""
    return factor_prompts(prompt.reward_brief, count)


def _pairs_prompt(environment: Environment, task: TaskSpec, settings: Settings) -> list[Prompt]:
    """The prompt that asks for tests of meaning, where a model is to write them."""
    count = settings.design.properties
    return [] if task.properties or not count else [properties_prompt(environment, told_task(task, settings), count)]


def _reader_prompts(environment: Environment, task: TaskSpec, settings: Settings) -> list[Prompt]:
    """The prompts of the critic of meaning and of the analyst of trajectories, without what they will read."""
    design = settings.design
    wanted: list[RemarkKind] = ["meaning"] if design.critic == "llm" else []
    wanted += ["trajectory"] if design.analyst == "llm" else []
    return [remarks_prompt(kind, told_task(task, settings), environment.spec, 0) for kind in wanted]


def _calls(settings: Settings, asked: int) -> tuple[int, int]:
    """At least one for each prompt; at most every repair, and where all are asked at once, one more for the rest."""
    design = settings.design
    repairs = design.candidates * design.generations * design.repairs
    again = 0 if asked == design.candidates else design.generations
    return asked * design.generations, asked * design.generations + again + repairs


def _input_tokens(prompts: Sequence[Prompt], single: Sequence[Prompt], settings: Settings) -> Tokens:
    """Of all calls: at least without repairs and plans, at most with every repair and the longest plans.

    Args:
        prompts: of the first generation, as they are sent.
        single: the same, one a candidate, as repairs begin.
    """
    design = settings.design
    first, alone = (sum(map(_length, several)) / len(several) for several in (prompts, single))
    head = len(prompts[0].messages[0].content)  # equal in all calls
    tail = first - common_head([prompt.messages[1].content for prompt in prompts]) - head
    counts = [design.candidates + OLDER * min(index - 1, HISTORY - 1) for index in range(1, design.generations)]
    later = [
        [leaders + candidate * count for count in counts]
        for leaders, candidate in zip(LEADERS_CHARACTERS, CANDIDATE_CHARACTERS, strict=True)
    ]
    least = len(prompts) * (design.generations * first + sum(later[0]))
    fresh = head + sum(first - head + more + (len(prompts) - 1) * tail for more in (0, *later[0]))
    most = len(prompts) * (design.generations * first + sum(later[1]))
    most += 0 if len(prompts) == len(single) else most  # the rest is asked for once
    most += design.repairs * len(single) * (design.generations * alone + sum(later[1]))
    return Tokens(count_tokens(least)[0], count_tokens(most)[1], count_tokens(max(0.0, least - fresh))[0])


def _fewest_tokens(characters: float) -> int:
    return count_tokens(characters)[0]


def _most_tokens(characters: float) -> int:
    return count_tokens(characters)[1]


def _length(prompt: Prompt) -> int:
    return sum(len(message.content) for message in prompt.messages)


def _writing_seconds(settings: Settings, asked: int) -> float:
    """How long a model writes: the first request of a generation alone, the others several at a time."""
    design = settings.design
    if asked < design.candidates:
        return design.generations * design.candidates * WRITING
    waits = 1 + -(-(asked - 1) // settings.llm.parallel_requests)
    return design.generations * waits * WRITING


def _steps_of_random_motion(environment: Environment) -> float:
    """How fast this machine simulates the environment, without any policy [environment steps a second]."""
    if environment.steps_a_second is not None:
        return environment.steps_a_second
    start = time.perf_counter()
    random_rollout(environment.pack, PHYSICS_ENVS, PHYSICS_STEPS)
    return PHYSICS_ENVS * PHYSICS_STEPS / (time.perf_counter() - start)


def _cost(choice: Choice, tokens: Tokens, programs: int, times: int) -> tuple[float, float] | None:
    """The range [USD], for replies of half to twice the usual length; at least with a provider's cache.

    Args:
        programs: that are written.
        times: that each of them is, at most.
    """
    if not choice.is_llm:
        return 0.0, 0.0
    low = cost_of(choice.name, tokens.least, programs * EXPECTED_OUTPUT_TOKENS // 2, tokens.cached)
    high = cost_of(choice.name, tokens.most, programs * times * EXPECTED_OUTPUT_TOKENS * 2)
    return None if low is None or high is None else (low, high)


def _steps_a_second(env: str, settings: Settings) -> float | None:
    """How fast the newest runs of an environment by this algorithm trained here [steps/s]; None: there is none."""
    steps = seconds = 0.0
    for path in list_runs(Path(settings.runs))[-RUNS_LOOKED_AT:]:
        try:
            with Run.open(path, write=False) as run:
                alike = run.task.env == env and run.settings.design.algo == settings.design.algo
                results = [event.record(TrainingResult) for event in run.events(TRAINING)] if alike else []
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
            training=training_facts(settings, told_task(task, settings).metric),
            by_people=settings.design.select == "people",
        )
        for slot in range(design.candidates)
    ]
    return [render(brief, f"g00c{brief.slot:02d}") for brief in briefs]


def _steps(environment: Environment, task: TaskSpec, settings: Settings, metric: bool) -> int:
    """Training steps of all generations and of the final measurement; with a metric, the sparse baseline's too."""
    design = settings.design
    measured = 1 + (human_reward(environment.pack, task.name) is not None) + metric
    final = round_up_population(measured * design.final_seeds) * count_member_steps(settings)
    confirmation = design.race * count_member_steps(settings)
    generations = design.generations + design.tuning_generations
    return generations * count_generation_steps(settings, generation_rungs(design)) + confirmation + final
