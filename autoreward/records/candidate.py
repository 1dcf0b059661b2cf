"""From a brief to a candidate: what a designer is told, what it is asked, what it replies, the program in the reply."""

from __future__ import annotations

from typing import Literal

from autoreward.records.record import Record
from autoreward.records.task import EnvSpec


class Finding(Record):
    """One thing the critic, or a stage after it, has to say about a reward program."""

    rule: str  # "static.import", "probe.constant", "training.nan", ...
    severity: Literal["error", "warning"]
    line: int | None = None
    message: str  # who, what was seen, what was expected
    remedy: str = ""  # the cure, written for a designer

    def in_words(self, indent: str = "") -> str:
        """One finding on one line, its remedy on the next."""
        where = f"line {self.line}: " if self.line is not None else ""
        remedy = f"\n{indent}  {self.remedy}" if self.remedy else ""
        return f"{indent}{self.severity} {self.rule}: {where}{self.message}{remedy}"


class Note(Record):
    """What a person said about a run or about one of its candidates."""

    id: int
    text: str
    candidate: str | None = None
    rater: str | None = None  # who said it; None: the person at the command line
    step: int | None = None  # control step of the candidate's first evaluation episode that it is about
    seconds: float | None = None  # [s] since the reset, of that step
    income: tuple[tuple[str, float], ...] = ()  # what each term paid in the second around it, weighted


class IdlePay(Record):
    """What a program pays a second [1/s] for what no policy has to learn, without its potential."""

    slack: float  # with no torque, from the start of an episode to its end or for about three seconds
    random: float  # under random actions


class ReachedRange(Record):
    """How far trained policies have taken one entry of a field beyond random motion."""

    entry: str  # "torso_velocity.x"
    unit: str
    quantiles: tuple[float, float, float]  # 5, 50 and 95 %


class RequirementShare(Record):
    """How the evaluation episodes of a candidate keep to a requirement."""

    text: str
    met: float  # share of them that meet it
    value: float  # what it limits, mean over them: the mean in the unit of its field, or the share of steps that keep


class CandidateSummary(Record):
    """One earlier candidate as the next prompt tells it."""

    id: str
    source: str
    status: str
    analysis: str  # the written analysis, or the findings of a candidate that failed
    success: float | None = None
    progress: float | None = None
    best: bool = False
    plan: str = ""  # what its author said of it before it was trained; "" where nothing was said
    parent: str | None = None  # the candidate that it was made from, where there is one
    parent_success: float | None = None  # of that one
    by_seed: tuple[float, ...] = ()  # success of each seed
    gist: str = ""  # its docstring, and the term that pays most with its expression
    symptoms: tuple[str, ...] = ()  # "name: evidence"
    idle: IdlePay | None = None  # of those whose tables are shown
    best_second: float | None = None  # the most that its best episode earned in a second, potential left out
    subtasks: tuple[tuple[str, float], ...] = ()  # parts of the task, and the share of evaluation episodes that do each
    required: tuple[RequirementShare, ...] = ()  # how its policies keep to what is required
    remarks: tuple[str, ...] = ()  # what a language model said of it beside the numbers
    within_noise: bool = False  # it may be better than the best: with more than 5 %, as their seeds tell


class GenerationSummary(Record):
    """One earlier generation as the next prompt tells it."""

    index: int
    candidates: tuple[CandidateSummary, ...]


class TrainingFacts(Record):
    """How candidates are trained and measured, as far as a designer may know it: neither metric nor reward."""

    n_timesteps: int  # environment steps a member
    num_envs: int
    seeds: int
    evaluation_episodes: int  # a seed
    norm_reward: bool
    unit: str  # of the success metric
    reference: float | None = None  # the success that the task declares as good
    measured: bool = True  # False: the task has no success metric
    algo: str = "ppo"
    require: tuple[str, ...] = ()  # what every policy has to keep to
    combine: str = "fixed"  # where weights come from
    rank: str | None = None  # the ranking that they are learned from
    ranked: tuple[str, ...] = ()  # the terms in it
    adapt: bool = False  # weights move a little while policies train


# The best of all earlier candidates, the best of those that behave differently, or the parents of one candidate.
ShownAs = Literal["best", "behaviours", "parents"]


