"""What is known of an environment of somebody else, as plain data, and the pack that stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn

from autoreward.environment.foreign.reference import Reference, parse
from autoreward.environment.pack import Pack
from autoreward.records import FieldSpec
from autoreward.records.record import Record

GAMMA = 0.99


class FieldPlace(Record):
    """Where the numbers of a field are: a slice of an array, or a whole entry."""

    source: Literal["observation", "choice", "mujoco", "info", "own"]  # choice: the number of a one-hot slice
    key: str = ""  # the array of MuJoCo, the key of `info`, the name in what a person's function returns
    start: int = 0
    size: int = 1


class ObservationPart(Record):
    """A part of the observation, in the order of the policy's row."""

    path: tuple[str | int, ...]  # keys and places that lead to it
    shape: tuple[int, ...] = ()  # as the environment gives it
    choices: tuple[int, ...] = ()  # sizes of one-hot rows; (): numbers as they are
    first: tuple[int, ...] = ()  # the code of the first choice of each


# Among its notes where it holds.
IGNORES_SEEDS = "It ignores the seed of reset(): runs cannot be repeated, and candidates do not meet equal starts."


class ForeignFacts(Record):
    """An environment of somebody else, as it was found when it was opened."""

    reference: str  # one line, with what of `info` is shown and hidden
    description: str
    horizon: int  # control steps until truncation
    control_period: float  # [s]; 1.0 where nothing tells it
    period_known: bool
    termination: str
    action: str
    fields: tuple[FieldSpec, ...]  # besides the framework's
    hidden: tuple[FieldSpec, ...]  # that only a success metric may read
    observation_size: int
    action_low: tuple[float, ...]
    action_high: tuple[float, ...]
    choices: tuple[int, ...] = ()
    action_space: str = ""  # as Gymnasium writes it
    observation_space: str = ""
    places: Mapping[str, FieldPlace] = {}  # of each field
    parts: tuple[ObservationPart, ...] = ()
    first_choices: tuple[int, ...] = ()  # the code of the first choice of each part of the action
    action_kind: Literal["box", "discrete", "multi_discrete", "multi_binary"] = "box"
    free_actions: Mapping[int, tuple[float | None, float | None]] = {}  # entries without two limits: the one they have
    action_shape: tuple[int, ...] = ()
    action_dtype: str = "float32"
    notes: tuple[str, ...] = ()  # for a person: what was left out and why, what is not known

    @property
    def parsed(self) -> Reference:
        """The reference."""
        return parse(self.reference)


def pack_of(facts: ForeignFacts) -> Pack:
    """A pack whose environment is stepped by its own code: it has facts and fields, and no model and no functions."""
    return Pack(
        name=facts.parsed.id,
        folder=Path("/nowhere"),  # it has no files, and so no tasks
        title=f"{facts.parsed.id}, an environment of its author's own",
        description=facts.description,
        model_path=Path("/nowhere"),
        mirrors=None,
        mirror_arguments={},
        frame_skip=1,
        horizon=facts.horizon,
        control_period=facts.control_period,
        gamma=GAMMA,
        termination=facts.termination,
        action=facts.action,
        directions={},
        data=(),
        observation_size=facts.observation_size,
        fields_declared=facts.fields,
        memory_in_step=False,
        fields=_has_none,
        observation=_has_none,
        terminated=_has_none,
        reset=_has_none,
        memory=None,
        foreign=facts,
    )


def _has_none(*arguments: Any) -> NoReturn:
    raise TypeError("an environment of somebody else is stepped by its own code, and has no functions of a pack")
