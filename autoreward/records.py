"""Every record of the pipeline, in the order in which data flows through it. Read this first.

    TaskSpec + EnvSpec -> Prompt -> Completion -> Candidate -> Verdict -> TrainingResult
        -> Analysis -> Feedback -> (next) Generation -> ... -> FinalReport

Records are frozen, carry ids (`g02c05` = generation 2, candidate 5) and are joined by id, never by position.
Failure is a status with findings, never a magic number. Everything here is plain data: it goes to JSON and
comes back equal. Arrays (curves, trajectories) travel beside the records, see recordings.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEMA_VERSION = 1

Tier = Literal["strong", "medium", "basic"]
"""How well model-written code is contained; `autoreward doctor` says what each one promises."""


Device = Literal["auto", "cpu", "cuda", "cuda-jax", "cuda-warp", "cpu-mjx", "cpu-warp"]
"""Where populations are trained: "cuda" is MJX on a GPU: "cuda-warp", on MuJoCo Warp, where it is installed, else
"cuda-jax". "cpu-mjx" and "cpu-warp" are the same two on the CPU, slowly, to rehearse them."""


class Record(BaseModel):
    """Frozen plain data; unknown keys are an error; bytes are base64 in JSON."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="strings"
    )


# --- What is given ------------------------------------------------------------------------------------


class FieldSpec(Record):
    """One named array of the environment, as the prompt, the critic and the docs show it."""

    name: str
    shape: tuple[int, ...] = ()  # without the batch axis; () is a scalar a transition
    unit: str = "1"  # "m", "m/s", "rad", "1" for dimensionless
    frame: str = "none"  # "world", "body", "joint", "none"
    meaning: str
    components: tuple[str, ...] = ()  # names of the entries of the last axis, where they have names
    low: float | None = None  # least and greatest value seen in random rollouts, over all entries
    high: float | None = None
    quantiles: tuple[tuple[float, float, float], ...] = ()  # 5, 50 and 95 % of each entry there, where they have names
    observable: bool = True  # False: the policy does not see it (contacts, forces, ...): fine in a reward
    inferable: bool = True  # False: nothing that it sees tells it either (time, a counter): of little use in a reward
    next_state_only: bool = False  # `terminated` exists on next_state alone


class RandomisedRange(Record):
    """One quantity of the model that is drawn for each simulation, uniformly between two bounds."""

    quantity: Literal["mass", "friction", "gain", "damping", "armature"]
    of: tuple[str, ...]  # names of bodies, geoms, actuators or joints, or ("all",): all whose own number is not 0
    kind: Literal["scale", "value"]  # times the model's own number, or in place of it
    low: float
    high: float
    together: bool = False  # one number for all of them; else each has its own


class EnvSpec(Record):
    """An environment as a designer sees it: no metric, no human reward."""

    name: str
    title: str  # "a planar two-legged robot"
    description: str
    fields: tuple[FieldSpec, ...]
    directions: Mapping[str, tuple[float, float, float]] = Field(default_factory=dict)  # "forward": (1, 0, 0)
    action_size: int
    action_low: tuple[float, ...]
    action_high: tuple[float, ...]
    action_meaning: str
    observation_size: int
    horizon: int  # control steps until truncation
    control_period: float  # [s] between two actions
    gamma: float
    termination: str  # in words
    body: str = ""  # masses, limits and springs, from the model
    mirrors: str | None = None  # the Gymnasium id this pack reproduces step by step
    mirror_arguments: Mapping[str, bool | int | float | str] = Field(default_factory=dict)  # for `gymnasium.make`
    notes: str = ""
    randomised: tuple[RandomisedRange, ...] = ()  # what differs from simulation to simulation while learning

    def field(self, name: str) -> FieldSpec | None:
        """The declaration of one field, or None."""
        return next((field for field in self.fields if field.name == name), None)


class MetricSpec(Record):
    """The success metric: the truth that selection orders by, hidden from every designer."""

    origin: Literal["task", "file", "expression"]
    code: str  # a `success(trajectory, params)` function in the restricted language
    meaning: str
    unit: str = "1"
    reference: float | None = None  # the value the task declares as good


class TaskSpec(Record):
    """What the robot should do, and how success is measured."""

    env: str
    env_path: str | None = None  # the folder of a pack outside the installation
    name: str | None  # a task of the pack, or None for free text
    text: str
    metric: MetricSpec | None
    seed_reward: str | None = None  # a person's reward program that the search starts from


# --- Prompt, completion, candidate ----------------------------------------------------------------------


class Finding(Record):
    """One thing the critic, or a stage after it, has to say about a reward program."""

    rule: str  # "static.import", "probe.constant", "training.nan", ...
    severity: Literal["error", "warning"]
    line: int | None = None
    message: str  # who, what was seen, what was expected
    remedy: str = ""  # the cure, written for a designer