class Brief(Record):
    """All that a designer may know. It has no human reward and no metric code, so no prompt can have them."""

    text: str
    env: EnvSpec
    generation: int
    slot: int  # which candidate of the generation is asked for
    candidates: int  # how many are asked for in this generation
    seed: int  # the designer's seed: same brief, same seed, same proposal (compose)
    history: tuple[GenerationSummary, ...] = ()  # the last generations, oldest first, at most four
    reliability: float | None = None  # share of the variance of all candidates' means that is their own
    probability_best: float | None = None  # that the best so far is the best of them
    parent: CandidateSummary | None = None  # what to start from; None: afresh
    reached: tuple[ReachedRange, ...] = ()  # by the policies of the leaders
    leaders: tuple[CandidateSummary, ...] = ()  # whose programs are shown, the main parent first
    shown_as: ShownAs = "best"  # what the leaders are
    training: TrainingFacts | None = None
    notes: tuple[Note, ...] = ()  # what people said, oldest first
    preferences: tuple[str, ...] = ()  # which candidate somebody prefers to which, oldest first
    shaping_only: bool = False  # only a potential is asked for; the task's own progress is the base
    by_people: bool = False  # people alone choose: nothing here holds a number of success
    worst: CandidateSummary | None = None  # where people choose: the one of the last generation that they like least
    changes: tuple[str, ...] = ()  # where people choose: what changed from one winner to the next, oldest first


class RemarksBrief(Record):
    """All that a critic of meaning or an analyst of trajectories is told of a generation."""

    text: str
    meaning: str = ""  # what counts as success, in words
    env: EnvSpec
    subjects: tuple[CandidateSummary, ...] = ()


class Message(Record):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str
    images: tuple[bytes, ...] = ()  # PNG files that stand behind the words


class Prompt(Record):
    """One question to a designer: the brief, and the words an LLM would read."""

    id: str  # what it asks for, and the attempt: "g02c05", "g02c05r1", "m03"
    brief: Brief | None = None  # None: it asks for no reward
    messages: tuple[Message, ...]
    templates: str  # digest of the templates the messages were made with
    room: int = 1  # for the reply, in output limits; 2 where the first reply was cut off
    temperature: float | None = None  # of the reply; None: that of the model
    repair_of: str | None = None  # source of the refused attempt
    findings: tuple[Finding, ...] = ()  # its findings

    @property
    def reward_brief(self) -> Brief:
        """The brief of a prompt that asks for a reward."""
        assert self.brief is not None, f"{self.id} asks for no reward"
        return self.brief


class Usage(Record):
    """What calls cost. An unknown price is None, never 0."""

    calls: int = 0  # requests that were sent, those that failed and were tried again too
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0  # of the input tokens: read from the provider's prompt cache
    reasoning_tokens: int = 0  # of the output tokens: thought, not said
    cost: float | None = 0.0  # [USD]
    estimated: bool = False  # the server said nothing usable: tokens are guessed from the length of the texts

    def plus(self, other: Usage) -> Usage:
        """The sum of both; of a known and an unknown cost it is unknown."""
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cost=cost,
            estimated=self.estimated or other.estimated,
        )


class Completion(Record):
    """What came back for one prompt: the reply as it came (without keys), or why there is none."""

    prompt: str  # Prompt.id
    text: str
    designer: str  # "compose", "openai/gpt-5", ...
    usage: Usage = Usage()
    # cut: ended by the output limit; refused: the model or a filter declined; too_long: the prompt does not fit;
    # failed: the server cannot answer this prompt. The last three have the server's own words as their text.
    status: Literal["answered", "cut", "refused", "too_long", "failed"] = "answered"
    finish_reason: str | None = None  # as the server says it
    model: str | None = None  # the model that answered, as the server says it
    latency: float | None = None  # [s] of the request that was answered
    tries: int = 1  # requests until there was an answer
    notes: tuple[str, ...] = ()  # what was not as it should be: "bytes that are no text were replaced"


class Candidate(Record):
    """One reward program of a generation."""

    id: str
    generation: int
    parents: tuple[str, ...]
    source: str  # "" when the reply held no program
    designer: str
    attempts: int = 1  # 1 + repairs
    plan: str = ""  # what its author said of it in the first reply, beside the program
