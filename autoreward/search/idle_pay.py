"""What a program pays for doing nothing: with slack motors, and under random actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autoreward.records import CompiledReward, IdlePay, Transitions
from autoreward.records.verdict import PARAMS_PREFIX
from autoreward.reward.composition import pay_alone
from autoreward.reward.sandbox.sandbox import flat_transitions
from autoreward.search.entry import Entry
from autoreward.search.events import IDLE_PAY
from autoreward.search.session import Session

if TYPE_CHECKING:
    from numpy.typing import NDArray


def idle_pay(session: Session, entry: Entry) -> IdlePay | None:
    """Of a candidate that was accepted; None where its program cannot be called, or pays a potential alone."""
    stored = session.run.get(IDLE_PAY, entry.id, IdlePay)
    reward, slack = entry.verdict.reward if entry.verdict else None, session.environment.slack
    if stored is not None or reward is None or slack is None or session.settings.design.shaping_only:
        return stored
    batches = [_inputs(reward, one) for one in (slack, session.transitions)]
    outputs = session.sandbox.probe(reward.program, batches).outputs
    if len(outputs) != len(batches):
        return None
    seen = zip((slack, session.transitions), outputs, strict=True)
    paid = [float(pay_alone(np, reward, out["terms"], one.next_state["terminated"]).mean()) for one, out in seen]
    if not np.isfinite(paid).all():
        return None
    seconds = session.env.control_period
    pay = IdlePay(slack=paid[0] / seconds, random=paid[1] / seconds)
    return session.run.once(IDLE_PAY, entry.id, IdlePay, lambda: pay)


def _inputs(reward: CompiledReward, transitions: Transitions) -> dict[str, NDArray[np.float32]]:
    flat = flat_transitions(transitions)
    params = {f"{PARAMS_PREFIX}{name}": np.asarray(value, np.float32) for name, value in reward.params.items()}
    return {name: flat[name] for name in reward.inputs if name not in params} | params
