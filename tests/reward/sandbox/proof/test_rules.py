"""The proof that rows are apart: honest idioms pass, every way from row to row and to their number does not."""

from __future__ import annotations

import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoreward.reward.language import grammar
from tests.reward.sandbox.proof.programs import Episode, Row, rules_of_episodes, rules_of_rows

BINARY = """
add arctan2 copysign divide equal floor_divide fmax fmin fmod greater greater_equal heaviside hypot isclose less
less_equal logaddexp logical_and logical_or logical_xor maximum minimum mod multiply not_equal power remainder subtract
true_divide
"""
OTHER = frozenset({"clip", "select", "where"})
PER_ROW = sorted(set(grammar.ELEMENTWISE) - OTHER) + sorted(set(grammar.REDUCTIONS) | set(grammar.SORTING))


@pytest.mark.parametrize("name", PER_ROW)
def test_each_function_of_the_language_may_run_over_the_entries_of_a_row(name: str) -> None:
    function = getattr(jnp, name)
    over_entries = name in grammar.REDUCTIONS or name in grammar.SORTING

    def use(x, v, p):
        made = function(x, axis=-1) if over_entries else function(x, p) if name in BINARY.split() else function(x)
        return made if made.ndim == 1 else made[..., 0]

    assert rules_of_rows(use) == []


