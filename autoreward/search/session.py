"""What one search works with, and its question to the ledger: has this been done already?

A search is a function that starts from the beginning and asks the ledger for every expensive result, so resuming is
calling it again. Whatever can be lost by a kill is one check of a candidate or one training.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from autoreward.config import Settings
from autoreward.designer.designer import Designer
from autoreward.ledger import Run
from autoreward.records import CompiledMetric, EnvSpec, RewardSpec, TaskSpec, Transitions, Verdict
from autoreward.search.budget import CallsInFlight
from autoreward.views import NoteEvent, ProgressEvent

if TYPE_CHECKING:
    from autoreward.reward.sandbox.sandbox import Sandbox
    from autoreward.search.clips import Clips
    from autoreward.trainer.client import TrainerWorker

OnEvent = Callable[[Any], None]


@dataclass
class Session:
    """Everything a search needs, opened by the api and closed by it."""

    run: Run
    settings: Settings
    task: TaskSpec
    env: EnvSpec
    env_path: str | None  # of a pack outside the installation
    human: str | None  # source of the expert's reward: compiled as a baseline, never part of a brief
    transitions: Transitions
    metric: CompiledMetric | None
    designer: Designer
    sandbox: Sandbox
    worker: TrainerWorker
    clips: Clips
    on_event: OnEvent
    designer_message: str  # which designer, why, how to use another
    generations: int  # how many there shall be in all; `refine` adds one
    started: float = field(default_factory=time.monotonic)
    calls: CallsInFlight = field(default_factory=CallsInFlight)
    told: set[str] = field(default_factory=set)  # what `tell_once` has said

    def reward_of(self, verdict: Verdict) -> RewardSpec:
        """What the members of a checked candidate are paid."""
        kind: Literal["shaping", "program"] = "shaping" if self.settings.design.shaping_only else "program"
        return RewardSpec(kind=kind, compiled=verdict.reward)

    def tell_once(self, text: str) -> None:
        """Say something that has to stay, once a sitting."""
        if text not in self.told:
            self.told.add(text)
            self.on_event(NoteEvent(text=text))

    def tell(self, **facts: Any) -> None:
        """Say where the search stands."""
        self.on_event(ProgressEvent(generations=self.generations, **facts))