class Note(Record):
    """What a person said about a run or about one of its candidates."""

    id: int
    text: str
    candidate: str | None = None


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
    within_noise: bool = False  # success cannot be told apart from that of the best, over equal seeds


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


class Brief(Record):
    """All that a designer may know. It has no human reward and no metric code, so no prompt can have them."""

    text: str
    env: EnvSpec
    generation: int
    slot: int  # which candidate of the generation is asked for
    candidates: int  # how many are asked for in this generation
    seed: int  # the designer's seed: same brief, same seed, same proposal (compose)
    history: tuple[GenerationSummary, ...] = ()  # the last generations, oldest first, at most four
    parent: CandidateSummary | None = None  # what to start from; None: afresh
    leaders: tuple[CandidateSummary, ...] = ()  # the best of all earlier ones, the runner-up, the third
    training: TrainingFacts | None = None
    notes: tuple[Note, ...] = ()  # what people said, oldest first
    shaping_only: bool = False  # only a potential is asked for; the task's own sparse reward is the base


class Message(Record):
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Record):
    """One question to a designer: the brief, and the words an LLM would read."""

    id: str  # the candidate it asks for, and the attempt: "g02c05", "g02c05r1"
    brief: Brief
    messages: tuple[Message, ...]
    templates: str  # digest of the templates the messages were made with
    room: int = 1  # for the reply, in output limits; 2 where the first reply was cut off
    repair_of: str | None = None  # source of the refused attempt
    findings: tuple[Finding, ...] = ()  # its findings


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


# --- Critic ---------------------------------------------------------------------------------------------


class CompiledReward(Record):
    """A reward program as the trainer runs it: numbers outside, a serialised pure computation inside.

    The program maps (state, action, next_state, params) to unweighted terms `[N, K]` and to Phi(s) and
    Phi(s') `[N]`, all float32. Weights, gamma and the termination mask are applied outside it.
    """

    weights: Mapping[str, float]  # by term
    term_names: tuple[str, ...] = ()  # of the K columns of the program's terms; () in the file of an older version
    params: Mapping[str, float] = Field(default_factory=dict)
    has_potential: bool = False
    inputs: tuple[str, ...]  # the flat input names it takes: "state.time", "action", "next_state.x", "params.a"
    program: bytes  # jax.export serialisation, symbolic batch dimension
    digest: str  # sha256 of the program

    @model_validator(mode="before")
    @classmethod
    def _name_terms(cls, data: Any) -> Any:
        """Older versions kept the names of the columns as the order of the weights alone."""
        if isinstance(data, Mapping) and not data.get("term_names"):
            return {**data, "term_names": tuple(data.get("weights", ()))}
        return data

    @property
    def ordered_weights(self) -> tuple[float, ...]:
        """The weight of each column of the program's terms `[K]`."""
        return tuple(self.weights[name] for name in self.term_names)


class CompiledMetric(Record):
    """A success metric as the trainer runs it: fields `[T, N, ...]` and `valid [T, N]` to two arrays `[N]`."""

    inputs: tuple[str, ...]  # the flat names it takes: "torso_velocity", "valid"
    horizon: int  # T
    program: bytes
    digest: str


class Verdict(Record):
    """What the critic found."""

    candidate: str  # candidate id, or a file name
    status: Literal["accepted", "refused", "failed"]
    tier: Tier
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    reward: CompiledReward | None = None


@dataclass(frozen=True)
class Transitions:
    """Real transitions from random rollouts, for the critic: arrays `[N, ...]` by field name, float32."""

    state: Mapping[str, NDArray[Any]]
    action: NDArray[Any]  # [N, A]
    next_state: Mapping[str, NDArray[Any]]


SPARSE_TERM = "progress"
SHAPING_TERMS: Mapping[str, float] = {SPARSE_TERM: 1.0, "shaping": 1.0}  # of rewards of kind "shaping", with weights


# --- Training -------------------------------------------------------------------------------------------


class PPOSettings(Record):
    """PPO, with CleanRL's names. Defaults are the project's; see `autoreward bench learn`."""

    num_envs: int = 16  # a member
    device_envs: int | None = None  # a member on a GPU; None: chosen from its memory and the length of the training
    num_steps: int = 128  # a rollout
    update_epochs: int = 4
    num_minibatches: int = 32
    learning_rate: float = 7e-4
    anneal_lr: bool = False
    gae_lambda: float = 0.95
    clip_coef: float = 0.2
    ent_coef: float = 0.005
    vf_coef: float = 0.5
    max_grad_norm: float = 0.5
    target_kl: float | None = None
    policy_average: float = Field(default=0.04, ge=0.0)  # time constant of the running average of the policy that is
    # kept, as a share of the training (Polyak averaging); 0: none
    hidden: tuple[int, ...] = (64, 64)
    log_std_init: float = -1.0
    norm_obs: bool = True
    norm_reward: bool = True
    gamma: float | None = None  # None: the environment's


