"""Where a program would go another way in numpy than where it was traced, it is refused with the line."""

from __future__ import annotations

import pytest

from autoreward.reward.sandbox.namespaces import ContractViolation
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.reward.sandbox.steps import Step, check_same_steps
from tests.reward.robot import ROBOT, transitions

STEPS = [Step(3, "float32", ("b", 2)), Step(4, "int32", (3,))]


def test_a_batch_axis_is_as_long_as_it_likes() -> None:
    check_same_steps(STEPS, [Step(3, "float32", (257, 2)), Step(4, "int32", (3,))])


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        ([Step(3, "int32", (257, 2)), STEPS[1]], r"line 3 makes float32 \('b', 2\) where it is trained and int32"),
        ([Step(3, "float32", (257, 3)), STEPS[1]], "line 3"), ([Step(3, "float32", (257,)), STEPS[1]], "line 3"),
        ([Step(5, "float32", (257, 2)), STEPS[1]], "line 3"),
        ([Step(3, "float32", (257, 2))], "line 4 .* and nothing in"),
        ([Step(3, "float32", (257, 2)), *STEPS], "line 4"),
    ],
)  # fmt: skip
def test_where_the_ways_part(tried: list[Step], words: str) -> None:
    with pytest.raises(ContractViolation, match=words) as violation:
        check_same_steps(STEPS, tried)
    assert violation.value.rule == "program.differs"


def traced(sandbox: Sandbox, module: str, value: str = "GAIN") -> list[str]:
    """The rules that refuse a program whose module says this, before it is seen by which numbers."""
    source = f'WEIGHTS = {{"a": 1.0}}\n{module}\n\n\ndef reward_terms(state, action, next_state, params):\n'
    source += f'    return {{"a": action[..., 1] + jnp.where(action[..., 0] > 1e5, {value}, 0.0)}}\n'
    reply = sandbox.trace_reward(source, ROBOT, transitions(8))
    assert (reply.failure, reply.twin_failure) == (None, None)
    return [finding.rule for finding in reply.findings]


@pytest.mark.parametrize(
    "value",
    [
        "1.0 if action.astype('int8').dtype == jnp.int32 else 0.0",
        "1.0 if jnp.zeros(3, 'float16').dtype == jnp.float32 else 0.0",
        "jnp.array([200.0]).astype('int8').astype(jnp.float32)[0]",
        "jnp.array([-1]).astype('uint32').astype(jnp.float32)[0]",
    ],
)
def test_a_dtype_that_no_program_has_is_refused_where_it_is_made(sandbox: Sandbox, value: str) -> None:
    assert traced(sandbox, f"GAIN = {value.replace('action', 'jnp.ones(2)')}") == ["program.dtype"]
    assert traced(sandbox, "", value) == ["program.dtype"]


@pytest.mark.parametrize(
    "module",
    [
        "GAIN = (jnp.array([5]) // jnp.array([0])).astype(jnp.float32)[0]",
        "GAIN = jnp.full((2,), 3e9, jnp.int32)[0].astype(jnp.float32)",
    ],
)
def test_a_module_makes_the_same_numbers_in_numpy(sandbox: Sandbox, module: str) -> None:
    assert traced(sandbox, module) == ["program.differs"]


@pytest.mark.parametrize(
    "module",
    [
        "GAIN = jnp.sum(jnp.linspace(0, 1, 7) ** 3)", "GAIN = jnp.array(range(3)).astype(jnp.float32)[2]",
        "PLACES = jnp.arange(6) // 2\nGAIN = jnp.mean(jnp.exp(PLACES))", "GAIN = jnp.sum(jnp.array([0.1, 0.2, -0.3]))",
        "GAIN = jnp.nan_to_num(jnp.log(jnp.array(0.0)))", "GAIN = jnp.linspace(-1, 1, 7)[3]",
    ],
)  # fmt: skip
def test_a_module_may_compute(sandbox: Sandbox, module: str) -> None:
    assert traced(sandbox, module) == []


@pytest.mark.parametrize("module", ["MORE = CHANGE({'a': WEIGHTS['a'] * 2})", "MORE = [CHANGE({'a': 3.0})]"])
def test_a_module_does_not_change_its_weights(sandbox: Sandbox, module: str) -> None:
    assert traced(sandbox, f"CHANGE = WEIGHTS.update\n{module}", "1.0") == ["static.store"]


@pytest.mark.parametrize(
    "value",
    [
        "jnp.where(action[..., 0] > 0, 1, 0.5)", "(action > 0).mean(axis=-1)", "jnp.exp(action > 0).sum(axis=-1)",
        "jnp.linspace(0, 1, 6) @ action[..., None]", "jnp.average(action, axis=-1, weights=jnp.arange(6))",
        "sum([action[..., i] * i for i in range(action.shape[-1])])", "jnp.power((action > 0) * 2, 0.5).sum(axis=-1)",
    ],
)  # fmt: skip
def test_what_numpy_would_compute_in_other_dtypes_goes_one_way(sandbox: Sandbox, value: str) -> None:
    source = 'WEIGHTS = {"a": 1.0}\n\n\ndef reward_terms(state, action, next_state, params):\n'
    source += f'    return {{"a": ({value}).reshape(action.shape[0], -1)[..., 0] + action[..., 1]}}\n'
    traced = sandbox.trace_reward(source, ROBOT, transitions(8))
    assert (traced.findings, traced.failure, traced.twin_failure) == ((), None, None)
