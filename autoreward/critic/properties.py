"""Tests of meaning: what a robot may do comes in pairs, and a reward must pay the better one more in all.

The pairs are written from the text of a task before any reward exists. They cost no training: the sides are played, or
found in episodes that nobody designed, and a compiled reward is called on their steps beside its other probes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from autoreward.number_format import short
from autoreward.records import CompiledReward, Finding, Property, PropertyVerdict, Transitions
from autoreward.reward.composition import pay_alone
from autoreward.reward.sandbox.sandbox import flat_transitions

EQUAL = 1e-5  # of what the steps of both sides are paid, signs apart: totals nearer than that are equal
NEAR = 0.02  # the same where the metric does not tell the sides apart: then a smaller difference refuses nothing
POTENTIAL = "potential"
TOGETHER = "the terms, by their form,"
PROGRESS = "progress"
RULE = "critic.property"
_BLIND = "Pay for what tells the two apart, by how far it goes in the wanted direction."


@dataclass(frozen=True)
class MeaningTests:
    """Pairs, ready to be paid: their P better sides and P worse ones, in turn, as M steps.

    Attributes:
        rows: the steps of side after side.
        side: which of the 2 P sides a step belongs to.
        last: whether it is the last of its side.
        progress: the task's own progress of each side, which `--shaping-only` pays as well; 0 without a metric.
        binding: which pairs refuse a reward that fails them; the others are told. "judged": those whose better side the
            metric ranks higher as well.
    """

    verdicts: tuple[PropertyVerdict, ...]
    rows: Transitions
    side: Int[np.ndarray, " M"]
    last: Bool[np.ndarray, " M"]
    progress: Float[np.ndarray, " S"]
    binding: Literal["all", "judged", "none"] = "all"

    def batch(self, compiled: CompiledReward, size: int) -> dict[str, NDArray[Any]]:
        """One call of a compiled reward with all steps.

        Args:
            size: rows of another call of it: so many, where that is enough, cost no compilation. Rows behind the M
                steps repeat them.
        """
        order = np.arange(max(size, len(self.side))) % len(self.side)
        flat = {name: array[order] for name, array in flat_transitions(self.rows).items()}
        params = {f"params.{name}": np.asarray(np.float32(value)) for name, value in compiled.params.items()}
        return {name: flat[name] for name in compiled.inputs if name not in params} | params

    def findings(
        self, compiled: CompiledReward, outputs: Mapping[str, NDArray[Any]], shaping_only: bool = False
    ) -> Iterator[Finding]:
        """Each pair of which the better side is not paid more, with both numbers.

        Args:
            outputs: of the call with `batch`.
            shaping_only: the task's progress and the potential are paid; the terms only show the potential.
        """
        outputs = {name: np.asarray(array, np.float64)[: len(self.side)] for name, array in outputs.items()}
        parts = self._paid(compiled, outputs, shaping_only)
        totals = sum(parts.values(), np.zeros(len(self.progress)))
        gross = np.bincount(self.side, self._gross(compiled, outputs, shaping_only), len(totals))
        for number, verdict in enumerate(self.verdicts):
            better, worse = 2 * number, 2 * number + 1
            slack = EQUAL * (gross[better] + gross[worse])
            difference = totals[better] - totals[worse]
            if difference > slack:
                continue
            equal = bool(abs(difference) <= slack)
            telling = verdict.metric == "better" or -difference > NEAR * (gross[better] + gross[worse])
            refuses = self.binding == "all" or (self.binding == "judged" and verdict.metric == "better")
            severity: Literal["error", "warning"] = "error" if refuses and telling else "warning"
            against = "" if equal else _against(parts, better, worse)
            yield _finding(verdict.pair, severity, (totals[better], totals[worse]), against)

    def _paid(
        self, compiled: CompiledReward, outputs: Mapping[str, NDArray[Any]], shaping_only: bool
    ) -> dict[str, NDArray[Any]]:
        """What each side is paid by each term, weighted, and by the potential.

        From one start, shaping pays gamma^T Phi(s_T) - Phi(s_0), and Phi(s_0) is the same whatever the robot does. So
        the sides are compared as if both came from one start: by Phi where they end, 0 where the episode terminates.
        """
        count = len(self.progress)
        weights = [] if shaping_only else list(zip(compiled.term_names, compiled.ordered_weights, strict=True))
        terms = outputs["terms"]
        if not compiled.form.plain and not shaping_only:
            weights = []
        parts: dict[str, NDArray[Any]] = {
            f"term {name!r}": weight * np.bincount(self.side, terms[:, column], count)
            for column, (name, weight) in enumerate(weights)
        }
        if not compiled.form.plain and not shaping_only:
            parts[TOGETHER] = np.bincount(self.side, self._together(compiled, terms), count)
        if compiled.has_potential:
            alive = 1.0 - np.asarray(self.rows.next_state["terminated"], np.float64)
            end = outputs["phi_next"] * alive * self.last
            parts[POTENTIAL] = np.bincount(self.side, end, count)
        return parts | ({PROGRESS: self.progress} if shaping_only else {})

    def _together(self, compiled: CompiledReward, terms: NDArray[Any]) -> Float[np.ndarray, " M"]:
        """What the terms of each step pay by a form that is no sum, the step taken by itself."""
        terminated = np.asarray(self.rows.next_state["terminated"], np.float64)
        return np.asarray(pay_alone(np, compiled, terms, terminated))

    def _gross(
        self, compiled: CompiledReward, outputs: Mapping[str, NDArray[Any]], shaping_only: bool
    ) -> Float[np.ndarray, " M"]:
        """The size of what each step is paid, signs apart."""
        gross = np.zeros(len(self.side))
        if not shaping_only:
            plain = compiled.form.plain
            weighted = outputs["terms"] * compiled.ordered_weights
            gross += np.abs(weighted).sum(axis=-1) if plain else np.abs(self._together(compiled, outputs["terms"]))
        if compiled.has_potential:
            gross += np.abs(outputs["phi_next"]) * self.last
        return gross


def _against(parts: Mapping[str, NDArray[Any]], better: int, worse: int) -> str:
    """The part of the reward that speaks most for the worse side."""
    name = max(parts, key=lambda part: float(parts[part][worse] - parts[part][better]), default=None)
    if name is None or not parts[name][worse] > parts[name][better]:
        return ""
    return f"{name} pays {short(float(parts[name][better]))} and {short(float(parts[name][worse]))}"


def _finding(
    pair: Property, severity: Literal["error", "warning"], totals: tuple[float, float], against: str
) -> Finding:
    """That a pair is not paid as it should be.

    Args:
        severity: a warning where nothing tells the sides apart, the metric neither.
        against: the part that speaks most for the worse side; "" where both are paid the same.
    """
    why = f" ({pair.why})" if pair.why else ""
    first, second = (short(float(total)) for total in totals)
    message = f'it pays {first} in all for "{pair.better.words}" and {second} for "{pair.worse.words}"'
    remedy = f"{against[0].upper()}{against[1:]}: mend that." if against else _BLIND
    return Finding(rule=RULE, severity=severity, message=f"{message}: the first must be paid more{why}", remedy=remedy)


def transitions_of(sides: Sequence[Transitions]) -> Transitions:
    """The steps of sides, one behind the other."""
    return Transitions(
        state={name: np.concatenate([side.state[name] for side in sides]) for name in sides[0].state},
        action=np.concatenate([side.action for side in sides]),
        next_state={name: np.concatenate([side.next_state[name] for side in sides]) for name in sides[0].next_state},
    )