OBSERVATION_CLIP = 10.0  # of normalised observations, as a policy sees them and VecNormalize clips them
VARIANCE_FLOOR = 1e-8  # added to the variance that observations are normalised with


class MemberSpec(Record):
    """One policy of the population."""

    candidate: str
    seed: int  # seed index: all randomness of the member comes from (job seed, this), never from its slot


class RewardSpec(Record):
    """What a member is paid."""

    kind: Literal["program", "sparse", "shaping"]  # sparse: the task's progress, paid on the last transition;
    # shaping: the same, and on every transition gamma * Phi(s') * (1 - terminated) - Phi(s) of the compiled potential
    compiled: CompiledReward | None = None


class Rung(Record):
    """A moment of training at which the worse candidates are stopped."""

    at: float = Field(gt=0.0, lt=1.0)  # share of n_timesteps
    keep: float = Field(gt=0.0, le=1.0)  # share of the candidates that go on, rounded up


class TrainingJob(Record):
    """One population to train. Self-contained: the same call can run on another machine."""

    id: str  # "g02", "final", "train", ...
    env: str
    env_path: str | None = None  # a pack outside the installation
    task: str | None
    members: tuple[MemberSpec, ...]
    rewards: Mapping[str, RewardSpec]  # by candidate id
    metric: CompiledMetric | None
    n_timesteps: int  # environment steps a member
    seed: int
    population_size: int  # >= len(members): freed slots repeat members under further seeds
    evaluation_episodes: int = 10
    ppo: PPOSettings = PPOSettings()
    rungs: tuple[Rung, ...] = ()  # successive halving; none: every candidate is trained to the end
    device: Device = "auto"


class MemberResult(Record):
    """How one member ended. Evaluation episodes have their own seeds and a deterministic policy."""

    candidate: str
    seed: int
    status: Literal["trained", "stopped", "failed"]  # stopped: at a rung, and measured as it was then
    finding: Finding | None = None  # why it failed or was stopped
    success: float | None = None  # mean over its evaluation episodes
    progress: float | None = None
    own_return: float | None = None  # best mean own episodic return while training, of the policy kept
    length: float | None = None  # mean length of evaluation episodes [steps]
    env_steps: int = 0
    diverged: int = 0  # episodes that ended because the simulation diverged


class TrainingResult(Record):
    """One trained population. What its members recorded travels beside it; see recordings.py."""

    job: str
    members: tuple[MemberResult, ...]
    env_steps: int  # training
    evaluation_steps: int
    seconds: float
    first_update_seconds: float  # from the call to the end of the first update, compilation included
    randomised: tuple[RandomisedRange, ...] = ()  # the ranges it was trained and evaluated with
    device: str = "cpu"  # where the population was trained; evaluation is always in the C simulation
    notes: tuple[str, ...] = ()  # what did not go as planned: "Out of memory with ..."


class Fitness(Record):
    """The success metric with its 95 % interval over seeds. Printed as FIT in the JSON schemas."""

    mean: float
    low: float | None  # None with one seed: no interval can be given
    high: float | None
    seeds: int
    episodes: int


# --- Analysis and feedback --------------------------------------------------------------------------------


class TermReport(Record):
    """One term over training."""

    name: str
    weight: float
    share: float  # of the total absolute weighted income, in [0, 1], second half of training
    low: float  # least and greatest unweighted value seen over training
    high: float
    start: float  # mean unweighted value at the start and at the end of training
    end: float
    correlation: float | None  # Pearson, term income against success over episodes; None when either is constant
    correlated_with: Literal["success", "progress"] = "success"  # progress where success is constant
    over_training: tuple[float | None, ...] = ()  # mean weighted income a step, at the points of `Analysis.curve`


class Symptom(Record):
    """A named failure with the numbers that show it."""

    name: Literal[
        "reward_hacking", "no_progress", "duplicate", "early_termination", "unstable", "collapse", "plateau",
        "disagreeing_seeds", "dominant_term", "opposing_term", "flat_term", "saturated_term", "rare_term",
        "no_positive_income", "static_state", "upside_down", "farmed_state",
    ]  # fmt: skip
    evidence: str


class CurvePoint(Record):
    """Means over the seeds at one moment of training; None where no episode had ended."""

    env_steps: int
    success: float | None
    progress: float | None
    own_return: float | None
    length: float | None


