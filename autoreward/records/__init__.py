"""Every record of the pipeline, in the order in which data flows through it. Read this first.

    TaskSpec + EnvSpec -> Prompt -> Completion -> Candidate -> Verdict -> TrainingResult
        -> Analysis -> Feedback -> (next) Generation -> ... -> FinalReport

    task.py  ->  metric.py  ->  candidate.py  ->  verdict.py  ->  training.py  ->  analysis.py
        ->  people.py  ->  report.py

Records are frozen, carry ids (`g02c05` = generation 2, candidate 5) and are joined by id, never by position.
Failure is a status with findings, never a magic number. Everything here is plain data: it goes to JSON and
comes back equal. Arrays (curves, trajectories) travel beside the records, see recordings.py.
"""

from __future__ import annotations

from autoreward.records.analysis import (
    Analysis,
    CurvePoint,
    Difference,
    EndStates,
    Moment,
    ParentComparison,
    SeedOutcome,
    Symptom,
    TermChange,
    TermIncome,
    TermReport,
    TrajectoryTable,
)
from autoreward.records.candidate import (
    Brief,
    Candidate,
    CandidateSummary,
    Completion,
    Finding,
    GenerationSummary,
    IdlePay,
    Message,
    Note,
    Prompt,
    ReachedRange,
    TrainingFacts,
    Usage,
)
from autoreward.records.metric import (
    DraftVerdict,
    MetricAnswer,
    MetricBrief,
    MetricDraft,
    MetricProposal,
    MetricQuestion,
    MetricQuestions,
    MetricRevision,
    QuestionAnswer,
    QuestionOption,
    ShownEpisode,
)
from autoreward.records.people import Judgement, Preference, RaterKind, Withdrawal
from autoreward.records.record import SCHEMA_VERSION, Device, Record, Tier
from autoreward.records.report import BaselineResult, FinalReport, Generation, PairedDifference, Spent
from autoreward.records.task import EnvSpec, EpisodeBound, FieldSpec, MetricSpec, RandomisedRange, Subtask, TaskSpec
from autoreward.records.training import (
    DEVICE_SIZES,
    OBSERVATION_CLIP,
    REWARD_CLIP,
    VARIANCE_FLOOR,
    Fitness,
    MemberResult,
    MemberSpec,
    PPOSettings,
    RewardSpec,
    Rung,
    TrainingJob,
    TrainingResult,
)
from autoreward.records.verdict import (
    PARAMS_PREFIX,
    SHAPING_TERMS,
    SPARSE_TERM,
    CompiledMetric,
    CompiledReward,
    CompiledSubtasks,
    Transitions,
    Verdict,
)

__all__ = [
    "DEVICE_SIZES",
    "OBSERVATION_CLIP",
    "PARAMS_PREFIX",
    "REWARD_CLIP",
    "SCHEMA_VERSION",
    "SHAPING_TERMS",
    "SPARSE_TERM",
    "VARIANCE_FLOOR",
    "Analysis",
    "BaselineResult",
    "Brief",
    "Candidate",
    "CandidateSummary",
    "CompiledMetric",
    "CompiledReward",
    "CompiledSubtasks",
    "Completion",
    "CurvePoint",
    "Device",
    "Difference",
    "DraftVerdict",
    "EndStates",
    "EnvSpec",
    "EpisodeBound",
    "FieldSpec",
    "FinalReport",
    "Finding",
    "Fitness",
    "Generation",
    "GenerationSummary",
    "IdlePay",
    "Judgement",
    "MemberResult",
    "MemberSpec",
    "Message",
    "MetricAnswer",
    "MetricBrief",
    "MetricDraft",
    "MetricProposal",
    "MetricQuestion",
    "MetricQuestions",
    "MetricRevision",
    "MetricSpec",
    "Moment",
    "Note",
    "PPOSettings",
    "PairedDifference",
    "ParentComparison",
    "Preference",
    "Prompt",
    "QuestionAnswer",
    "QuestionOption",
    "RandomisedRange",
    "RaterKind",
    "ReachedRange",
    "Record",
    "RewardSpec",
    "Rung",
    "SeedOutcome",
    "ShownEpisode",
    "Spent",
    "Subtask",
    "Symptom",
    "TaskSpec",
    "TermChange",
    "TermIncome",
    "TermReport",
    "Tier",
    "TrainingFacts",
    "TrainingJob",
    "TrainingResult",
    "TrajectoryTable",
    "Transitions",
    "Usage",
    "Verdict",
    "Withdrawal",
]
