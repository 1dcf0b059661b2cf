"""What the public functions return and the command line prints with `--json`: plain data, versioned.

Every object that is printed on its own carries `"schema_version": 1`; a change of a key is a change of that number.
Fields marked as not part of the JSON are for the text that people read. `autoreward --schemas` prints the JSON schemas.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from autoreward.records import EnvSpec, Finding, Fitness, Message, RandomisedRange, TaskSpec


class _Part(BaseModel):
    """A piece of a view."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="null", json_schema_serialization_defaults_required=True
    )


class View(_Part):
    """One object on stdout."""

    schema_version: Literal[1] = 1


# --- check and train ------------------------------------------------------------------------------------


class CheckLine(View):
    """`check`: one line a file."""

    file: str
    status: Literal["accepted", "refused", "failed"]
    tier: Literal["strong", "medium", "basic"]
    findings: tuple[Finding, ...] = ()
    seconds: float


class TrainLine(View):
    """`train`: one line a member. A file that was refused has one line, without a seed."""

    file: str
    seed: int | None
    status: Literal["trained", "stopped", "failed", "refused"]
    success: float | None
    progress: float | None
    own_episodic_return: float | None
    env_steps: int


class TrainTotals(_Part):
    """What the whole population took."""

    env_steps: int
    seconds: float
    steps_per_second: float
    members: int


class TrainSummary(View):
    """`train`: the last line."""

    summary: TrainTotals


class TrainView(_Part):
    """What `api.train` returns; the command line prints its lines, then its summary."""

    lines: tuple[TrainLine, ...]
    totals: TrainTotals
    checks: tuple[CheckLine, ...] = ()  # of every file, in the order given

    @property
    def summary(self) -> TrainSummary:
        """The last line of the output."""
        return TrainSummary(summary=self.totals)


# --- compare --------------------------------------------------------------------------------------------


class ComparedReward(_Part):
    """One of the rewards: as it is named in `pairs`, and what training on it came to. None: nothing was trained."""

    name: str
    origin: Literal["file", "candidate", "human"]
    success: Fitness | None
    progress: Fitness | None


class ComparedPair(_Part):
    """Two of the rewards side by side."""

    a: str
    b: str
    distance: float  # STARC, in [0, 1]: 0 equal up to scale, shift and shaping, 1 opposite
    rank_agreement: float | None  # Kendall's tau-b of trajectories; None: one of them ranks none above another
    difference: Fitness | None  # success of a - b, over equal seeds; None: nothing was trained


class CompareView(View):
    """`compare`."""

    env: str
    task: str | None
    rewards: tuple[ComparedReward, ...]
    pairs: tuple[ComparedPair, ...]
    transitions: int  # the distances are measured on
    trajectories: int  # that are ranked
    env_steps: int  # of training
    notes: tuple[str, ...] = ()
    picture: str | None = None
    # not part of the JSON
    unit: SkipJsonSchema[str] = Field(default="1", exclude=True)  # of the success metric


# --- runs -----------------------------------------------------------------------------------------------


class BestView(_Part):
    """The best candidate of a run: measured on fresh seeds where the run got that far, else as selected."""

    candidate: str
    file: str
    fitness: Fitness | None
    progress: Fitness | None


class BaselinesView(_Part):
    """Reference policies, measured like the winner. None: the environment has none, or it was not measured."""

    human: Fitness | None = None
    random: Fitness | None = None
    sparse: Fitness | None = None


class CandidateView(_Part):
    """One candidate, with the fitness that selection saw."""

    id: str
    generation: int
    parents: tuple[str, ...]
    status: str
    fitness: Fitness | None
    findings: tuple[Finding, ...] = ()
    # not part of the JSON
    progress: SkipJsonSchema[Fitness | None] = Field(default=None, exclude=True)


class SpentView(_Part):
    """What a run has used. cost None: the price of the model is unknown."""

    calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0  # [USD]
    env_steps: int = 0
    seconds: float = 0.0
    # not part of the JSON
    saved_steps: SkipJsonSchema[int] = Field(default=0, exclude=True)  # of training, by stopping candidates early


class RunView(View):
    """`show`, and what `design`, `resume` and `refine` return."""

    run: str
    status: str
    task: str
    env: str
    best: BestView | None
    baselines: BaselinesView = BaselinesView()
    candidates: tuple[CandidateView, ...] = ()
    spent: SpentView = SpentView()
    # not part of the JSON
    folder: SkipJsonSchema[str] = Field(default="", exclude=True)
    picture: SkipJsonSchema[str | None] = Field(default=None, exclude=True)  # learning curves, once drawn
    video: SkipJsonSchema[str | None] = Field(default=None, exclude=True)  # clip of the best, once drawn
    selection: SkipJsonSchema[Fitness | None] = Field(default=None, exclude=True)  # of the best: biased upward
    graded: SkipJsonSchema[dict[str, Fitness]] = Field(default_factory=dict, exclude=True)  # progress: best, baselines
    unit: SkipJsonSchema[str] = Field(default="1", exclude=True)  # of the success metric
    reference: SkipJsonSchema[float | None] = Field(default=None, exclude=True)  # the success declared as good
    source: SkipJsonSchema[str | None] = Field(default=None, exclude=True)  # of the candidate that was asked for
    analysis: SkipJsonSchema[str | None] = Field(default=None, exclude=True)  # the same candidate's, for a person


