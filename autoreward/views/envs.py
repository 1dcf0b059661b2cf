"""What `envs` returns and prints."""

from __future__ import annotations

from typing import Literal, Self

from autoreward.records import Coordinate, EnvSpec, Finding, RandomisedRange, TaskSpec, Usage
from autoreward.views.view import Part, Report, View


class FieldView(Part):
    """One field of an environment."""

    name: str
    shape: tuple[int, ...]
    unit: str
    frame: str
    range: tuple[float, float] | None  # least and greatest value in random rollouts
    meaning: str


class ActionView(Part):
    """The action of an environment."""

    size: int
    low: tuple[float, ...]
    high: tuple[float, ...]
    meaning: str


class TaskView(Part):
    """One task of an environment."""

    name: str
    text: str
    success: str  # what the metric measures
    unit: str
    reference: float | None  # the value the task declares as good

    @classmethod
    def of(cls, task: TaskSpec) -> Self:
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
    tasks: tuple[TaskView, ...]  # a designer sees the text of its own, and of none how success is measured
    body: tuple[str, ...] = ()  # links, joints with limits and signs, start, rest, order of the observation
    coordinates: tuple[Coordinate, ...] = ()  # that place the robot in tests of meaning
    randomised: tuple[RandomisedRange, ...] = ()  # what each simulation draws for itself
    gpu_physics: str | None = None  # how the physics on a GPU differs from that on the CPU; None: it does not
    notes: tuple[str, ...] = ()  # of somebody else's environment: what is hidden and why, what is not known


class EnvReport(EnvView, Report):
    """An environment, and all else that a designer sees of it."""

    spec: EnvSpec

    @classmethod
    def of(
        cls,
        spec: EnvSpec,
        tasks: tuple[TaskSpec, ...],
        gpu_physics: str | None,
        notes: tuple[str, ...] = (),
        coordinates: tuple[Coordinate, ...] = (),
    ) -> Self:
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
            body=tuple(spec.body.splitlines()),
            coordinates=coordinates,
            randomised=spec.randomised,
            gpu_physics=gpu_physics,
            notes=notes,
            spec=spec,
        )


class MeaningLine(Part):
    """What a language model says of one field."""

    field: str
    unit: str
    frame: str
    meaning: str
    components: tuple[str, ...] = ()


class MeaningsView(View):
    """`envs describe --describe`: what the fields mean, as a model reads the documentation; written for `--fields`."""

    env: str
    model: str
    file: str
    fields: tuple[MeaningLine, ...]
    unsaid: tuple[str, ...] = ()  # fields of which it says nothing
    left_out: tuple[str, ...] = ()  # what it said and cannot be used, and why
    usage: Usage


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
    warnings: tuple[str, ...] = ()  # what is unusual in the model: no floor, a start inside the ground
    check: EnvCheckLine
