"""What a program costs is told by its operations, before it runs."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from tests.reward.sandbox.proof.programs import HORIZON, Episode, Row, rules_of_episodes, rules_of_rows

DEAR: dict[str, Row] = {
    "sort": lambda x, v, p: jnp.sort(jnp.sin(v[:, None] * jnp.arange(900.0)), axis=-1)[:, 0],
    "argsort": lambda x, v, p: jnp.argsort(v[:, None] * jnp.arange(300.0), axis=-1)[:, 0],
    "median": lambda x, v, p: jnp.median(v[:, None] * jnp.arange(300.0), axis=-1),
    "constant sort": lambda x, v, p: v + 1e-9 * jnp.sort(jnp.cos(jnp.arange(200_000.0) * p))[5],
    "sines": lambda x, v, p: jnp.sum(jnp.sin(jnp.cos(jnp.tan(v[:, None] * jnp.arange(1500.0)))), axis=-1),
    "powers": lambda x, v, p: (
        jnp.sum(jnp.abs(v[:, None] * jnp.arange(2000.0)) ** p, axis=-1)
        + jnp.sum(jnp.abs(v[:, None] + jnp.arange(2000.0)) ** (p + 1.0), axis=-1)
    ),
    "remainders": lambda x, v, p: jnp.sum((v[:, None] * jnp.arange(1000.0)) % 0.3, axis=-1),
    "products": lambda x, v, p: jnp.einsum("ni,ij->nj", v[:, None] * jnp.arange(60.0), jnp.ones((60, 60)))[:, 0],
    "wide array": lambda x, v, p: jnp.sum(v[:, None] * jnp.arange(3000.0), axis=-1),
    "large constant": lambda x, v, p: v * jnp.sum(jnp.ones((2000, 2000)) * p),
}
CHEAP: dict[str, Row] = {
    "sort": lambda x, v, p: jnp.sort(x, axis=-1)[:, 0],
    "sines": lambda x, v, p: jnp.sum(jnp.sin(x) + jnp.abs(x) ** p, axis=-1),
    "pairs of entries": lambda x, v, p: jnp.sum(jnp.abs(x[:, :, None] - x[:, None, :]), axis=(1, 2)),
}


@pytest.mark.parametrize("name", DEAR)
def test_a_dear_program_is_refused(name: str) -> None:
    assert rules_of_rows(DEAR[name]) == ["program.cost"]


@pytest.mark.parametrize("name", CHEAP)
def test_a_cheap_program_passes(name: str) -> None:
    assert rules_of_rows(CHEAP[name]) == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int8", "uint32", "int16", "float8_e5m2", "complex64"])
def test_a_dtype_outside_the_list_is_refused(dtype: str) -> None:
    assert rules_of_rows(lambda x, v, p: v + jnp.abs(v.astype(dtype)).astype("float32")) == ["program.dtype"]


@pytest.mark.parametrize("dtype", ["int32", "bool", "float32"])
def test_a_dtype_of_the_list_passes(dtype: str) -> None:
    assert rules_of_rows(lambda x, v, p: v + jnp.clip(v, -9, 9).astype(dtype)) == []


WIDE = 1600


def per_step(x, v, valid):
    return jnp.sum(jnp.cos(jnp.tan(v[..., None] * jnp.arange(float(WIDE)))) * valid[..., None], axis=(0, 2))


CASES: list[tuple[Episode, list[str]]] = [
    (lambda x, v, valid: jnp.sum(jnp.sort(v, axis=0), axis=0), []),
    (lambda x, v, valid: jnp.sum(jnp.cumsum(x, axis=0)[..., 0], axis=0), []),
    (per_step, ["program.cost"]),
]


@pytest.mark.parametrize(("metric", "expected"), CASES)
def test_a_metric_may_cost_as_much_as_its_steps(metric: Episode, expected: list[str]) -> None:
    assert HORIZON * WIDE < 48_000
    assert rules_of_episodes(metric) == expected
