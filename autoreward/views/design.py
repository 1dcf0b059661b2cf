"""What happens in a search, as it happens, and what it would take: `design`, `refine`, `resume`."""

from __future__ import annotations

from typing import Literal

from autoreward.records import Certainty, Finding, Fitness, Message, Usage
from autoreward.views.metric import MetricEvent
from autoreward.views.properties import PropertiesEvent
from autoreward.views.show import BaselinesView, BestView, SpentView
from autoreward.views.view import Part, Report, View


class StartedEvent(View):
    """The first line of a search."""

    event: Literal["started"] = "started"
    run: str
    folder: str
    env: str
    task: str
    designer: str
    candidates: int  # a generation
    generations: int
    seeds: int
    n_timesteps: int  # environment steps a member
    race: int = 0  # further trainings a generation, for those that can still be best


class StartedReport(StartedEvent, Report):
    """The first line of a search, and which designer it has, why, and how to use another."""

    message: str = ""


class CandidateEvent(View):
    """A candidate was refused, failed, or has been trained."""

    event: Literal["candidate"] = "candidate"
    id: str
    generation: int
    parents: tuple[str, ...]
    status: str
    fitness: Fitness | None
    progress: Fitness | None
    findings: tuple[Finding, ...] = ()


class RaceEvent(View):
    """Further seeds are given to those that can still be best."""

    event: Literal["race"] = "race"
    generation: int
    seeds: dict[str, int]  # how many, by candidate; "human": the human-written reward
    probability_best: dict[str, float]  # of everybody, before that


class GenerationEvent(View):
    """A generation has been selected from."""

    event: Literal["generation"] = "generation"
    index: int
    best: str | None  # of the run so far
    fitness: Fitness | None
    progress: Fitness | None
    spent: SpentView
    usage: Usage = Usage()  # of this generation's own calls
    certainty: Certainty | None = None  # of the order of all candidates so far; None where there is none to speak of
    reliability: float | None = None  # of the order of this generation's own candidates


class FinishedEvent(View):
    """The last line of a search."""

    event: Literal["finished"] = "finished"
    run: str
    status: str
    best: BestView | None
    baselines: BaselinesView
    spent: SpentView


class ProgressEvent(Part):
    """Where a search stands, for the live line on stderr; never on stdout."""

    event: Literal["progress"] = "progress"
    stage: str  # "writing", "checking", "training", "measuring", ...
    generation: int | None = None
    generations: int | None = None
    done: int = 0  # of the candidates of this generation, or of the stage's own count
    total: int = 0
    counted: str = "candidates"  # what is counted; "steps" while something is trained
    refused: int = 0
    best: str | None = None
    success: float | None = None  # of the best
    progress: float | None = None  # of the best
    cost: float | None = None
    max_cost: float | None = None
    seconds_left: float | None = None


class NoteEvent(Part):
    """A line for a person that has to stay, on stderr; never on stdout."""

    event: Literal["note"] = "note"
    text: str


class DryRunPrompt(Part):
    """One prompt of the first generation as it would be sent."""

    id: str
    messages: tuple[Message, ...]


class DryRunView(View):
    """`design --dry-run`: what would be asked, and what it would take. cost None: the price is unknown."""

    designer: str
    env: str
    task: str
    prompts: tuple[DryRunPrompt, ...]
    calls: tuple[int, int]  # fewest, most (with every repair)
    input_tokens: tuple[int, int]  # of all calls, at least and at most
    cached_tokens: int  # of the least: heads of prompts that were sent before, which a provider reads from its cache
    cost: tuple[float, float] | None  # [USD]
    env_steps: int  # of training, the final measurement included
    seconds: float  # of the whole run: writing, and training at the speed of `speed`
    speed: Literal["earlier runs", "random motion"]  # earlier runs of this environment here; else a moment's simulation


class MetricPromptsView(View):
    """`metric --dry-run`: the prompts that ask for drafts of a metric, or for its revision."""

    designer: str
    prompts: tuple[DryRunPrompt, ...]
    calls: tuple[int, int]  # fewest, most (with every repair and every question)


class ReplyView(View):
    """`reply`: a person's answer was kept for the run."""

    run: str
    question: str  # the file that asks
    file: str  # where the answer lies now
    candidates: tuple[str, ...]


DesignEvent = (
    StartedEvent
    | MetricEvent
    | RaceEvent
    | PropertiesEvent
    | CandidateEvent
    | GenerationEvent
    | FinishedEvent
    | ProgressEvent
    | NoteEvent
)
