"""torch computes what numpy computes, for every function of the reward language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoreward.reward.arrays import ARITHMETIC, METHODS, ORDER, SINGLE, Engine, Members, NumpyEngine, plain
from autoreward.reward.language import grammar

torch = pytest.importorskip("torch")

from autoreward.export.targets.torch_arrays import TorchEngine  # noqa: E402  torch is no dependency

ROWS = 5
RNG = np.random.default_rng(3)
FLOATS = RNG.normal(size=(ROWS, 4)).astype(np.float32)
OTHERS = RNG.uniform(0.1, 2.0, size=(ROWS, 4)).astype(np.float32)
WHOLE = RNG.integers(-4, 5, size=(ROWS, 4)).astype(np.int32)
TRUTHS = FLOATS > 0
POSITIVE = "arccosh log log10 log2 sqrt"
INSIDE = "arccos arcsin arctanh log1p"
BINARY = [
    "add",
    "arctan2",
    "copysign",
    "divide",
    "equal",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "isclose",
    "less",
    "less_equal",
    "logaddexp",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "not_equal",
    "power",
    "remainder",
    "subtract",
    "true_divide",
]
SPECIAL: dict[str, Callable[[Any, Any, Any], Any]] = {
    "arange": lambda np_, x, y: np_.arange(5),
    "asarray": lambda np_, x, y: np_.asarray([x[..., 0], y[..., 1]]),
    "array": lambda np_, x, y: np_.array([[1, 2], [3, 4]]),
    "bool_": lambda np_, x, y: x.astype(np_.bool_),
    "broadcast_to": lambda np_, x, y: np_.broadcast_to(x[..., :1], x.shape),
    "clip": lambda np_, x, y: np_.clip(x, -0.5, y),
    "column_stack": lambda np_, x, y: np_.column_stack([x[..., 0], y[..., 1]]),
    "concatenate": lambda np_, x, y: np_.concatenate([x, y, x.astype(np_.int32)], axis=-1),
    "cross": lambda np_, x, y: np_.cross(x[..., :3], np_.asarray((0.0, 1.0, 2.0))),
    "dot": lambda np_, x, y: np_.dot(x, y[0]),
    "einsum": lambda np_, x, y: np_.einsum("ij,ij->i", x, y),
    "expand_dims": lambda np_, x, y: np_.expand_dims(x, (0, -1)),
    "eye": lambda np_, x, y: np_.eye(3),
    "float32": lambda np_, x, y: (x > 0).astype(np_.float32),
    "full": lambda np_, x, y: np_.full(x.shape, 2.5),
    "full_like": lambda np_, x, y: np_.full_like(x, 2),
    "hstack": lambda np_, x, y: np_.hstack([x, y]),
    "inner": lambda np_, x, y: np_.inner(x, y[0]),
    "int32": lambda np_, x, y: (10.0 * x).astype(np_.int32),
    "linspace": lambda np_, x, y: np_.linspace(0.0, 1.0, 4),
    "matmul": lambda np_, x, y: np_.matmul(x, np_.transpose(y)),
    "moveaxis": lambda np_, x, y: np_.moveaxis(x, 0, -1),
    "newaxis": lambda np_, x, y: x[np_.newaxis, ..., None],
    "ones": lambda np_, x, y: np_.ones((2, 3)),
    "outer": lambda np_, x, y: np_.outer(x[0], y[0]),
    "repeat": lambda np_, x, y: np_.repeat(x, 2, axis=-1),
    "reshape": lambda np_, x, y: np_.reshape(x, (-1, 2)),
    "roll": lambda np_, x, y: np_.roll(x, 1, axis=-1),
    "round": lambda np_, x, y: np_.round(x, 1),
    "select": lambda np_, x, y: np_.select([x > 0, x > -0.5], [x, y], 3.0),
    "stack": lambda np_, x, y: np_.stack([x[..., 0], y[..., 0]], axis=-1),
    "swapaxes": lambda np_, x, y: np_.swapaxes(x, 0, 1),
    "take": lambda np_, x, y: np_.take(x, np_.asarray([0, 2]), axis=-1),
    "take_along_axis": lambda np_, x, y: np_.take_along_axis(x, np_.argsort(y, axis=-1), axis=-1),
    "tensordot": lambda np_, x, y: np_.tensordot(x, y, axes=((1,), (1,))),
    "tile": lambda np_, x, y: np_.tile(x, (1, 2)),
    "trace": lambda np_, x, y: np_.trace(x),
    "transpose": lambda np_, x, y: np_.transpose(x),
    "vdot": lambda np_, x, y: np_.vdot(x, y),
    "vstack": lambda np_, x, y: np_.vstack([x, y]),
    "where": lambda np_, x, y: np_.where(x > 0, x, 0.0),
    "zeros": lambda np_, x, y: np_.zeros((*x.shape[:-1], 3)),
    "atleast_1d": lambda np_, x, y: np_.atleast_1d(x),
}  # fmt: skip
ALONG = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "average",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "diff",
    "flip",
    "max",
    "mean",
    "median",
    "min",
    "prod",
    "ptp",
    "sort",
    "std",
    "sum",
    "var",
]
INDICES: tuple[Any, ...] = (
    0, (..., 0), (..., slice(None, None, -1)), (slice(None, None, -2), 1), (None, slice(1, 3)),
    ([0, 2], slice(1, None)),
)  # fmt: skip


def same(call: Callable[[Engine], Any]) -> None:
    """A call gives the same dtype, shape and numbers by both engines."""
    with np.errstate(all="ignore"):
        expected = plain(call(NumpyEngine(ROWS)))
    seen = plain(call(TorchEngine(ROWS)))
    assert str(seen.dtype).removeprefix("torch.") == str(expected.dtype), (seen.dtype, expected.dtype)
    assert tuple(seen.shape) == expected.shape
    np.testing.assert_allclose(seen.numpy(), expected, rtol=1e-5, atol=1e-6)


def _wrapped(engine: Engine, values: Any) -> Any:
    return engine.wrapped(torch.from_numpy(values.copy()) if isinstance(engine, TorchEngine) else values)


@pytest.mark.parametrize("name", sorted(grammar.JNP_MEMBERS - {"e", "inf", "nan", "pi"}))
def test_every_function(name: str) -> None:
    values = OTHERS + 1.0 if name in POSITIVE.split() else FLOATS / 8.0 if name in INSIDE.split() else FLOATS

    def call(engine: Engine) -> Any:
        one, other = _wrapped(engine, values), _wrapped(engine, OTHERS)
        if name in SPECIAL:
            return SPECIAL[name](Members(engine), one, other)
        if name in ALONG:
            return engine.call(name, one, axis=-1)
        return engine.call(name, *([one, other] if name in BINARY else [one]))

    same(call)


@pytest.mark.parametrize("name", [name for name in ALONG if name not in ("flip",)])
def test_reductions_of_all_and_kept(name: str) -> None:
    if name not in ("argsort", "sort", "diff"):
        same(lambda engine: engine.call(name, _wrapped(engine, FLOATS)))
    if name in ("sum", "mean", "max", "min", "prod", "std", "var", "any", "all"):
        same(lambda engine: engine.call(name, _wrapped(engine, FLOATS), axis=(0, 1), keepdims=True))
        same(lambda engine: engine.method(name, _wrapped(engine, WHOLE), axis=-1))


@pytest.mark.parametrize("name", sorted({*ARITHMETIC.values(), *ORDER.values()} - {"matmul"}))
def test_operators(name: str) -> None:
    bits = name.startswith("bitwise")
    for other in (WHOLE, 2) if bits else (OTHERS, WHOLE, 2, 0.5):
        mine = WHOLE if bits or (name != "power" and other is WHOLE) else np.abs(FLOATS)
        if name in ("floor_divide", "remainder", "true_divide") and other is WHOLE:
            continue  # division by zero
        same(
            lambda engine, mine=mine, other=other: engine.operate(
                name, _wrapped(engine, mine), _wrapped(engine, other) if isinstance(other, np.ndarray) else other
            )
        )


@pytest.mark.parametrize("name", sorted(SINGLE.values()))
def test_signs(name: str) -> None:
    same(lambda engine: engine.operate(name, _wrapped(engine, TRUTHS if name == "invert" else FLOATS)))


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_entries(index: Any) -> None:
    same(lambda engine: engine.entries(_wrapped(engine, FLOATS), index))


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods(name: str) -> None:
    arguments: dict[str, tuple[Any, ...]] = {
        "clip": (-0.5, 0.5), "repeat": (2,), "reshape": (-1, 2), "swapaxes": (0, 1), "take": ([0, 1],), "dot": (2.0,),
    }  # fmt: skip
    given = arguments.get(name, ())
    if name == "astype":
        same(lambda engine: engine.method(name, _wrapped(engine, FLOATS), Members(engine).int32))
    else:
        same(lambda engine: engine.method(name, _wrapped(engine, FLOATS), *given))


def test_norms() -> None:
    for options in ({"axis": -1}, {"axis": -1, "keepdims": True}, {"ord": 1, "axis": -1}):
        same(lambda engine, options=options: engine.call("linalg.norm", _wrapped(engine, FLOATS), **options))
