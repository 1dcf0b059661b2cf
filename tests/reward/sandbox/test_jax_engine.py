"""Traced arrays: the operations of jax itself, and sizes that are numbers or the number of rows."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.reward.arrays import Rows, RowsError, plain
from autoreward.reward.sandbox.jax_engine import BATCH, JaxEngine


def test_a_size_is_a_number_or_the_number_of_rows() -> None:
    (rows,) = jax.export.symbolic_shape(BATCH)
    assert isinstance(JaxEngine().size(rows), Rows) and JaxEngine().size(3) == 3
    with pytest.raises(RowsError):
        JaxEngine().size(2 * rows)


def test_a_program_becomes_the_operations_that_jax_itself_would_make() -> None:
    """Digests of compiled programs stay what they are: the arrays of a program leave no trace in them."""

    def ours(array: jax.Array) -> jax.Array:
        engine = JaxEngine()
        x = engine.wrapped(array)
        made = -(x[..., 0] ** 2) / (1 + x[..., :2].sum(axis=-1)) + engine.call("where", x > 0, x, 0.5)[..., 1]
        return plain(made)  # type: ignore[no-any-return]

    def theirs(x: jax.Array) -> jax.Array:
        return -(x[..., 0] ** 2) / (1 + x[..., :2].sum(axis=-1)) + jnp.where(x > 0, x, 0.5)[..., 1]

    example = jnp.ones((4, 3))
    assert str(jax.make_jaxpr(ours)(example)) == str(jax.make_jaxpr(theirs)(example))


@pytest.mark.parametrize(
    "index", [(..., 3), (..., -4), (4,), 4, (None, 4), (0, 3), ([0, 4], 0), (..., [0, 3]), (slice(None), None, 3)]
)
def test_a_place_that_an_axis_does_not_have_is_refused_as_numpy_does(index: Any) -> None:
    """jax takes the nearest entry, and a metric has no twin that would notice."""
    with pytest.raises(IndexError, match="out of bounds"):
        np.ones((4, 3))[index]
    with pytest.raises(IndexError, match="out of bounds"):
        JaxEngine().entries(JaxEngine().wrapped(jnp.ones((4, 3))), index)


@pytest.mark.parametrize("index", [(..., 2), (..., -3), 3, (None, 3), (..., None, 0), (slice(0, 99), 0), (0, ..., 2)])
def test_other_places_are_taken(index: Any) -> None:
    array = np.arange(12.0, dtype=np.float32).reshape(4, 3)
    np.testing.assert_array_equal(
        plain(JaxEngine().entries(JaxEngine().wrapped(jnp.asarray(array)), index)), array[index]
    )
