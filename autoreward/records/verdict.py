"""What the critic made of a program: its findings, and the compiled program that the trainer runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from autoreward.records.candidate import Finding
from autoreward.records.form import Form
from autoreward.records.record import Record, Tier

if TYPE_CHECKING:  # who only reads records does not load numpy
    from numpy.typing import NDArray


PARAMS_PREFIX = "params."  # of the inputs of a compiled reward that are parameters


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
    form: Form = Form()  # how the weighted terms become one number

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


class CompiledSubtasks(Record):
    """The subtasks of a metric as the trainer runs them, by name."""

    programs: Mapping[str, CompiledMetric] = Field(default_factory=dict)


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
