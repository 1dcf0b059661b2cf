"""Does a metric pay for ending early? Two rollouts that differ in nothing but their length are compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float32
from numpy.typing import NDArray

from autoreward.environment.environment import Environment
from autoreward.environment.task import NEVER
from autoreward.pack_tools.conformance.subject import warning
from autoreward.records import CompiledMetric, Finding
from autoreward.reward.sandbox.sandbox import Sandbox

STATES = 64  # of random rollouts, each held for a whole episode
SHARE = 0.1  # of the horizon, after which the other rollout ends
CLOSE = 1e-3  # relative; sums of many equal steps round


def check_early_end(environment: Environment, task: str, metric: CompiledMetric, sandbox: Sandbox) -> Iterator[Finding]:
    """Of the state that the metric likes most, an episode of one tenth must count less than a whole one.

    Where nothing terminates, where success is yes or no, or where all states held still count the same (a jump, a
    turn), there is nothing to say.
    """
    if environment.spec.termination.startswith(NEVER):
        return
    steps = max(1, round(SHARE * metric.horizon))
    whole, cut = (_held(environment, metric, length) for length in (metric.horizon, steps))
    probed = sandbox.probe(metric.program, [whole, cut])
    if probed.failure is not None:
        return  # said of the metric by its own check
    full, short = (outputs["success"] for outputs in probed.outputs)
    best = int(np.argmax(full))
    if np.ptp(full) == 0 or set(full.tolist()) <= {0.0, 1.0} or short[best] < full[best] - CLOSE * abs(full[best]):
        return
    message = (
        f"task {task}: an episode that ends after {steps} of {metric.horizon} steps has success {short[best]:.3g}, the "
        f"same for all {metric.horizon} steps {full[best]:.3g}: who lunges and falls is paid like who goes on"
    )
    remedy = "Sum over the steps, or divide by the horizon and not by the steps of the episode."
    yield warning(environment.pack, "metric", message, remedy)


def _held(environment: Environment, metric: CompiledMetric, steps: int) -> dict[str, Float32[np.ndarray, "T N ..."]]:
    """Episodes that stay in one state for `steps`, then end; zeros behind the end."""
    rows = np.linspace(0, len(environment.transitions.action) - 1, STATES).astype(int)
    valid = np.zeros((metric.horizon, STATES), np.float32)
    valid[:steps] = 1.0
    batch: dict[str, NDArray[Any]] = {}
    for name in metric.inputs:
        if name == "valid":
            continue
        source = environment.transitions.action if name == "action" else environment.transitions.next_state[name]
        array = np.zeros((metric.horizon, STATES, *source.shape[1:]), np.float32)
        array[:steps] = source[rows]
        if name == "terminated":
            array[:] = 0.0
            array[steps - 1] = float(steps < metric.horizon)
        batch[name] = array
    return {**batch, "valid": valid}
