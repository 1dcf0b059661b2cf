"""What a model that looks at pictures says of the best candidate: it never enters fitness."""

from __future__ import annotations

from typing import Literal

from autoreward.records.record import Record

Held = Literal["yes", "no", "unsure"]


class WitnessReport(Record):
    """What a vision model saw in frames of the best and of the worst evaluation episode of a candidate."""

    model: str
    candidate: str
    seen: str = ""  # before it was told what the robot should do
    best: Held = "unsure"  # whether the sentence of success holds in the best episode
    worst: Held = "unsure"
    why: str = ""
    unread: str = ""  # why there is no verdict
    contradicts: bool = False  # the metric


class WitnessBrief(Record):
    """All that the model is told beside the frames."""

    text: str
    meaning: str
    frames: int  # of each of the two episodes