class Moment(Record):
    """A key moment of a trajectory; its row stands in the table."""

    name: Literal["first_contact", "best_second", "worst_second", "plateau", "terminated"]
    time: float  # [s] since reset, of its row
    start: float  # [s] what is told lasts from here
    end: float  # [s] to here; equal to `start` for an instant
    income: float | None = None  # weighted sum of all terms over that second
    what: str = ""  # the entry that touched, the term that paid most


class TermIncome(Record):
    """What one term paid in each part of an episode: weighted sums."""

    name: str
    parts: tuple[float, ...]


class TrajectoryTable(Record):
    """One evaluation trajectory, a few moments of it."""

    label: str  # "best" or "worst", with its success
    columns: tuple[str, ...]  # "time [s]", fields with unit, terms
    rows: tuple[tuple[float, ...], ...]
    moments: tuple[Moment, ...] = ()  # in order of time
    part_ends: tuple[float, ...] = ()  # [s] the ends of the parts of `income`
    income: tuple[TermIncome, ...] = ()  # in program order


class Difference(Record):
    """One quantity of a candidate beside its parent's, over the seeds that both were trained with."""

    quantity: Literal["success", "progress", "length"]
    parent: float
    own: float
    difference: Fitness  # own - parent, paired by seed


class TermChange(Record):
    """One term beside that of the same name in the parent."""

    name: str
    change: Literal["added", "removed", "rewritten", "reweighted", "kept"]
    parent_weight: float | None  # None: the parent has no such term
    weight: float | None  # None: it was removed
    parent_income: float | None  # mean weighted income a step, second half of training, over equal seeds
    income: float | None


class SeedOutcome(Record):
    """What the policy of one seed came to, over its evaluation episodes."""

    seed: int
    success: float
    progress: float | None
    length: float | None  # [steps]
    shortest: float | None = None  # [steps] of its episodes
    longest: float | None = None


class ParentComparison(Record):
    """What a candidate changed in its parent's program, and what that did."""

    parent: str
    terms: tuple[TermChange, ...]
    params: Mapping[str, tuple[float | None, float | None]] = Field(default_factory=dict)  # changed: before, after
    potential: Literal["none", "kept", "added", "removed", "rewritten"] = "none"
    seeds: int  # that both were trained with
    differences: tuple[Difference, ...]


class Analysis(Record):
    """What happened while a candidate trained. One record, rendered for the prompt and for a person."""

    candidate: str
    fitness: Fitness | None
    progress: Fitness | None
    curve: tuple[CurvePoint, ...]
    terms: tuple[TermReport, ...]
    total_correlation: float | None  # own return against success over episodes
    episode_length: float | None
    symptoms: tuple[Symptom, ...]
    trajectories: tuple[TrajectoryTable, ...]
    findings: tuple[Finding, ...] = ()  # why members failed
    comparison: ParentComparison | None = None  # None: there is no trained parent
    stopped: str | None = None  # when and why its training was stopped early
    by_seed: tuple[SeedOutcome, ...] = ()  # of the seeds that ended with a policy; () in older runs
    progress_correlation: float | None = None  # own return against progress over episodes


# --- Search and its end -----------------------------------------------------------------------------------


class Spent(Record):
    """What a run has used so far. cost None: the price of the model is unknown."""

    calls: int = 0  # requests, with those that were tried again
    tokens: int = 0
    usage: Usage = Usage()  # of the stored replies: what the tokens were
    cost: float | None = 0.0
    env_steps: int = 0
    evaluation_steps: int = 0
    seconds: float = 0.0
    saved_steps: int = 0  # environment steps of training that stopping candidates early has saved


class Generation(Record):
    """One round of the search, after selection."""

    index: int
    candidates: tuple[str, ...]
    best: str | None  # best of the whole run so far
    note_ids: tuple[int, ...] = ()  # the person's notes its prompts contained


class BaselineResult(Record):
    """A reference policy, measured like the winner."""

    fitness: Fitness | None
    progress: Fitness | None


class PairedDifference(Record):
    """One policy less another, on the seeds that both were trained with."""

    fitness: Fitness  # of the difference: mean and 95 % interval over the shared seeds
    verdict: Literal["better", "not distinguishable", "worse"]  # better: the whole interval lies above 0


class FinalReport(Record):
    """The winner on fresh seeds, beside the baselines measured in the same population."""

    candidate: str
    selection: Fitness | None  # biased upward: the best of many
    fresh: Fitness | None
    fresh_progress: Fitness | None
    baselines: Mapping[str, BaselineResult]  # "human", "sparse", "random"
    difference: PairedDifference | None = None  # the winner less the human reward; None where there is none
    after_generation: int