class RunSummary(View):
    """`list`: one line a run."""

    run: str
    created: str  # ISO 8601
    env: str
    task: str
    status: str
    best: str | None
    fitness: Fitness | None


class ReplyView(View):
    """`reply`: a person's answer was kept for the run."""

    run: str
    question: str  # the file that asks
    file: str  # where the answer lies now
    candidates: tuple[str, ...]


class ClipView(View):
    """`video`: the clip that was written, or why nothing could be drawn."""

    run: str
    candidate: str
    file: str | None
    seed: int
    episode: str  # "first", "best" or "worst" of the seed's evaluation episodes
    problem: str | None = None  # why there is no file, and the cure


class TermPicturesView(View):
    """`show --plots`: a second line, with the pictures of each term over the fields that it reads."""

    run: str
    candidate: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()  # terms that cannot be drawn, and why


class InitView(View):
    """`init`: the task file that was written."""

    file: str


class ConfigLine(View):
    """`config show`: one line a setting."""

    key: str
    value: Any
    origin: str  # "default", a file, a variable, "task", "--set", "flag"


class ExportView(View):
    """`export`: what was written."""

    files: tuple[str, ...]
    notes: tuple[str, ...] = ()  # what was left out, and why


# --- design, refine, resume: what happens, as it happens --------------------------------------------------


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
    # not part of the JSON
    message: SkipJsonSchema[str] = Field(default="", exclude=True)  # which designer, why, how to use another


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


class GenerationEvent(View):
    """A generation has been selected from."""

    event: Literal["generation"] = "generation"
    index: int
    best: str | None  # of the run so far
    fitness: Fitness | None
    progress: Fitness | None
    spent: SpentView


class FinishedEvent(View):
    """The last line of a search."""

    event: Literal["finished"] = "finished"
    run: str
    status: str
    best: BestView | None
    baselines: BaselinesView
    spent: SpentView


class ProgressEvent(_Part):
    """Where a search stands, for the live line on stderr; never on stdout."""

    event: Literal["progress"] = "progress"
    stage: str  # "writing", "checking", "training", "measuring", ...
    generation: int | None = None
    generations: int | None = None
    done: int = 0  # of the candidates of this generation, or of the stage's own count
    total: int = 0
    refused: int = 0
    best: str | None = None
    success: float | None = None  # of the best
    progress: float | None = None  # of the best
    cost: float | None = None
    max_cost: float | None = None
    seconds_left: float | None = None


class NoteEvent(_Part):
    """A line for a person that has to stay, on stderr; never on stdout."""

    event: Literal["note"] = "note"
    text: str


DesignEvent = StartedEvent | CandidateEvent | GenerationEvent | FinishedEvent | ProgressEvent | NoteEvent


class DryRunPrompt(_Part):
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
    cost: tuple[float, float] | None  # [USD]
    env_steps: int  # of training, the final measurement included
    seconds: float | None  # of simulator time; None where this machine's speed is not known yet


# --- environments ---------------------------------------------------------------------------------------


class FieldView(_Part):
    """One field of an environment."""

    name: str
    shape: tuple[int, ...]
    unit: str
    frame: str
    range: tuple[float, float] | None  # least and greatest value in random rollouts
    meaning: str


class ActionView(_Part):
    """The action of an environment."""

    size: int
    low: tuple[float, ...]
    high: tuple[float, ...]
    meaning: str


class TaskView(_Part):
    """One task of an environment."""

    name: str
    text: str
    success: str  # what the metric measures
    unit: str
    reference: float | None  # the value the task declares as good

    @classmethod
    def of(cls, task: TaskSpec) -> TaskView:
        """The view of a task of a pack."""
        metric = task.metric
        return cls(
            name=task.name or "",
            text=task.text,
            success=metric.meaning if metric else "",
            unit=metric.unit if metric else "1",
            reference=metric.reference if metric else None,
        )


