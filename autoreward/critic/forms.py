"""A form that is no sum, held against what its terms are on real states."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from autoreward.records import CompiledReward, Finding

SLACK = 1e-4  # beyond 0 and 1
MOSTLY = 0.5  # of real states


def form_findings(compiled: CompiledReward, terms: Float[np.ndarray, "N K"], real: int) -> Iterator[Finding]:
    """What the outputs of a program have against its form.

    Args:
        terms: unweighted, of all probed rows.
        real: those of them from real transitions; the rest is wide.
    """
    form, names = compiled.form, list(compiled.term_names)
    for name in form.factors:
        values = terms[:real, names.index(name)]
        if np.nanmin(values) < -SLACK or np.nanmax(values) > 1.0 + SLACK:
            message = f"the gate {name!r} is {np.nanmin(values):.3g} to {np.nanmax(values):.3g} on real states"
            yield _warning(
                message, "What is beyond 0 and 1 is cut: write it so that it stays within, as jnp.exp(-x * x)."
            )
    if form.kind in ("root", "min"):
        paid = terms[:real] * np.asarray(compiled.ordered_weights)
        for name, share in zip(names, (paid < 0.0).mean(axis=0), strict=True):
            if share > MOSTLY:
                message = (
                    f"{name!r} pays less than 0 on {share:.0%} of real states, and with it so does the whole reward"
                )
                yield _warning(message, "Write costs as terms that are near 1 where all is well and near 0 where not.")


def with_reference(compiled: CompiledReward, terms: Float[np.ndarray, "N K"]) -> CompiledReward:
    """The same reward; a centred one that names no reference has what random actions are paid a step, in the mean.

    Args:
        terms: unweighted, of transitions under random actions.
    """
    form = compiled.form
    if form.kind != "centred" or form.reference is not None:
        return compiled
    paid = np.asarray(terms, np.float64) @ np.asarray(compiled.ordered_weights)
    return compiled.model_copy(update={"form": form.model_copy(update={"reference": float(np.nanmean(paid))})})


def _warning(message: str, remedy: str) -> Finding:
    return Finding(rule="probe.form", severity="warning", message=message, remedy=remedy)
