"""What is given: the environment as a designer sees it, and the task with its success metric."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from autoreward.records.properties import Property
from autoreward.records.record import Record


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
    rest: float | None = None  # of a scalar: its mean where episodes start
    observable: bool = True  # False: the policy does not see it (contacts, forces, ...): fine in a reward
    inferable: bool = True  # False: nothing that it sees tells it either (time, a counter): of little use in a reward
    constant: bool = False  # the same in every state: a limit, a home pose
    next_state_only: bool = False  # `terminated` exists on next_state alone


class FieldMeaning(Record):
    """What somebody says of a field that an environment gives by name alone."""

    unit: str = Field(default="unknown", max_length=40)
    frame: str = Field(default="none", max_length=40)
    meaning: str = Field(max_length=300)
    components: tuple[str, ...] = ()  # names of the entries of the last axis


class EpisodeBound(Record):
    """An entry of a field that ends an episode where it leaves a range."""

    entry: str  # "torso_position.z", "torso_pitch"
    low: float | None = None
    high: float | None = None


class RandomisedRange(Record):
    """One quantity of the model, its sensors or surroundings that is drawn for each simulation between two bounds."""

    quantity: Literal[
        "mass", "payload", "centre_of_mass", "friction", "gain", "damping", "armature", "gravity",
        "push", "noise", "delay",
    ]  # fmt: skip
    # names of bodies, geoms, actuators, joints or parts of the observation, or ("all",): all whose own number is not 0
    of: tuple[str, ...]
    kind: Literal["scale", "value"]  # times the model's own number, or in place of it
    low: float
    high: float
    together: bool = False  # one number for all of them; else each has its own
    every: float | None = None  # [s] between two pushes


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
    bounds: tuple[EpisodeBound, ...] = ()  # the same in numbers, as far as fields tell it
    body: str = ""  # a line each: links, joints with limits and signs, start, rest, order of the observation
    mirrors: str | None = None  # the Gymnasium id this pack reproduces step by step
    mirror_arguments: Mapping[str, bool | int | float | str] = Field(default_factory=dict)  # for `gymnasium.make`
    notes: str = ""
    randomised: tuple[RandomisedRange, ...] = ()  # what differs from simulation to simulation while learning

    def field(self, name: str) -> FieldSpec | None:
        """The declaration of one field, or None."""
        return next((field for field in self.fields if field.name == name), None)


class Subtask(Record):
    """A part of a task, told beside success: whether an episode does it."""

    name: str  # "leaves the ground": all that a designer may see
    expression: str = ""  # over fields, as it was written; "" in a run of an older version
    code: str  # a metric whose success is 1 where it is done, else 0


class MetricSpec(Record):
    """The success metric: the truth that selection orders by, hidden from every designer."""

    origin: Literal["task", "file", "expression", "model"]
    code: str  # a `success(trajectory, params)` function in the restricted language
    meaning: str
    unit: str = "1"
    reference: float | None = None  # the value the task declares as good
    subtasks: tuple[Subtask, ...] = ()  # in the order in which they are done

    @property
    def digest(self) -> str:
        """sha256 of the program: which metric it is."""
        return hashlib.sha256(self.code.encode()).hexdigest()


class TaskSpec(Record):
    """What the robot should do, and how success is measured."""

    env: str
    env_path: str | None = None  # the folder of a pack outside the installation
    name: str | None  # a task of the pack, or None for free text
    text: str
    metric: MetricSpec | None
    properties: tuple[Property, ...] = ()  # tests of meaning that a person gave; (): a model may write some
    seed_reward: str | None = None  # a person's reward program that the search starts from
