"""The events that a search writes into its ledger, and the small records only it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from autoreward.records import Candidate, MemberSpec, Note, Prompt, Record

STARTED = "started"  # "" -> Started: the designer was chosen
# Where a key says "v1/", or is "v1", it is of the first revision of the metric.
METRIC = "metric"  # "", "v1" -> CompiledMetric
SUBTASKS = "subtasks"  # "", "v1" -> CompiledSubtasks, of a metric that has any
REQUIREMENTS = "requirements"  # "" -> Requirements: what all policies have to keep to, compiled
METRIC_PROPOSED = (
    "metric_proposed"  # "metric0", "metric1" -> MetricProposal, one for each time a person said what is wrong
)
METRIC_QUESTIONS = "metric_questions"  # "metric0" -> MetricQuestions: what a model asks about an ambiguous text
METRIC_OPTION = "metric_option"  # "metric0q1" -> QuestionAnswer
METRIC_ANSWER = "metric_answer"  # "metric0" -> MetricAnswer
METRIC_MEANT = "metric_meant"  # "g00" -> MetricAnswer: whether the best of a generation does what was meant
METRIC_REVISION = "metric_revision"  # "v1" -> MetricRevision: what is wrong with the metric
METRIC_REVISION_ENDED = "metric_revision_ended"  # "v1" -> Finding: why nothing came of a revision
RESCORED = "rescored"  # "v1/g02" -> TrainingResult: the members of a job measured anew
PROPERTIES = "properties"  # "", "v1" -> Properties: the tests of meaning, compared with that version of the metric
REMARKS = "remarks"  # "g00critic", "g00analyst" -> Remarks: what a language model says beside the numbers
WITNESS = "witness"  # "g00c01", "v1/g00c01" -> WitnessReport: what a vision model saw the best candidate do
PROMPTS = "prompts"  # "g02", "g02r1" -> PromptSet: all prompts of a round; "g02c05+": the one put anew
CALL_STARTED = "call_started"  # prompt id -> CallStarted, before the call
CALL_FAILED = "call_failed"  # prompt id -> CallFailed: the call ended the sitting
REPLY = "reply"  # prompt id -> Completion, before it is read
CANDIDATE = "candidate"  # prompt id -> Candidate
VERDICT = "verdict"  # prompt id, or a baseline's name -> Verdict
TRAINING = "training"  # job id -> TrainingResult
PROGRAM_FAILED = "program_failed"  # candidate id -> Finding: its program raised, hung or crashed in training
RANDOM = "random"  # "random", "v1/random" -> TrainingResult
IDLE_PAY = "idle_pay"  # candidate id -> IdlePay, of those whose tables a prompt shows
ANALYSIS = "analysis"  # "g02c05", "v1/g02c05" -> Analysis
TERM_SUMS = "term_sums"  # "g02" -> TermSums, where people choose: what their next pairs are chosen by
CHANGE = "change"  # "g00c01-g01c02" -> Change: from one winner to the next, where people choose
RACE = "race"  # job id -> RaceRound: who gets further seeds, before they are trained
CONFIRMED = "confirmed"  # "g04.confirm", "v1/g04.confirm" -> Confirmation
GENERATION = "generation"  # "g02" -> Generation
FINAL = "final"  # "g02", "v1/g02" -> FinalReport, after that generation
EXTENDED = "extended"  # generation -> Extended: a person asked for one more generation
GIVEN = "given"  # "g02" -> Given: the candidates that nobody is asked for, which take the first slots
STOPPED = "stopped"  # "" -> Stopped: the end of a sitting


class Started(Record):
    """Which designer works, chosen once for the whole run."""

    designer: str
    base_url: str | None


class PromptSet(Record):
    """All prompts of one round of a generation, made before the first is sent."""

    prompts: tuple[Prompt, ...]
    notes: tuple[Note, ...] = ()


class RaceRound(Record):
    """Who gets further seeds in a round of a race, and how likely each was the best of all before it."""

    members: tuple[MemberSpec, ...]
    probability_best: Mapping[str, float]


class Change(Record):
    """What changed from one program to the one that is preferred to it."""

    text: str
    by: str  # the model that said it, or "programs": it was read from them


class CallStarted(Record):
    """A call to a designer is about to be made. `paid`: to a language model."""

    paid: bool


class CallFailed(Record):
    """A call that came to nothing: nobody could be reached, or nobody is allowed in."""

    calls: int  # requests that were sent for it
    message: str


class Given(Record):
    """Candidates of a generation that a person gave, or that were made of what people prefer."""

    candidates: tuple[Candidate, ...] = ()
    proposals: tuple[int, ...] = ()  # events of the proposals that were taken up, in this generation


class Extended(Record):
    """The search shall have this many generations in all."""

    generations: int
    start: str | None = None  # the candidate that the new generation starts from; None: whichever is chosen


class Stopped(Record):
    """The end of one sitting."""

    status: Literal[
        "done", "target_not_met", "budget", "interrupted", "error", "no_valid_candidate", "waiting", "revised"
    ]
    seconds: float
    message: str = ""
    larger: str = Field(default="", pattern=r"^(budget[.][a-z_]+=[0-9.e+-]+)?$")  # the budget that would do, KEY=VALUE