class EnvView(View):
    """`envs show ENV`."""

    env: str
    fields: tuple[FieldView, ...]
    action: ActionView
    tasks: tuple[TaskView, ...]
    randomised: tuple[RandomisedRange, ...] = ()  # what each simulation draws for itself
    gpu_physics: str | None = None  # how the physics on a GPU differs from that on the CPU; None: it does not
    # not part of the JSON
    spec: SkipJsonSchema[EnvSpec | None] = Field(default=None, exclude=True)

    @classmethod
    def of(cls, spec: EnvSpec, tasks: tuple[TaskSpec, ...], gpu_physics: str | None) -> EnvView:
        """The view of an environment with its tasks."""
        fields = tuple(
            FieldView(
                name=field.name,
                shape=field.shape,
                unit=field.unit,
                frame=field.frame,
                range=None if field.low is None or field.high is None else (field.low, field.high),
                meaning=field.meaning,
            )
            for field in spec.fields
        )
        action = ActionView(
            size=spec.action_size, low=spec.action_low, high=spec.action_high, meaning=spec.action_meaning
        )
        return cls(
            env=spec.name,
            fields=fields,
            action=action,
            tasks=tuple(map(TaskView.of, tasks)),
            randomised=spec.randomised,
            gpu_physics=gpu_physics,
            spec=spec,
        )


class EnvSummary(View):
    """`envs`: one line an environment."""

    env: str
    title: str
    tasks: tuple[str, ...]
    mirrors: str | None = None  # the Gymnasium id it reproduces


class EnvCheckLine(View):
    """`envs check`: one line an environment. It has passed where no finding is an error."""

    env: str
    status: Literal["passed", "failed"]
    tasks: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    seconds: float


class NewEnvView(View):
    """`envs new`: the pack that was written, and what the contract suite says of it."""

    folder: str
    tasks: tuple[str, ...]
    fields: int
    observation_size: int
    home: str | None  # the keyframe of the initial pose; None: the model's rest pose
    check: EnvCheckLine


# --- the rest -------------------------------------------------------------------------------------------


class GuideView(View):
    """`guide`: the reward contract on one page."""

    guide: str


class DoctorLine(View):
    """`doctor`: one line a check."""

    check: str
    status: Literal["ok", "warning", "failure"]
    detail: str
    fix: str = ""


class LearnRow(_Part):
    """One trainer's success over its seeds."""

    trainer: str
    fitness: Fitness
    env_steps: int  # a seed
    seconds: float | None = None


class LearnView(View):
    """`bench learn`: ours beside stable-baselines3, in one environment."""

    env: str
    task: str
    unit: str  # of success
    rows: tuple[LearnRow, ...]
    passed: bool  # our mean is at least the better of the others


class BankRow(_Part):
    """One reward of the bank."""

    reward: str
    origin: Literal["compose", "human", "honest", "bad"]
    fitness: Fitness | None  # over the seeds that were trained
    failed: int  # seeds whose training failed


class BankView(View):
    """`bench bank`: how far the bank of a task is."""

    env: str
    task: str
    folder: str
    rewards: int  # in the whole bank
    seeds: int  # a reward
    n_timesteps: int  # a member
    rows: tuple[BankRow, ...]  # the rewards that have been trained, best first
    env_steps: int
    seconds: float


class Interval(_Part):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


class PolicyRow(_Part):
    """What one search policy chose, over the resamplings."""

    policy: str
    candidates: int  # that start, of a generation
    seeds: int
    steps: float  # environment steps, as a share of full training
    chosen: Interval  # true success of the candidate chosen, as a share of the bank's best
    difference: Interval | None  # from full training, relative, paired over the resamplings; None for full training
    over_banks: Interval | None  # the same, had other rewards come into the bank
    not_worse: bool | None  # the lower ends of both intervals are above -5 %


class HalvingView(View):
    """`bench halving`: search policies, judged on the bank of one task."""

    env: str
    task: str
    rewards: int
    seeds: int  # of each reward in the bank
    n_timesteps: int
    resamplings: int
    best: float  # success of the bank's best reward, mean over all its seeds
    rows: tuple[PolicyRow, ...]  # full training first


class ErrorBody(_Part):
    """What went wrong, and the cure."""

    type: str
    message: str
    remedy: str


class ErrorView(View):
    """Any command that fails, with `--json`."""

    error: ErrorBody


PRINTED: dict[str, type[View]] = {
    "check": CheckLine,
    "train": TrainLine,
    "train.summary": TrainSummary,
    "compare": CompareView,
    "show": RunView,
    "show.plots": TermPicturesView,
    "list": RunSummary,
    "export": ExportView,
    "reply": ReplyView,
    "init": InitView,
    "video": ClipView,
    "config.show": ConfigLine,
    "design.started": StartedEvent,
    "design.candidate": CandidateEvent,
    "design.generation": GenerationEvent,
    "design.finished": FinishedEvent,
    "design.dry_run": DryRunView,
    "envs": EnvSummary,
    "envs.show": EnvView,
    "envs.check": EnvCheckLine,
    "envs.new": NewEnvView,
    "guide": GuideView,
    "doctor": DoctorLine,
    "bench.learn": LearnView,
    "bench.bank": BankView,
    "bench.halving": HalvingView,
    "error": ErrorView,
}


def schemas() -> dict[str, Any]:
    """The JSON schema of every object the command line prints, by where it is printed."""
    return {name: view.model_json_schema(mode="serialization") for name, view in PRINTED.items()}
