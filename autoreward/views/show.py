"""What `show` and `list` return and print: a run and its candidates."""

from __future__ import annotations

from pydantic import Field

from autoreward.records import (
    Certainty,
    Confirmation,
    Finding,
    Fitness,
    PairedDifference,
    Remark,
    RequirementShare,
    Symptom,
    TermReport,
    Usage,
    WitnessReport,
)
from autoreward.views.view import Part, Report, View


class BestView(Part):
    """The best candidate of a run: measured on fresh seeds where the run got that far, else as selected."""

    candidate: str
    file: str | None  # None: it is not written yet
    fitness: Fitness | None
    progress: Fitness | None
    difference: PairedDifference | None = None  # to the human reward, on the seeds that both were trained with
    over_random: PairedDifference | None = None  # to the random policy, on the same seeds


class BaselinesView(Part):
    """Reference policies, measured like the winner. None: the environment has none, or it was not measured."""

    human: Fitness | None = None
    random: Fitness | None = None
    sparse: Fitness | None = None


class CandidateView(Part):
    """One candidate, with the fitness that selection saw."""

    id: str
    generation: int
    parents: tuple[str, ...]
    status: str
    fitness: Fitness | None
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Remark, ...] = ()  # what a language model says of it beside the numbers: it orders nothing
    subtasks: dict[str, float] = Field(default_factory=dict)  # share of evaluation episodes that do each, by name
    required: tuple[RequirementShare, ...] = ()  # how they keep to what --require says
    preferred: float | None = None  # strength by people's preferences; None: nobody compared it


class CandidateReport(CandidateView, Report):
    """A candidate, and how far it came where it never succeeds."""

    progress: Fitness | None = None


class SpentView(Part):
    """What a run has used. cost None: the price of the model is unknown."""

    calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0  # [USD]
    env_steps: int = 0
    seconds: float = 0.0


class SpentReport(SpentView, Report):
    """What a run has used, and what it has not."""

    saved_steps: int = 0  # of training, by stopping candidates early
    usage: Usage = Usage()  # what the tokens were


class ChoiceView(Part):
    """Whom people choose and whom the metric chooses, where people compared candidates."""

    select: str  # who decides: "metric", "people", "both"
    people: str
    metric: str | None  # None: nothing was measured
    agree: bool | None


class RunFiles(Part):
    """What a run holds for people to look at: paths of files that are there."""

    learning: str | None = None  # picture of success and own return over training
    clips: dict[str, str] = Field(default_factory=dict)  # by candidate
    terms: tuple[str, ...] = ()  # pictures of terms over the fields that they read
    prompts: tuple[str, ...] = ()  # questions to the `manual` designer
    replies: tuple[str, ...] = ()  # and the answers


class RunView(View):
    """`show`, and what `design`, `resume` and `refine` return."""

    run: str
    status: str
    message: str = ""  # why it ended, where it did not end by itself
    task: str
    env: str
    best: BestView | None
    baselines: BaselinesView = BaselinesView()
    choice: ChoiceView | None = None  # None: nobody compared candidates
    candidates: tuple[CandidateView, ...] = ()
    certainty: Certainty | None = None  # of the order of the candidates; None where there is none to speak of
    confirmation: Confirmation | None = None  # of the best of a race on fresh seeds
    spent: SpentView = SpentView()
    metric: str | None = None  # what counts as success, in words
    metric_origin: str | None = None  # "task", "file", "expression", "model": found in the text by a language model
    metric_digest: str | None = None  # sha256 of its program
    metric_version: int = 0  # times that it was revised
    properties: int = 0  # tests of meaning that every candidate has to pass
    properties_digest: str | None = None  # sha256 of them
    witness: WitnessReport | None = None  # what a vision model saw the best candidate do; it never enters fitness
    unit: str = "1"  # of the success metric
    reference: float | None = None  # the success declared as good
    folder: str = ""
    files: RunFiles = RunFiles()
    next: tuple[str, ...] = ()  # commands that make sense now
    candidate: str | None = None  # the one that was asked for: RUN:CANDIDATE; what follows is about it
    source: str | None = None
    learned: str | None = None  # whether its weights were learned, in words; None: they are fixed
    plan: str | None = None  # what its author wrote of it before it was trained
    analysis: str | None = None  # in words
    symptoms: tuple[Symptom, ...] = ()  # what went wrong, with the numbers that show it
    terms: tuple[TermReport, ...] = ()  # each term over training


class RunReport(RunView, Report):
    """A run as `show`, `design`, `resume` and `refine` return it: also what only people are shown."""

    candidates: tuple[CandidateReport, ...] = ()
    spent: SpentReport = SpentReport()
    video: str | None = None  # clip of the best, once drawn
    selection: Fitness | None = None  # of the best: biased upward
    graded: dict[str, Fitness] = Field(default_factory=dict)  # progress: of the best, of the baselines


class RestartRow(Part):
    """One of several searches for the same task: what the reward that it called best comes to on fresh seeds."""

    run: str
    folder: str
    seed: int  # of the search
    best: str | None  # None: it ended without a reward
    selection: Fitness | None  # of the best: biased upward
    fitness: Fitness | None
    human: Fitness | None
    sparse: Fitness | None
    difference: PairedDifference | None  # to the human reward, on equal seeds
    env_steps: int
    replies: int  # of the designer


class RestartsSummary(Part):
    """Several searches together, with intervals over searches. The best of them is nowhere in it."""

    restarts: int
    failed: int  # ended without a reward
    fitness: Fitness | None
    selection: Fitness | None
    human: Fitness | None
    difference: Fitness | None  # to the human reward
    above_human: int  # searches whose mean difference is above 0, certain or not
    better: int  # searches whose paired interval is above 0
    undecided: int
    worse: int
    env_steps: int
    replies: int


class RestartsView(View):
    """`design --restarts`: several searches for one task."""

    env: str
    task: str
    unit: str  # of success
    rows: tuple[RestartRow, ...]
    summary: RestartsSummary


class RunSummary(View):
    """`list`: one line a run; of one that cannot be read (status "unreadable") only its name and the problem."""

    run: str
    created: str  # ISO 8601
    env: str
    task: str
    status: str
    best: str | None
    fitness: Fitness | None
    problem: str | None = None  # why it cannot be read


class TermPicturesView(View):
    """`show --plots`: a second line, with the pictures of each term over the fields that it reads."""

    run: str
    candidate: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()  # terms that cannot be drawn, and why
