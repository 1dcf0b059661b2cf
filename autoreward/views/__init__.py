"""What the public functions return and the command line prints with `--json`: a module for each command.

    metric    a success metric that was found in a text
    properties  tests of meaning
    view      what all views are              design    events of a search, dry run, replies
    check     verdicts on files               show      a run, its candidates, the list of runs
    train     members of a population         export    files that were written: rewards, clips, task files
    compare   rewards side by side            envs      environments, their fields and tasks
    bench     measurements                    tools     settings, guide, doctor, errors
    people    preferences, and the pair that is asked about next

Every object that is printed on its own (`View`) carries `"schema_version": 1`; a change of a key is a change of that
number. Its fields are its JSON. Where people are shown more, the functions return a `Report`: the view, extended.
`autoreward --schemas` prints the JSON schemas.
"""

from __future__ import annotations

from typing import Any

from autoreward.views.bench import (
    BankRow,
    BankSummary,
    BankView,
    ChoiceRow,
    ChoicesView,
    HalvingView,
    Interval,
    LearnRow,
    LearnView,
    Machine,
    MetricsBenchView,
    PolicyRow,
    PopulationBenchView,
    ScreenRow,
    ScreenView,
    ShapeRow,
    SpeedRatio,
    SpeedRow,
    Spread,
    StartBenchView,
    StartRow,
    TrainBenchView,
)
from autoreward.views.check import (
    CheckLine,
)
from autoreward.views.compare import (
    ComparedPair,
    ComparedReward,
    CompareReport,
    CompareView,
)
from autoreward.views.conversation import ConversationView, TurnView
from autoreward.views.design import (
    CandidateEvent,
    DesignEvent,
    DryRunPrompt,
    DryRunView,
    FinishedEvent,
    GenerationEvent,
    MetricPromptsView,
    NoteEvent,
    ProgressEvent,
    RaceEvent,
    ReplyView,
    StartedEvent,
    StartedReport,
)
from autoreward.views.envs import (
    ActionView,
    EnvCheckLine,
    EnvReport,
    EnvSummary,
    EnvView,
    FieldView,
    NewEnvView,
    TaskView,
)
from autoreward.views.export import (
    ClipView,
    ExportView,
    InitView,
)
from autoreward.views.metric import DraftView, EpisodeView, MetricEvent, MetricView
from autoreward.views.people import (
    Explanation,
    NoteView,
    OneTaste,
    PairView,
    PreferencePart,
    PreferenceView,
    ProposalView,
    RaterView,
    ReportView,
    TasteTerm,
    TasteView,
    UiView,
)
from autoreward.views.properties import PropertiesEvent, PropertyView
from autoreward.views.show import (
    BaselinesView,
    BestView,
    CandidateReport,
    CandidateView,
    ChoiceView,
    RunFiles,
    RunReport,
    RunSummary,
    RunView,
    SpentReport,
    SpentView,
    TermPicturesView,
)
from autoreward.views.tools import (
    ConfigLine,
    DoctorLine,
    ErrorBody,
    ErrorView,
    GuideView,
)
from autoreward.views.train import (
    TrainLine,
    TrainSummary,
    TrainTotals,
    TrainView,
)
from autoreward.views.view import (
    Report,
    View,
)

__all__ = [
    "PRINTED",
    "ActionView",
    "BankRow",
    "BankSummary",
    "BankView",
    "BaselinesView",
    "BestView",
    "CandidateEvent",
    "CandidateReport",
    "CandidateView",
    "CheckLine",
    "ChoiceRow",
    "ChoiceView",
    "ChoicesView",
    "ClipView",
    "CompareReport",
    "CompareView",
    "ComparedPair",
    "ComparedReward",
    "ConfigLine",
    "ConversationView",
    "DesignEvent",
    "DoctorLine",
    "DraftView",
    "DryRunPrompt",
    "DryRunView",
    "EnvCheckLine",
    "EnvReport",
    "EnvSummary",
    "EnvView",
    "EpisodeView",
    "ErrorBody",
    "ErrorView",
    "Explanation",
    "ExportView",
    "FieldView",
    "FinishedEvent",
    "GenerationEvent",
    "GuideView",
    "HalvingView",
    "InitView",
    "Interval",
    "LearnRow",
    "LearnView",
    "Machine",
    "MetricEvent",
    "MetricPromptsView",
    "MetricView",
    "MetricsBenchView",
    "NewEnvView",
    "NoteEvent",
    "NoteView",
    "OneTaste",
    "PairView",
    "PolicyRow",
    "PopulationBenchView",
    "PreferencePart",
    "PreferenceView",
    "ProgressEvent",
    "PropertiesEvent",
    "PropertyView",
    "ProposalView",
    "RaceEvent",
    "RaterView",
    "ReplyView",
    "Report",
    "ReportView",
    "RunFiles",
    "RunReport",
    "RunSummary",
    "RunView",
    "ScreenRow",
    "ScreenView",
    "ShapeRow",
    "SpeedRatio",
    "SpeedRow",
    "SpentReport",
    "SpentView",
    "Spread",
    "StartBenchView",
    "StartRow",
    "StartedEvent",
    "StartedReport",
    "TaskView",
    "TasteTerm",
    "TasteView",
    "TermPicturesView",
    "TrainBenchView",
    "TrainLine",
    "TrainSummary",
    "TrainTotals",
    "TrainView",
    "TurnView",
    "UiView",
    "View",
    "schemas",
]

PRINTED: dict[str, type[View]] = {
    "check": CheckLine,
    "check.properties": PropertiesEvent,
    "train": TrainLine,
    "train.summary": TrainSummary,
    "compare": CompareView,
    "show": RunView,
    "show.plots": TermPicturesView,
    "show.conversation": ConversationView,
    "list": RunSummary,
    "prefer": PreferenceView,
    "report": ReportView,
    "taste": TasteView,
    "ui": UiView,
    "prefer.next": PairView,
    "export": ExportView,
    "reply": ReplyView,
    "init": InitView,
    "video": ClipView,
    "config.show": ConfigLine,
    "design.started": StartedEvent,
    "design.metric": MetricEvent,
    "design.properties": PropertiesEvent,
    "design.candidate": CandidateEvent,
    "design.generation": GenerationEvent,
    "design.race": RaceEvent,
    "design.finished": FinishedEvent,
    "design.dry_run": DryRunView,
    "metric": MetricView,
    "metric.dry_run": MetricPromptsView,
    "metric.revise": RunView,
    "envs": EnvSummary,
    "envs.show": EnvView,
    "envs.check": EnvCheckLine,
    "envs.new": NewEnvView,
    "guide": GuideView,
    "doctor": DoctorLine,
    "bench.learn": LearnView,
    "bench.bank": BankView,
    "bench.choices": ChoicesView,
    "bench.halving": HalvingView,
    "bench.screen": ScreenView,
    "bench.metrics": MetricsBenchView,
    "error": ErrorView,
    "bench.train": TrainBenchView,
    "bench.train.population": PopulationBenchView,
    "bench.start": StartBenchView,
}


def schemas() -> dict[str, Any]:
    """The JSON schema of every object the command line prints, by where it is printed."""
    return {name: view.model_json_schema(mode="serialization") for name, view in PRINTED.items()}
