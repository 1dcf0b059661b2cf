"""The arrays of a program: numpy computes with them as jax does, and Python sees the same of both."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.reward.arrays import (
    ARITHMETIC,
    METHODS,
    ORDER,
    SINGLE,
    Array,
    Engine,
    Members,
    NumpyEngine,
    PlainNumberError,
    RowsError,
    TruthError,
    plain,
)
from autoreward.reward.language import grammar
from autoreward.reward.sandbox.jax_engine import JaxEngine
from tests.thorough import every

ROWS = 7
FLOATS = np.float32([0.0, 1.0, -1.0, 0.5, 2.0, -2.5, 1e-30, 1e30, 3e37, np.inf, -np.inf, np.nan, 0.1, -7.5, 1e-6, 3])
VALUES: dict[str, Any] = {
    "floats": FLOATS,
    "integers": np.int32([0, 1, -1, 2, 3, -7, 100, 5]),
    "truths": np.array([True, False]),
    "a float": 1.5, "an integer": 3, "a truth": True, "below zero": -2, "zero": 0.0,
}  # fmt: skip
PAIRS = every(3, list(product(VALUES, VALUES)), [f"{one}-{other}" for one, other in product(VALUES, VALUES)])
TABLES: dict[str, Any] = {
    "floats": np.float32(
        [[0, 0, 1, 2], [3, 3, -1, 0.5], [np.nan, 1, 2, 3], [np.inf, 1, -np.inf, 2], [3e38, 3e38, 1, 1]]
    ),
    "integers": np.int32([[1, 2, 2, -5], [7, 7, 0, 1]]),
    "truths": np.array([[True, False, True, True], [False] * 4]),
}  # fmt: skip
UNARY = (
    "absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh deg2rad degrees exp exp2 expm1 fabs "
    "floor isfinite isinf isnan log log10 log1p log2 logical_not nan_to_num negative positive rad2deg radians "
    "reciprocal rint round sign sin sinc sinh sqrt square tan tanh trunc ones_like zeros_like atleast_1d asarray array"
)
BINARY = (
    "add arctan2 copysign divide equal fmax fmin greater greater_equal heaviside hypot isclose less less_equal "
    "logaddexp logical_and logical_or logical_xor maximum minimum multiply not_equal power subtract true_divide"
)
DIVISIONS = "floor_divide fmod mod remainder"
ALONG_AXIS = (
    "all amax amin any argmax argmin argsort average count_nonzero cumprod cumsum diff flip max mean median min prod "
    "ptp sort std sum var"
)


def compared(calls: Mapping[str, Callable[..., Any]], *values: Any) -> None:
    """Calls give the same dtypes, shapes and numbers by both engines, where jax takes them at all; compiled as one."""
    arrays = [value for value in values if _is_array(value)]

    def traced(*given: Any) -> Any:
        engine, left = JaxEngine(), iter(given)
        wrapped = [engine.wrapped(next(left)) if _is_array(value) else value for value in values]
        return {
            name: plain(made) for name, call in calls.items() if (made := _tried(call, engine, wrapped)) is not None
        }

    expected = jax.jit(traced)(*arrays)
    engine = NumpyEngine(ROWS)
    wrapped = [engine.wrapped(value) if _is_array(value) else value for value in values]
    for name, array in expected.items():
        with np.errstate(all="ignore"):
            seen = plain(calls[name](engine, *wrapped))
        assert (seen.dtype, seen.shape) == (array.dtype, array.shape), (name, values)
        np.testing.assert_allclose(seen, np.asarray(array), rtol=2e-5, atol=1e-30, err_msg=f"{name} of {values}")


def _tried(call: Callable[..., Any], engine: Engine, values: Sequence[Any]) -> Any:
    try:
        return call(engine, *values)
    except (TypeError, ValueError, NotImplementedError):
        return None  # no program gets so far


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _functions(names: Iterable[str]) -> dict[str, Callable[..., Any]]:
    return {name: lambda engine, *given, name=name: engine.call(name, *given) for name in names}


def _operators(names: Iterable[str]) -> dict[str, Callable[..., Any]]:
    return {f"operator {name}": lambda engine, *given, name=name: engine.operate(name, *given) for name in names}


@pytest.mark.parametrize("kind", ["floats", "integers", "truths", "a float", "an integer", "a truth"])
def test_functions_of_one_array(kind: str) -> None:
    compared(_functions(UNARY.split()), VALUES[kind])


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_functions_of_two_arrays(one: str, other: str) -> None:
    names = [name for name in [*BINARY.split(), *DIVISIONS.split()] if not _undefined(name, one, other)]
    compared(_functions(names), *_crossed(VALUES[one], VALUES[other]))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_operators(one: str, other: str) -> None:
    names = [name for name in [*ARITHMETIC.values(), *ORDER.values()] if not _undefined(name, one, other)]
    if _is_array(VALUES[one]) or _is_array(VALUES[other]):
        compared(_operators(names), *_crossed(VALUES[one], VALUES[other]))


def _undefined(name: str, one: str, other: str) -> bool:
    """Integers divided by 0 or raised to a power, which the proof refuses; a bool divided by a constant 0."""
    whole = "float" not in one + other and "zero" not in (one, other)
    return (name in [*DIVISIONS.split(), "power"] and whole) or (other == "zero" and "float" not in one)


def _crossed(one: Any, other: Any) -> tuple[Any, Any]:
    return (one[:, None], other[None]) if _is_array(one) and _is_array(other) else (one, other)


@pytest.mark.parametrize("kind", TABLES)
def test_signs(kind: str) -> None:
    compared(_operators(SINGLE.values()), TABLES[kind])


@pytest.mark.parametrize("kind", TABLES)
def test_reductions(kind: str) -> None:
    calls: dict[str, Callable[..., Any]] = {}
    for name in ALONG_AXIS.split():
        calls[f"{name}, last axis"] = lambda engine, x, name=name: engine.call(name, x, axis=-1)
        calls[f"{name}, first axis"] = lambda engine, x, name=name: engine.call(name, x, 0)
        calls[f"{name}, kept"] = lambda engine, x, name=name: engine.call(name, x, axis=-1, keepdims=True)
        calls[f"{name}, of all"] = lambda engine, x, name=name: engine.call(name, x)
        if name in METHODS:
            calls[f"method {name}"] = lambda engine, x, name=name: engine.method(name, x, axis=-1)
    compared(calls, TABLES[kind])


@pytest.mark.parametrize("kind", [*TABLES, "wide"])
def test_casts(kind: str) -> None:
    wide = np.float32([[2147483500, -2147483500, 1e20, -1e20], [np.nan, np.inf, -np.inf, 2.9]])
    calls: dict[str, Callable[..., Any]] = {}
    for dtype in ("float32", "int32", "bool_"):
        calls[f"astype {dtype}"] = lambda engine, x, dtype=dtype: x.astype(engine.member(dtype))
        calls[f"asarray {dtype}"] = lambda engine, x, dtype=dtype: engine.call("asarray", x, dtype=engine.member(dtype))
        calls[f"call {dtype}"] = lambda engine, x, dtype=dtype: engine.member(dtype)(x)
        calls[f"full {dtype}"] = lambda engine, x, dtype=dtype: engine.call("full", x.shape, x, engine.member(dtype))
        if kind != "wide":
            for name, axes in (("sum", (-1,)), ("cumsum", (-1,)), ("mean", (-1,)), ("trace", (0, -2, -1))):
                calls[f"{name} {dtype} by place"] = lambda engine, x, name=name, axes=axes, dtype=dtype: engine.call(
                    name, x[..., None, None] if name == "trace" else x, *axes, engine.member(dtype)
                )
            calls[f"sum {dtype}"] = lambda engine, x, dtype=dtype: x.sum(axis=-1, dtype=engine.member(dtype))
    for python in (float, int, bool, "float32"):
        calls[f"astype {python}"] = lambda engine, x, python=python: x.astype(python)
    compared(calls, TABLES.get(kind, wide))


JOINING: dict[str, Callable[..., Any]] = {
    **{name: lambda engine, x, y, name=name: engine.call(name, [x, y])
       for name in ("stack", "concatenate", "hstack", "vstack", "column_stack", "array")},
    **{name: lambda engine, x, y, name=name: engine.call(name, x[0], y[0] if isinstance(y, Array) else y)
       for name in ("dot", "inner", "matmul", "outer", "vdot")},
    "cross": lambda engine, x, y: engine.call("cross", x[0, :3], y[0, :3]),
    "einsum": lambda engine, x, y: engine.call("einsum", "ni,ni->n", x, y),
    "tensordot": lambda engine, x, y: engine.call("tensordot", x[0], y[0], 1),
    "where": lambda engine, x, y: engine.call("where", x > 0, x, y),
    "select": lambda engine, x, y: engine.call("select", [x > 0, x < -1], [x, y]),
    "select with default": lambda engine, x, y: engine.call("select", [x > 0, x < -1], [x, y], 0.5),
    "clip": lambda engine, x, y: engine.call("clip", x, 0, y),
    "clip from below": lambda engine, x, y: engine.call("clip", x, y),
    "method clip": lambda engine, x, y: x.clip(-1, y),
}  # fmt: skip


@pytest.mark.parametrize("one", TABLES)
@pytest.mark.parametrize("other", [*TABLES, "a float", "an integer", "a truth"])
def test_what_joins_arrays_finds_their_common_dtype(one: str, other: str) -> None:
    compared(JOINING, TABLES[one][:2], TABLES[other][:2] if other in TABLES else VALUES[other])


OTHERS: dict[str, Callable[..., Any]] = {
    **{f"average {w}": lambda engine, x, w=w: engine.call("average", x, axis=-1, weights=engine.call("array", w))
       for w in ((1, 2, 3, 4), (0.0, 0, 0, 0), (1.0, -1, 0, 0))},
    **{f"norm {order}": lambda engine, x, order=order: engine.call("linalg.norm", x, ord=order, axis=-1)
       for order in (None, 1, 2)},
    "nan_to_num": lambda engine, x: engine.call("nan_to_num", x, nan=1.5, posinf=3.5, neginf=2),
    "round": lambda engine, x: engine.call("round", x, 1),
    "full_like by array": lambda engine, x: engine.call("full_like", engine.call("argsort", x, axis=-1), x > 1),
    "full_like": lambda engine, x: engine.call("full_like", x, 2.5),
    "take_along_axis": lambda engine, x: engine.call("take_along_axis", x, engine.call("argsort", x, axis=-1), axis=-1),
    "trace": lambda engine, x: engine.call("trace", x),
    "sum from": lambda engine, x: engine.call("sum", x, axis=-1, initial=1.5),
    "max where": lambda engine, x: engine.call("max", x, axis=-1, initial=0, where=x > 1),
    "roll and repeat": lambda engine, x: engine.call("repeat", engine.call("roll", x, 1, axis=-1), 2, axis=-1),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_other_functions(kind: str) -> None:
    compared(OTHERS, TABLES[kind])


MADE: dict[str, Callable[[Any], Any]] = {
    "arange": lambda jnp: jnp.arange(3), "arange of floats": lambda jnp: jnp.arange(0.0, 1.0, 0.25),
    "linspace": lambda jnp: jnp.linspace(0, 1, 5), "eye": lambda jnp: jnp.eye(3),
    "zeros": lambda jnp: jnp.zeros((2, 3)),
    "ones": lambda jnp: jnp.ones(3, float), "full of truth": lambda jnp: jnp.full((2,), True),
    "full": lambda jnp: jnp.full(2, 3), "full by name": lambda jnp: jnp.full((2,), fill_value=1e39),
    "array": lambda jnp: jnp.array([[1, 2.5], [True, 4]]), "array of truth": lambda jnp: jnp.array([True, 2]),
    "array of a range": lambda jnp: jnp.array(range(3)), "stack of ranges": lambda jnp: jnp.array([range(2), range(2)]),
    "whole numbers": lambda jnp: jnp.linspace(0, 7, 4, dtype=jnp.int32),
    "linspace of NaN": lambda jnp: jnp.linspace(jnp.sqrt(jnp.float32(-1)), jnp.float32(3), 3, dtype="int32"),
    "array of a rank": lambda jnp: jnp.array([1, 2], ndmin=2),
    "huge": lambda jnp: jnp.array(1e39), "float32": lambda jnp: jnp.float32(3), "int32": lambda jnp: jnp.int32(3.7),
    "bool_": lambda jnp: jnp.bool_(3.7), "arange float": lambda jnp: jnp.arange(3, dtype=float),
    "zeros of int": lambda jnp: jnp.zeros(3, int), "norm": lambda jnp: jnp.linalg.norm(jnp.ones(4)),
}  # fmt: skip


def test_arrays_that_are_made() -> None:
    compared({name: lambda engine, call=call: call(Members(engine)) for name, call in MADE.items()})


def seen_by_python(engine: Engine, array: Any, call: Callable[[Any], Any]) -> Any:
    """What a program learns from an array in Python: a value, or the type of what is raised."""
    try:
        made = call(engine.wrapped(array))
    except (TypeError, IndexError) as error:
        return type(error)
    return (made.ndim, str(made.dtype)) if isinstance(made, Array) else made


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (bool, TruthError), (lambda x: x == x, (2, "bool")), (lambda x: x in [x], True),
        (lambda x: 1.0 in x, TypeError),
        (lambda x: x[0] in [1.0], TruthError), (lambda x: 1 if x[0, 0] else 2, TruthError), (hash, TypeError),
        (float, PlainNumberError), (int, PlainNumberError), (round, PlainNumberError), (str, PlainNumberError),
        (lambda x: f"{x}", PlainNumberError), (lambda x: [1, 2][x[0, 0]], PlainNumberError),
        (len, RowsError), (list, RowsError), (max, RowsError), (sum, RowsError), (lambda x: len(x[0]), 3),
        (lambda x: x.size, RowsError), (lambda x: x[0].size, 3), (lambda x: x.ndim, 2), (lambda x: x.shape[1], 3),
        (lambda x: x.shape[0] == 7, RowsError), (lambda x: x.shape[0] == x[:, 0].shape[0], True),
        (lambda x: x.shape == x[:, :2].shape, False), (lambda x: x.shape[0] in (7, 8), RowsError),
        (lambda x: {x.shape[0]: 1}, RowsError), (lambda x: x.shape[0] % 2, RowsError),
        (lambda x: -x.shape[0], RowsError),
        (lambda x: x.shape[0] < 8, RowsError), (lambda x: bool(x.shape[0]), RowsError),
        (lambda x: range(x.shape[0]), RowsError),
        (lambda x: f"{x.shape[0]}", RowsError), (lambda x: "a" * x.shape[0], RowsError),
        (lambda x: x * x.shape[0], RowsError),
        (lambda x: x.dtype == (x > 0).dtype, False), (lambda x: str(x.dtype), "float32"),
        (lambda x: x.dtype == (2 * x).dtype, True), (lambda x: x - [1.0], TypeError), (lambda x: x + None, TypeError),
        (lambda x: x.reshape(x.shape[0], 3, 1), (3, "float32")), (lambda x: x @ x[0], (1, "float32")),
    ],
)  # fmt: skip
def test_python_sees_the_same_of_both(call: Callable[[Any], Any], expected: Any) -> None:
    found = []

    def traced(array: Any) -> Any:
        found.append(seen_by_python(JaxEngine(), array, call))
        return array

    (rows,) = jax.export.symbolic_shape("b")
    jax.eval_shape(traced, jax.ShapeDtypeStruct((rows, 3), jnp.float32))
    assert [seen_by_python(NumpyEngine(ROWS), np.ones((ROWS, 3), np.float32), call), *found] == [expected, expected]


def test_arrays_cannot_be_assigned() -> None:
    array = NumpyEngine(ROWS).wrapped(np.ones(3, np.float32))
    with pytest.raises(TypeError, match="item assignment"):
        array[0] = 1.0  # type: ignore[index]


@pytest.mark.parametrize("engine", [NumpyEngine(ROWS), JaxEngine()])
def test_every_member_of_the_language_is_there(engine: Engine) -> None:
    for name in grammar.JNP_MEMBERS - {"newaxis"}:
        assert engine.member(name) is not None
    assert METHODS >= grammar.ARRAY_METHODS
