"""Tests of meaning: pairs of what a robot may do, of which a reward must pay the better one more."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from autoreward.records.record import Record

LONGEST = 4.0  # [s] of a side
MOST = 12  # pairs
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Amount = Annotated[float, Field(ge=-100.0, le=100.0)]  # of a coordinate beyond the start, or its speed
Keys = Annotated[tuple[Amount, ...], Field(min_length=1, max_length=40)]
Push = Annotated[float, Field(ge=-1.0, le=1.0)]  # as a share of an actuator's range


class Coordinate(Record):
    """A number that places a part of the robot: a joint, or one of the six that place a free body."""

    name: str  # "rootz", "root.pitch"
    unit: Literal["m", "rad"]
    start: float  # where an episode begins, without its noise
    low: float | None = None  # the limits of a joint that has any
    high: float | None = None


class Side(Record):
    """Something that a robot does, told to a program by where its parts are: nothing has to be learnt for it.

    Played, not simulated: each coordinate goes where it is put, whatever the motors and the ground say. Or, with
    `find`, the part of the episodes that nobody designed in which an expression over fields is greatest.
    """

    words: Words
    seconds: float = Field(default=1.0, ge=0.0, le=LONGEST, allow_inf_nan=False)  # 0: a single step
    pose: Mapping[str, Amount | Keys] = Field(default_factory=dict)  # beyond the start; several: one after the other
    speed: Mapping[str, Amount] = Field(default_factory=dict)  # [m/s], [rad/s] on top of it, all the time
    action: Push | Annotated[tuple[Push, ...], Field(min_length=1)] = 0.0  # of all actuators, or of each
    find: Annotated[str, StringConstraints(max_length=400)] = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Side:
        if 0.0 < self.seconds < 1.0:
            raise ValueError(f"{self.words!r}: seconds is {self.seconds:g}, expected 0 (a single step) or 1 and more")
        if self.seconds == 0.0 and any(isinstance(value, tuple) for value in self.pose.values()):
            raise ValueError(f"{self.words!r}: a single step has one number a coordinate; its speed stands in `speed`")
        if self.find and (self.pose or self.speed):
            raise ValueError(f"{self.words!r}: it is either found in episodes or placed by coordinates")
        return self


class Property(Record):
    """A pair: the total reward of the better side must be above that of the worse one."""

    better: Side
    worse: Side
    why: Annotated[str, StringConstraints(max_length=300)] = ""  # the words of the task that say so

    @model_validator(mode="after")
    def _is_fair(self) -> Property:
        if self.better.seconds != self.worse.seconds:
            raise ValueError(f"{self.better.words!r} and {self.worse.words!r} do not last equally long")
        return self


class PropertyFile(Record):
    """A file of pairs: written by a run, or by a person."""

    env: str = ""  # the environment whose coordinates they name
    text: str = ""  # of the task that they are about
    pairs: Annotated[tuple[Property, ...], Field(max_length=4 * MOST)]


class PropertyVerdict(Record):
    """What became of a pair before any reward was tested by it."""

    pair: Property
    status: Literal["kept", "dropped"]
    reason: str = ""  # why it was dropped
    # Whether the metric puts the better side first; "equal": it does not tell them apart; "": nobody asked one.
    metric: Literal["better", "equal", "worse", ""] = ""


class Properties(Record):
    """The pairs of a run, frozen before any reward is written."""

    verdicts: tuple[PropertyVerdict, ...] = ()
    unread: tuple[str, ...] = ()  # what was wrong with pairs of the reply that could not be read

    @property
    def kept(self) -> tuple[PropertyVerdict, ...]:
        """Those that every reward is tested by."""
        return tuple(one for one in self.verdicts if one.status == "kept")

    @property
    def digest(self) -> str:
        """sha256 of the kept pairs: which tests they are."""
        return hashlib.sha256("\n".join(one.pair.model_dump_json() for one in self.kept).encode()).hexdigest()
