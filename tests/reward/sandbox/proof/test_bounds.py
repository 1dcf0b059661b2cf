"""What numpy and XLA may do differently is refused; what is bounded gives the same numbers in both, far outside too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autoreward.records import CompiledReward
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions
from tests.thorough import every

INDEX = "jnp.take_along_axis(action, {}, axis=-1)[..., 0]"
STEP = "jnp.clip(action[..., 0:1] * 3, 0, 5).astype(jnp.int32)"
COUNT = "(action > 0).astype(jnp.int32).sum(axis=-1)"

REFUSED = {
    "index of a cast": INDEX.format("(action[..., 0:1] * 3).astype(jnp.int32)"),
    "bounded after the cast": INDEX.format("jnp.clip((action[..., 0:1] * 3).astype(jnp.int32), 0, 5)"),
    "one beyond the end": INDEX.format("jnp.clip(action[..., 0:1] * 3, 0, 6).astype(jnp.int32)"),
    "below the start": INDEX.format("jnp.clip(action[..., 0:1] * 3, -1, 5).astype(jnp.int32)"),
    "a list by number": "jnp.array([1.0, 2.0])[jnp.clip(action[..., 0], 0, 2).astype(jnp.int32)]",
    "take": "jnp.take(jnp.array([1.0, 2.0]), jnp.clip(action[..., 0], 0, 2).astype(jnp.int32))",
    "at the edge by rounding": INDEX.format("(jnp.clip(action[..., 0:1], 0, 1) * 6 - 1e-8).astype(jnp.int32)"),
    "beyond the edge by rounding": INDEX.format("(jnp.clip(action[..., 0:1], 0, 5) + 0.9999999).astype(jnp.int32)"),
    "a product of integers": f"(({COUNT} + 65535)[..., None] @ jnp.array([65536])).astype(jnp.float32)",
    "a dot of integers": "(jnp.dot((action > 0).astype(jnp.int32), jnp.full(6, 2147483647))).astype(jnp.float32)",
    "a sum as index": f"jnp.arange(6.0)[{COUNT}]",
    "division by a count": f"(7 // {COUNT}).astype(jnp.float32)",
    "remainder by a count": f"(7 % {COUNT}).astype(jnp.float32)",
    "a large product": f"(({COUNT} + 65535) * 65536).astype(jnp.float32)",
    "a power of counts": f"({COUNT} ** 15 + 0).astype(jnp.float32)",
    "a rounded float": "jnp.round(action[..., 0]).astype(int).astype(jnp.float32)",
    "integers of a clipped float": "jnp.clip(action[..., 0], -1e10, 1e10).astype(jnp.int32).astype(jnp.float32)",
}
NAN = "jnp.sqrt(1e5 - action[..., 0])"  # far outside, where no check comes by
REFUSED |= {
    "a list of integers by number": "jnp.array([1, 2])[jnp.clip(action[..., 0], 0, 2).astype(jnp.int32)] * 1.0",
    "a list of truths by number": "jnp.array([True, False])[jnp.where(action[..., 0] > 1e5, 2, 0)] * 1.0",
    "what is true but for NaN": f"(7 // jnp.where(jnp.tanh({NAN}) < 2, 1, 0)).astype(jnp.float32)",
    "an index but for NaN": f"jnp.arange(3.0)[jnp.where(jnp.tanh({NAN}) < 2, 0, 100)]",
    "division by a cast of NaN": f"(7 // jnp.clip({NAN}, 1, 5).astype(jnp.int32)).astype(jnp.float32)",
    "an index from a cast of NaN": f"jnp.arange(3.0)[jnp.clip({NAN}, 10, 12).astype(jnp.int32) - 10]",
    "integers that float32 rounds": (
        "jnp.arange(3.0)[jnp.where(action[..., 0] > 1e5, 16777219, 16777217).astype(jnp.float32).astype(jnp.int32)"
        " - 16777217]"
    ),
    "a long sum as index": (
        "jnp.arange(3.0)[(jnp.repeat(jnp.clip(action[..., :1], 0, 1), 2000, axis=-1) @ jnp.full(2000, 0.1) * 0.014999)"
        ".astype(jnp.int32)]"
    ),
}
ACCEPTED = {
    "entries from the end": "action[..., jnp.array([0, -1])].sum(axis=-1) + action[..., [1, -2]].sum(axis=-1)",
    "a list of integers": "jnp.array([1, 2, 3])[jnp.clip(action[..., 0], 0, 2).astype(jnp.int32)] * 1.0",
    "a product as index": "jnp.arange(3.0)[(jnp.clip(action, 0, 1) @ jnp.full(6, 0.1) * 4.9).astype(jnp.int32)]",
    "greatest entry": INDEX.format("jnp.argmax(action, axis=-1)[..., None]"),
    "order": INDEX.format("jnp.argsort(action, axis=-1)"),
    "bounded index": INDEX.format(STEP),
    "minimum and maximum": INDEX.format("jnp.minimum(jnp.maximum(action[..., 0:1], 0), 5).astype(jnp.int32)"),
    "where": INDEX.format("jnp.where(action[..., 0:1] > 0, 4, 1)"),
    "a count": INDEX.format("((action[..., 0:2] > 0).astype(jnp.int32).sum(axis=-1))[..., None]"),
    "a count that wraps": INDEX.format(f"({COUNT} % 6)[..., None] * 0 + 5"),
    "a list by number": "jnp.array([1.0, 2.0, 3.0])[jnp.clip(action[..., 0], 0, 2).astype(jnp.int32)]",
    "halves": f"({COUNT} // 2).astype(jnp.float32)",
    "remainder": f"({COUNT} % 3).astype(jnp.float32)",
    "sum of truths": "jnp.sum(action > 0, axis=-1).astype(jnp.float32)",
    "count": "jnp.count_nonzero(action > 0, axis=-1).astype(jnp.float32)",
    "cumulative": "jnp.cumsum(action > 0, axis=-1)[..., -1].astype(jnp.float32)",
    "steps": "jnp.floor(jnp.clip(action[..., 0], -1, 1) * 4).astype(jnp.int32).astype(jnp.float32)",
    "median": "jnp.median(action, axis=-1)",
    "a product of integers": "jnp.dot((action > 0).astype(jnp.int32), jnp.arange(6)).astype(jnp.float32)",
    "within by more than rounding": INDEX.format("(jnp.clip(action[..., 0:1], 0, 1) * 5.99).astype(jnp.int32)"),
    "floats divide": "action[..., 0] // 0.3",
}


def program(value: str) -> str:
    head = 'WEIGHTS = {"a": 1.0}\n\n\ndef reward_terms(state, action, next_state, params):\n'
    return f'{head}    return {{"a": {value}}}\n'


@pytest.mark.parametrize("value", every(3, REFUSED.values(), REFUSED))
def test_what_may_differ_in_the_export_is_refused(sandbox: Sandbox, value: str) -> None:
    traced = sandbox.trace_reward(program(value), ROBOT, transitions(8))
    assert "program.differs" in [finding.rule for finding in traced.findings]
    assert all("jnp.clip" in one.remedy or "ivide" in one.remedy for one in traced.findings)


@pytest.mark.parametrize("value", every(3, ACCEPTED.values(), ACCEPTED))
def test_what_is_bounded_is_the_same_in_both_also_far_outside(sandbox: Sandbox, value: str) -> None:
    far = transitions(8)
    action = np.random.default_rng(3).choice([0.0, 1.0, -1.0, 1e3, -1e7, 3e9, -1e30, 1e38], far.action.shape)
    traced = sandbox.trace_reward(program(value), ROBOT, replace(far, action=action.astype(np.float32)))
    assert (traced.findings, traced.failure, traced.twin_failure) == ((), None, None)
    assert isinstance(traced.compiled, CompiledReward)
    if "//" in value and "0.3" in value:
        return  # rounds differently where a float has no room for fractions
    probed = sandbox.probe(traced.compiled.program, [{"action": action.astype(np.float32)}])
    assert probed.failure is None
    np.testing.assert_allclose(probed.outputs[0]["terms"], traced.twin["terms"], rtol=1e-5)