HONEST: dict[str, Row] = {
    "shapes": lambda x, v, p: jnp.zeros(x.shape[0]) + jnp.full((x.shape[0],), p) + jnp.ones_like(v) + jnp.ones(v.shape),
    "reshape": lambda x, v, p: x.reshape(x.shape[0], -1, 3).sum(axis=(1, 2)),
    "reshape from -1": lambda x, v, p: x.reshape(-1, 2, 3)[..., 0].max(axis=-1),
    "column": lambda x, v, p: v.reshape(-1, 1)[:, 0] + jnp.squeeze(v[:, None], -1) + v.ravel(),
    "stack": lambda x, v, p: jnp.mean(jnp.stack([v, 2 * v, x[..., 1]]), axis=0) + jnp.stack([v, v], axis=-1)[..., 1],
    "concatenate": lambda x, v, p: jnp.concatenate([x, v[:, None]], axis=-1).min(axis=-1),
    "einsum": lambda x, v, p: jnp.einsum("ni,ij,nj->n", x, jnp.eye(6), x),
    "product": lambda x, v, p: (x @ jnp.ones((6, 2)))[..., 0] + jnp.dot(x, jnp.arange(6.0)),
    "matrices": lambda x, v, p: jnp.trace(x[:, :, None] * x[:, None, :], axis1=1, axis2=2),
    "slices": lambda x, v, p: x[:, 1:4].sum(-1) + x[..., ::2].sum(-1) + x[..., ::-1][..., 0] + x[:, -1] + x[:][..., 0],
    "entries": lambda x, v, p: x[:, [0, 2]].sum(-1) + jnp.take(x, jnp.array([1, 2]), axis=-1)[..., 0],
    "entry of each row": lambda x, v, p: jnp.take_along_axis(x, jnp.argmax(x, axis=-1)[:, None], axis=-1)[:, 0],
    "table": lambda x, v, p: jnp.arange(5.0)[jnp.clip(v, 0, 4).astype(jnp.int32)],
    "roll": lambda x, v, p: jnp.abs(x - jnp.roll(x, 1, axis=-1)).sum(axis=-1) + jnp.diff(x, axis=-1)[..., 0],
    "transposed": lambda x, v, p: (x.T * v).T[..., 0] + x.T[1] + jnp.moveaxis(x, -1, 0).sum(axis=0),
    "numbered entries": lambda x, v, p: jnp.sum(x * jnp.arange(6) * jnp.linspace(0, 1, 6), axis=-1) / x.shape[-1],
    "broadcast": lambda x, v, p: jnp.broadcast_to(v[:, None], (x.shape[0], 6)).sum(-1) + jnp.tile(x, (1, 2))[..., 7],
    "choices": lambda x, v, p: jnp.where(v > p, v, jnp.select([v > 1.0, v > 0.5], [v, 2 * v], 0.0)),
    "statistics": lambda x, v, p: jnp.median(x, axis=-1) + jnp.var(x, axis=-1) + jnp.linalg.norm(x, axis=-1),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_idiom_passes(name: str) -> None:
    assert rules_of_rows(HONEST[name]) == []


MIXES: dict[str, Row] = {
    "mean": lambda x, v, p: v - jnp.mean(v),
    "sum of ones": lambda x, v, p: v + jnp.sum(jnp.ones_like(v)),
    "count": lambda x, v, p: v + jnp.count_nonzero(v > -1e9),
    "rare maximum": lambda x, v, p: v + jnp.where(jnp.max(v) > 40.0, 1.0, 0.0),
    "first row": lambda x, v, p: v + x[0, 0],
    "last row": lambda x, v, p: v + x[-1, 0],
    "row by a constant index": lambda x, v, p: v + jnp.take(v, jnp.array([0]))[0],
    "row by a computed index": lambda x, v, p: jnp.take(v, jnp.clip(v, 0, 1).astype(jnp.int32)),
    "row index": lambda x, v, p: v + jnp.arange(v.shape[0]),
    "running sum": lambda x, v, p: jnp.cumsum(v),
    "order": lambda x, v, p: jnp.argsort(v).astype(jnp.float32),
    "sorted": lambda x, v, p: jnp.sort(x, axis=0)[:, 0],
    "flip": lambda x, v, p: v[::-1],
    "roll": lambda x, v, p: jnp.roll(v, 1),
    "shifted": lambda x, v, p: jnp.concatenate([v[1:], v[:1]]),
    "product of rows": lambda x, v, p: v @ x @ jnp.ones(6) * v,
    "square matrix": lambda x, v, p: (x @ x.T).sum(axis=-1),
    "pairs": lambda x, v, p: (v[:, None] - v[None, :]).sum(axis=-1),
    "tile and cut": lambda x, v, p: jnp.tile(v, 2)[: v.shape[0]],
    "repeat and cut": lambda x, v, p: jnp.repeat(v, 2)[: v.shape[0]],
    "reshape across rows": lambda x, v, p: x.reshape(6, -1)[0],
    "transposed reshape": lambda x, v, p: x.T.reshape(-1, 6)[:, 0],
    "merged": lambda x, v, p: jnp.sum(x.ravel()) + v,
    "difference": lambda x, v, p: jnp.diff(jnp.concatenate([v, v[-1:]])),
    "norm of the batch": lambda x, v, p: v / jnp.linalg.norm(v),
    "size": lambda x, v, p: v + x.size,
    "size in a condition": lambda x, v, p: jnp.where(jnp.full_like(v, x.shape[0]) < 2.0, 1.0, v),
    "size divided": lambda x, v, p: v + x.shape[0] // 1000,
    "shape of a multiple": lambda x, v, p: v + 0.0 * jnp.zeros(x.shape[0] * 3)[0],
    "eye": lambda x, v, p: jnp.eye(v.shape[0]) @ v,
    "average": lambda x, v, p: v - jnp.average(v, weights=jnp.ones_like(v)),
    "any": lambda x, v, p: jnp.where(jnp.any(v > 1e6), 1.0, v),
    "contraction": lambda x, v, p: v + jnp.einsum("ni,n->i", x, v)[0],
    "vdot": lambda x, v, p: v + jnp.vdot(v, v),
}


@pytest.mark.parametrize("name", MIXES)
def test_rows_that_depend_on_each_other_or_on_their_number_are_refused(name: str) -> None:
    assert set(rules_of_rows(MIXES[name])) & {"program.rows", "program.batch_size"}


EPISODES_HONEST: dict[str, Episode] = {
    "masked mean": lambda x, v, valid: jnp.sum(v * valid, axis=0) / jnp.maximum(jnp.sum(valid, axis=0), 1.0),
    "last step": lambda x, v, valid: jnp.take_along_axis(
        v, jnp.maximum(jnp.sum(valid, axis=0) - 1, 0).astype(jnp.int32)[None], axis=0
    )[0],
    "numbered steps": lambda x, v, valid: jnp.sum(jnp.arange(v.shape[0])[:, None] * valid, axis=0),
    "running sum": lambda x, v, valid: jnp.max(jnp.cumsum(v * valid, axis=0), axis=0),
    "window": lambda x, v, valid: jnp.min(jnp.where(valid > 0, v, 9.0)[-4:], axis=0) + v[0],
    "changes": lambda x, v, valid: jnp.sum(jnp.abs(x[1:] - x[:-1])[..., 0] * valid[1:], axis=0),
    "flip": lambda x, v, valid: jnp.sum(v[::-1] * valid, axis=0) + jnp.flip(v, axis=0)[0],
    "median": lambda x, v, valid: jnp.median(v, axis=0) + jnp.sort(x[..., 0], axis=0)[3],
}
EPISODES_MIXED: dict[str, Episode] = {
    "size": lambda x, v, valid: v[0] + v.shape[1] // 7,
    "best of all": lambda x, v, valid: jnp.max(v) - v[0],
    "first episode": lambda x, v, valid: v[0] + v[0, 0],
    "reduced over episodes": lambda x, v, valid: v[0] - jnp.mean(v, axis=1)[0],
    "number of the episode": lambda x, v, valid: jnp.arange(v.shape[1]) * valid[0],
    "running over episodes": lambda x, v, valid: jnp.cumsum(v, axis=1)[0],
    "sorted over episodes": lambda x, v, valid: jnp.sort(v, axis=1)[0],
    "reshaped": lambda x, v, valid: v.reshape(-1, v.shape[0])[:, 0],
    "steps of others": lambda x, v, valid: v.reshape(v.shape[1], v.shape[0])[:, 0],
}


@pytest.mark.parametrize("name", EPISODES_HONEST)
def test_an_honest_metric_passes(name: str) -> None:
    assert rules_of_episodes(EPISODES_HONEST[name]) == []


@pytest.mark.parametrize("name", EPISODES_MIXED)
def test_episodes_that_depend_on_each_other_or_on_their_number_are_refused(name: str) -> None:
    assert set(rules_of_episodes(EPISODES_MIXED[name])) & {"program.rows", "program.batch_size"}


UNARY = st.sampled_from((jnp.tanh, jnp.abs, jnp.square, jnp.cos, lambda v: jnp.exp(-jnp.abs(v)), lambda v: -v))
JOIN = st.sampled_from((jnp.add, jnp.multiply, jnp.maximum, lambda a, b: jnp.where(a > b, a, b), jnp.arctan2))
LEAF = st.sampled_from(
    (
        lambda x, v, p: v,
        lambda x, v, p: x[..., 2],
        lambda x, v, p: jnp.sum(x, axis=-1),
        lambda x, v, p: jnp.full_like(v, 0.5) * p,
        lambda x, v, p: x.reshape(x.shape[0], 2, 3)[:, 1, 0],
        lambda x, v, p: jnp.max(jnp.cumsum(x, axis=-1), axis=-1),
        lambda x, v, p: jnp.zeros(x.shape[0]),
    )
)
DEPENDENCE = st.sampled_from(
    (
        lambda x, v, p: x.shape[0],
        lambda x, v, p: x.size,
        lambda x, v, p: x.shape[0] // 1000,
        lambda x, v, p: 1.0 / x.shape[0],
        lambda x, v, p: jnp.sum(jnp.ones_like(v)),
        lambda x, v, p: jnp.sum(jnp.zeros(x.shape[:1]) + 1.0),
        lambda x, v, p: jnp.arange(x.shape[0]),
        lambda x, v, p: jnp.max(x, axis=0)[0],
        lambda x, v, p: jnp.cumsum(jnp.ones_like(v)),
        lambda x, v, p: jnp.prod(jnp.full_like(v, 2.0)),
        lambda x, v, p: jnp.mean(x),
        lambda x, v, p: v[0],
        lambda x, v, p: v[::-1],
        lambda x, v, p: jnp.sort(v),
        lambda x, v, p: jnp.dot(v, v),
    )
)
HIDE = st.sampled_from(
    (
        lambda v, d: v + d,
        lambda v, d: jnp.where(jnp.asarray(d) > 3000.0, 1.0, v),
        lambda v, d: v + 1e-9 * jnp.asarray(d, jnp.float32),
        lambda v, d: v * jnp.where(jnp.full_like(v, 1.0) * d < 2.0, 2.0, 1.0),
        lambda v, d: jnp.maximum(v, jnp.clip(jnp.asarray(d, jnp.float32) - 1e6, 0.0, 1.0)),
    )
)


def _grown(draw: st.DrawFn, depth: int) -> Row:
    """A random program whose rows are apart."""
    if depth == 0:
        return draw(LEAF)
    if draw(st.booleans()):
        outer, inner = draw(UNARY), _grown(draw, depth - 1)
        return lambda x, v, p: outer(inner(x, v, p))
    join, left, right = draw(JOIN), _grown(draw, depth - 1), _grown(draw, depth - 1)
    return lambda x, v, p: join(left(x, v, p), right(x, v, p))


@st.composite
def programs(draw: st.DrawFn) -> Row:
    return _grown(draw, draw(st.integers(0, 3)))


@settings(max_examples=25, deadline=None)
@given(program=programs())
def test_generated_programs_with_rows_apart_pass(program: Row) -> None:
    assert rules_of_rows(program) == []


@settings(max_examples=25, deadline=None)
@given(before=programs(), after=UNARY, dependence=DEPENDENCE, hide=HIDE)
def test_generated_programs_that_depend_on_the_batch_are_refused(
    before: Row, after: Row, dependence: Row, hide: Row
) -> None:
    def program(x, v, p):
        return after(hide(before(x, v, p), dependence(x, v, p)))

    assert set(rules_of_rows(program)) & {"program.rows", "program.batch_size"}
