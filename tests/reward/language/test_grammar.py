"""Every member of the language means the same in numpy and in jax.numpy, and survives the limits of the sandbox."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.reward.arrays import Members, NumpyEngine, plain
from autoreward.reward.language import grammar
from autoreward.reward.language.rules import parse
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import ROBOT, transitions
from tests.reward.samples import sample_calls

CALLS = sample_calls()
X = np.random.default_rng(1).uniform(0.1, 0.9, (5, 4)).astype(np.float32)
Y = np.random.default_rng(2).uniform(0.1, 0.9, (5, 4)).astype(np.float32)


def test_samples_cover_the_language() -> None:
    members = {f"jnp.{name}" for name in grammar.JNP_MEMBERS}
    members |= {f"jnp.linalg.{name}" for name in grammar.LINALG_MEMBERS}
    members |= {f".{name}" for name in grammar.ARRAY_METHODS | grammar.ARRAY_ATTRIBUTES}
    assert set(CALLS) == members


@pytest.mark.parametrize("member", sorted(CALLS))
def test_member_means_the_same_in_both(member: str) -> None:
    code = compile(CALLS[member], "<sample>", "eval")
    traced = eval(code, {"jnp": jnp, "x": jnp.asarray(X), "y": jnp.asarray(Y)})
    engine = NumpyEngine(5)
    ours = plain(eval(code, {"jnp": Members(engine), "x": engine.wrapped(X), "y": engine.wrapped(Y)}))
    assert np.asarray(traced).shape == np.asarray(ours).shape
    np.testing.assert_allclose(np.asarray(traced), np.asarray(ours), rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("start", range(0, len(CALLS), grammar.TERM_LIMIT))
def test_members_are_traced_and_evaluated_behind_the_limits(sandbox: Sandbox, start: int) -> None:
    """Nothing that is allowed loads a file when it is first used, or becomes an operation that is refused."""
    calls = [CALLS[member] for member in sorted(CALLS)][start : start + grammar.TERM_LIMIT]
    names = [f"t{index}" for index in range(len(calls))]
    lines = [f'        "{name}": mean({call}, x),' for name, call in zip(names, calls, strict=True)]
    source = "\n".join(
        [
            f"WEIGHTS = {dict.fromkeys(names, 1.0)!r}",
            "def mean(value, x):",
            "    rows = jnp.where(value.astype(jnp.float32) > 0.0, 1.0, 0.5).reshape(x.shape[0], -1)",
            "    return jnp.mean(rows, axis=-1) + x[..., 0]",
            "def reward_terms(state, action, next_state, params):",
            "    x = 0.5 + 0.4 * action[..., :4]",
            "    y = 0.5 + 0.4 * action[..., 2:6]",
            "    return {",
            *lines,
            "    }",
        ]
    )
    traced = sandbox.trace_reward(source, ROBOT, transitions(8))
    assert (traced.findings, traced.failure, traced.twin_failure) == ((), None, None)
    assert traced.compiled is not None
    assert traced.twin["terms"].shape == (8, len(calls))


def test_fields_of_the_robot_do_not_clash_with_members() -> None:
    names = {field.name for field in ROBOT.fields}
    assert not names & (grammar.ARRAY_METHODS | grammar.ARRAY_ATTRIBUTES | grammar.CONTAINER_METHODS)


def test_guide_lists_every_member_and_its_examples_are_in_the_language() -> None:
    page = grammar.guide()
    words = set(page.replace(",", " ").split())
    assert words >= grammar.JNP_MEMBERS | grammar.LINALG_MEMBERS | grammar.BUILTINS | grammar.ARRAY_METHODS
    fields = [field.name for field in ROBOT.fields] + ["valid"]
    example = "\n".join(line[4:] for line in page.splitlines() if line.startswith("    "))
    reward = example[: example.index("r = sum over")]
    assert parse(reward, fields).findings == ()
