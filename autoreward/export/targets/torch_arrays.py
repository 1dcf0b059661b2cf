"""Arrays of a program in torch, on the device of the simulation: what NumpyEngine of `reward.arrays` is in numpy.

It is never imported here: what stands below the line is copied into exported files, behind that of `reward.arrays`.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import operator
from typing import Any

import numpy
import torch

from autoreward.reward.arrays import DTYPE_PLACES, FLOATS, PLACES, SHAPE_METHODS, Array, Engine, Rows, operand, plain

# --- Arrays in torch -----------------------------------------------------------------------------------------

TORCH_KINDS = (torch.bool, torch.int32, torch.float32)  # of two, the one that stands later is what they have in common
DTYPES = {"b": torch.bool, "i": torch.int32, "u": torch.int32, "f": torch.float32}
RENAMED = {  # functions of numpy that torch has under another name
    "amax": "max", "amin": "min", "concat": "concatenate", "degrees": "rad2deg", "equal": "eq", "fabs": "abs",
    "invert": "bitwise_not", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge",
    "linalg.cross": "cross", "linalg.vector_norm": "linalg.norm", "mod": "remainder", "not_equal": "ne",
    "power": "pow", "radians": "deg2rad", "rint": "round",
}  # fmt: skip


def torch_kind(value: Any) -> int:
    """The place in TORCH_KINDS of all that a value holds."""
    if isinstance(value, torch.Tensor):
        return TORCH_KINDS.index(value.dtype)
    if isinstance(value, (list, tuple)):
        return max(map(torch_kind, value), default=0)
    if isinstance(value, complex):
        raise TypeError("complex numbers are not part of the reward language")
    return 2 if isinstance(value, float) else int(isinstance(value, int) and not isinstance(value, bool))


class TorchEngine(Engine):
    """torch with the names, dtypes and rules of numpy as programs know it.

    Args:
        rows: the number of rows of every batch.
        device: where new arrays are made.
    """

    def __init__(self, rows: int, device: Any = "cpu") -> None:
        self._rows, self._device = rows, device

    def prepare(self, rows: int, device: Any) -> None:
        """Batches of so many rows, on this device, from now on."""
        self._rows, self._device = rows, device

    def size(self, size: int) -> Any:
        return Rows(size) if size == self._rows else size

    def operate(self, name: str, *operands: Any) -> Array:
        return self.call(name, *[operand(value) for value in operands])

    def method(self, name: str, array: Any, *args: Any, **named: Any) -> Array:
        if name in ("reshape", "transpose") and args and not isinstance(args[0], (list, tuple)):
            args = (args,)
        return self.call(name, array, *args, **named)

    def call(self, name: str, *args: Any, **named: Any) -> Array:
        """What the function works on is brought to one dtype first, as XLA does."""
        given = [plain(value) for value in args]
        named = {key: self._plain_named(key, plain(value)) for key, value in named.items()}
        if name == "astype" or name in SHAPE_METHODS or name in ("array", "asarray"):
            return self.wrapped(self._function(name)(*given, **named))
        there = [place for place in PLACES.get(name, (0,)) if place < len(given)]
        kind = max([2 if name in FLOATS else 0, *[torch_kind(given[place]) for place in there]])
        for place in there:
            given[place] = self._of_kind(given[place], kind)
        if name in DTYPE_PLACES and len(given) > DTYPE_PLACES[name] and given[DTYPE_PLACES[name]] is not None:
            named["dtype"] = self._plain_named("dtype", given.pop(DTYPE_PLACES[name]))
        return self.wrapped(self._function(name)(*given, **named))

    def entries(self, array: Any, index: Any) -> Array:
        """`array[index]`; torch itself knows no slices backwards."""
        values, parts = plain(array), plain(index)
        parts = list(parts) if isinstance(parts, tuple) else [parts]
        dimension = 0
        for place, part in enumerate(parts):
            if part is Ellipsis:
                dimension = values.ndim - sum(1 for rest in parts[place + 1 :] if rest is not None)
                continue
            if isinstance(part, slice) and (part.step or 1) < 0:
                chosen = torch.tensor(range(values.shape[dimension])[part], dtype=torch.long, device=values.device)
                values, parts[place] = values.index_select(dimension, chosen), slice(None)
            elif isinstance(part, list):
                parts[place] = torch.tensor(part, dtype=torch.long, device=values.device)
            elif isinstance(part, torch.Tensor) and part.dtype == torch.int32:
                parts[place] = part.long()
            dimension += part is not None
        return self.wrapped(values[tuple(parts)])

    def wrapped(self, result: Any) -> Array:
        """A tensor, or numbers, as the program sees them: float32, int32 or bool."""
        if not isinstance(result, torch.Tensor):
            result = self._asarray(result)
        kind = 2 if result.dtype.is_floating_point else 0 if result.dtype == torch.bool else 1
        return Array(self, result.to(TORCH_KINDS[kind]))

    def _function(self, name: str) -> Any:
        name = RENAMED.get(name, name)
        own = getattr(self, f"_{name.replace('.', '_')}", None)
        return own or operator.attrgetter(name)(torch)

    def _plain_named(self, key: str, value: Any) -> Any:
        return value if key != "dtype" or value is None else DTYPES[numpy.dtype(value).kind]

    def _of_kind(self, value: Any, kind: int) -> Any:
        if value is None:
            return None
        if isinstance(value, (list, tuple)):
            return type(value)([self._of_kind(part, kind) for part in value])
        if isinstance(value, torch.Tensor):
            return value.to(self._device, TORCH_KINDS[kind])
        return torch.tensor(value, dtype=TORCH_KINDS[kind], device=self._device)

    def _asarray(self, values: Any, dtype: Any = None, ndmin: int = 0) -> Any:
        made = self._stacked(values, torch_kind(values) if not hasattr(values, "dtype") else None)
        if dtype is not None:
            made = self._astype(made, dtype)
        return made.reshape((1,) * (ndmin - made.ndim) + tuple(made.shape)) if ndmin > made.ndim else made

    _array = _asarray

    def _stacked(self, values: Any, kind: int | None) -> Any:
        if isinstance(values, torch.Tensor):
            return values if kind is None else values.to(TORCH_KINDS[kind])
        if isinstance(values, (list, tuple)) and len(values):
            return torch.stack([self._stacked(part, kind) for part in values])
        made = torch.as_tensor(values, device=self._device)
        return made if kind is None else made.to(TORCH_KINDS[kind])

    def _astype(self, values: Any, dtype: Any) -> Any:
        kind = dtype if isinstance(dtype, torch.dtype) else DTYPES[numpy.dtype(dtype).kind]
        if kind != torch.int32 or not values.dtype.is_floating_point:
            return values.to(kind)
        low, high = -(2.0**31), 2.0**31
        whole = torch.where((values > low) & (values < high), values, 0.0).to(kind)
        return torch.where(values >= high, int(high) - 1, torch.where(values <= low, int(low), whole))

    # Elementwise

    def _positive(self, values: Any) -> Any:
        return values

    def _cbrt(self, values: Any) -> Any:
        return torch.sign(values) * torch.abs(values) ** (1.0 / 3.0)

    def _absolute(self, values: Any) -> Any:
        return values if values.dtype == torch.bool else torch.abs(values)

    _abs = _absolute

    def _clip(self, values: Any, low: Any = None, high: Any = None) -> Any:
        values = values if low is None else torch.maximum(values, self._like(low, values))
        return values if high is None else torch.minimum(values, self._like(high, values))

    def _like(self, value: Any, values: Any) -> Any:
        return self._of_kind(value, torch_kind(values))

    def _sign(self, values: Any) -> Any:
        return torch.where(torch.isnan(values), values, torch.sign(values))

    def _isclose(self, one: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
        one, other = torch.broadcast_tensors(one, other)
        return torch.isclose(one.float(), other.float(), rtol, atol, equal_nan)

    def _nan_to_num(self, values: Any, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
        return torch.nan_to_num(values, nan, posinf, neginf)

    def _where(self, condition: Any, yes: Any, no: Any) -> Any:
        return torch.where(self._truths(condition), yes, no)

    def _select(self, conditions: Any, choices: Any, default: Any = 0) -> Any:
        chosen = self._like(default, choices[0])
        for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
            chosen = torch.where(self._truths(condition), choice, chosen)
        return chosen

    def _truths(self, condition: Any) -> Any:
        return self._of_kind(condition, 0) if not isinstance(condition, torch.Tensor) else condition != 0

    def _round(self, values: Any, decimals: int = 0) -> Any:
        return torch.round(values, decimals=decimals) if values.dtype.is_floating_point else values

    # Reductions

    def _sum(self, values: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, where: Any = None) -> Any:
        values = values if dtype is None else self._astype(values, dtype)
        values = values if where is None else torch.where(self._truths(where), values, 0)
        return torch.sum(values, self._axes(values, axis), keepdim=keepdims)

    def _prod(self, values: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, where: Any = None) -> Any:
        values = values if dtype is None else self._astype(values, dtype)
        values = values if where is None else torch.where(self._truths(where), values, 1)
        for place in sorted(self._axes(values, axis), reverse=True):
            values = torch.prod(values, place, keepdim=True)
        return values if keepdims else self._dropped(values, axis)

    def _mean(self, values: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, where: Any = None) -> Any:
        weights = torch.ones_like(values) if where is None else self._truths(where).to(values.dtype).expand_as(values)
        total = self._sum(values, axis, None, keepdims, where) / self._sum(weights, axis, None, keepdims)
        return total if dtype is None else self._astype(total, dtype)

    def _var(self, values: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, where: Any = None) -> Any:
        away = values - self._mean(values, axis, None, True, where)
        return self._mean(away * away, axis, dtype, keepdims, where)

    def _std(self, values: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, where: Any = None) -> Any:
        return torch.sqrt(self._var(values, axis, dtype, keepdims, where))

    def _average(self, values: Any, axis: Any = None, weights: Any = None, keepdims: bool = False) -> Any:
        if weights is None:
            return self._mean(values, axis, None, keepdims)
        weights = self._of_kind(weights, 2)
        if weights.ndim < values.ndim and axis is not None:
            weights = torch.moveaxis(weights.reshape((1,) * (values.ndim - 1) + (-1,)), -1, axis)
        weights = weights.expand_as(values)
        return self._sum(values * weights, axis, None, keepdims) / self._sum(weights, axis, None, keepdims)

    def _extreme(self, name: str, values: Any, axis: Any, keepdims: bool, where: Any, initial: Any) -> Any:
        if where is not None:
            values = torch.where(self._truths(where), values, self._like(initial, values))
        if values.dtype == torch.bool:
            return self._extreme(name, values.to(torch.int32), axis, keepdims, None, initial).to(torch.bool)
        made = getattr(torch, name)(values, self._axes(values, axis), keepdim=keepdims)
        if initial is None:
            return made
        return (torch.maximum if name == "amax" else torch.minimum)(made, self._like(initial, made))

    def _max(
        self, values: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
        where: Any = None,
    ) -> Any:  # fmt: skip
        return self._extreme("amax", values, axis, keepdims, where, initial)

    def _min(
        self, values: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
        where: Any = None,
    ) -> Any:  # fmt: skip
        return self._extreme("amin", values, axis, keepdims, where, initial)

    def _ptp(self, values: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
        return self._max(values, axis, None, keepdims) - self._min(values, axis, None, keepdims)

    def _any(self, values: Any, axis: Any = None, out: None = None, keepdims: bool = False, where: Any = None) -> Any:
        return self._count_nonzero(values if where is None else values & self._truths(where), axis, keepdims) > 0

    def _all(self, values: Any, axis: Any = None, out: None = None, keepdims: bool = False, where: Any = None) -> Any:
        false = values == 0
        return self._count_nonzero(false if where is None else false & self._truths(where), axis, keepdims) == 0

    def _count_nonzero(self, values: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return torch.sum(values != 0, self._axes(values, axis), keepdim=keepdims)

    def _argmax(self, values: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return torch.argmax(values.to(torch.float32), axis, keepdims)

    def _argmin(self, values: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return torch.argmin(values.to(torch.float32), axis, keepdims)

    def _median(self, values: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if isinstance(axis, (list, tuple)):
            raise TypeError("median takes one axis")
        return torch.quantile(values, 0.5, axis, keepdims)

    def _cumsum(self, values: Any, axis: Any = None, dtype: Any = None) -> Any:
        values, axis = (values.flatten(), 0) if axis is None else (values, axis)
        return torch.cumsum(values if dtype is None else self._astype(values, dtype), axis)

    def _cumprod(self, values: Any, axis: Any = None, dtype: Any = None) -> Any:
        values, axis = (values.flatten(), 0) if axis is None else (values, axis)
        return torch.cumprod(values if dtype is None else self._astype(values, dtype), axis)

    def _diff(self, values: Any, n: int = 1, axis: int = -1) -> Any:
        return torch.diff(values, n, axis)

    def _axes(self, values: Any, axis: Any) -> Any:
        places = range(values.ndim) if axis is None else axis if isinstance(axis, (list, tuple)) else (axis,)
        return tuple(place % values.ndim for place in places) if values.ndim else ()

    def _dropped(self, values: Any, axis: Any) -> Any:
        return torch.squeeze(values, self._axes(values, axis))

    # Products

    def _cross(self, one: Any, other: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
        place = -1 if axis is None else axis
        one, other = torch.broadcast_tensors(one, other)
        if one.shape[place] != 2:
            return torch.linalg.cross(one, other, dim=place)
        (a, b), (c, d) = one.unbind(place), other.unbind(place)
        return a * d - b * c

    def _dot(self, one: Any, other: Any) -> Any:
        if not one.ndim or not other.ndim:
            return one * other
        return torch.tensordot(one, other, ([-1], [max(other.ndim - 2, 0)]))

    def _inner(self, one: Any, other: Any) -> Any:
        return one * other if not one.ndim or not other.ndim else torch.tensordot(one, other, ([-1], [-1]))

    def _outer(self, one: Any, other: Any) -> Any:
        return one.flatten()[:, None] * other.flatten()[None, :]

    def _vdot(self, one: Any, other: Any) -> Any:
        return torch.sum(one.flatten() * other.flatten())

    def _tensordot(self, one: Any, other: Any, axes: Any = 2) -> Any:
        if isinstance(axes, int):
            return torch.tensordot(one, other, axes)
        ours, theirs = ([part] if isinstance(part, int) else list(part) for part in axes)
        return torch.tensordot(one, other, (ours, theirs))

    def _trace(self, values: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
        made = torch.diagonal(values, offset, axis1, axis2).sum(-1)
        return made if dtype is None else self._astype(made, dtype)

    def _linalg_norm(self, values: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
        return torch.linalg.norm(values, ord, axis, keepdims)

    # Shapes

    def _arange(self, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
        return self._asarray(list(range(start) if stop is None else numpy.arange(start, stop, step)), dtype)

    def _linspace(
        self, start: Any, stop: Any, num: int = 50, endpoint: bool = True, _: bool = False, dtype: Any = None,
        axis: int = 0,
    ) -> Any:  # fmt: skip
        share = torch.arange(num, dtype=torch.float32, device=self._device) / max(num - 1 if endpoint else num, 1)
        start, stop = torch.broadcast_tensors(self._of_kind(start, 2), self._of_kind(stop, 2))
        made = start + share.reshape((-1,) + (1,) * start.ndim) * (stop - start)
        made = torch.moveaxis(made, 0, axis)
        if dtype is None:
            return made
        kind = self._plain_named("dtype", dtype)
        return self._astype(torch.floor(made) if kind == torch.int32 else made, kind)

    def _eye(self, rows: int, columns: Any = None, k: int = 0, dtype: Any = torch.float32) -> Any:
        return self._astype(self._asarray(numpy.eye(rows, columns, k)), dtype)

    def _full(self, shape: Any, value: Any, dtype: Any = None) -> Any:
        made = self._of_kind(value, torch_kind(value))
        made = made if dtype is None else self._astype(made, dtype)
        return made.expand(shape if isinstance(shape, (list, tuple)) else (shape,))

    def _ones(self, shape: Any, dtype: Any = torch.float32) -> Any:
        return self._full(shape, 1.0, dtype)

    def _zeros(self, shape: Any, dtype: Any = torch.float32) -> Any:
        return self._full(shape, 0.0, dtype)

    def _full_like(self, values: Any, value: Any, dtype: Any = None, shape: Any = None) -> Any:
        return self._full(values.shape if shape is None else shape, value, values.dtype if dtype is None else dtype)

    def _ones_like(self, values: Any, dtype: Any = None, shape: Any = None) -> Any:
        return self._full_like(values, 1.0, dtype, shape)

    def _zeros_like(self, values: Any, dtype: Any = None, shape: Any = None) -> Any:
        return self._full_like(values, 0.0, dtype, shape)

    def _atleast_1d(self, values: Any) -> Any:
        return torch.atleast_1d(values)

    def _concatenate(self, arrays: Any, axis: int = 0) -> Any:
        return torch.cat(self._parts(arrays), axis)

    def _stack(self, arrays: Any, axis: int = 0) -> Any:
        return torch.stack(self._parts(arrays), axis)

    def _hstack(self, arrays: Any) -> Any:
        return torch.hstack(self._parts(arrays))

    def _vstack(self, arrays: Any) -> Any:
        return torch.vstack(self._parts(arrays))

    def _column_stack(self, arrays: Any) -> Any:
        return torch.column_stack(self._parts(arrays))

    def _parts(self, arrays: Any) -> Any:
        return list(arrays.unbind(0)) if isinstance(arrays, torch.Tensor) else list(arrays)

    def _copy(self, values: Any) -> Any:
        return values

    def _expand_dims(self, values: Any, axis: Any) -> Any:
        places = axis if isinstance(axis, (list, tuple)) else (axis,)
        total = values.ndim + len(places)
        for place in sorted(place % total for place in places):
            values = values.unsqueeze(place)
        return values

    def _flip(self, values: Any, axis: Any = None) -> Any:
        return torch.flip(values, self._axes(values, axis))

    def _ravel(self, values: Any) -> Any:
        return values.flatten()

    def _repeat(self, values: Any, repeats: Any, axis: Any = None) -> Any:
        repeats = torch.as_tensor(repeats, device=values.device).long()
        values, axis = (values.flatten(), 0) if axis is None else (values, axis)
        return torch.repeat_interleave(values, repeats, axis)

    def _reshape(self, values: Any, shape: Any) -> Any:
        return torch.reshape(values, tuple(shape) if isinstance(shape, (list, tuple)) else (shape,))

    def _roll(self, values: Any, shift: Any, axis: Any = None) -> Any:
        return torch.roll(values, shift, axis)

    def _squeeze(self, values: Any, axis: Any = None) -> Any:
        return torch.squeeze(values) if axis is None else torch.squeeze(values, self._axes(values, axis))

    def _take(self, values: Any, indices: Any, axis: Any = None, mode: Any = None) -> Any:
        values, axis = (values.flatten(), 0) if axis is None else (values, axis % values.ndim)
        indices = torch.as_tensor(indices, device=values.device).long() % values.shape[axis]
        chosen = values.index_select(axis, indices.flatten())
        return chosen.reshape((*values.shape[:axis], *indices.shape, *values.shape[axis + 1 :]))

    def _take_along_axis(self, values: Any, indices: Any, axis: int = -1) -> Any:
        return torch.take_along_dim(values, indices.long() % values.shape[axis], axis)

    def _tile(self, values: Any, reps: Any) -> Any:
        return torch.tile(values, tuple(reps) if isinstance(reps, (list, tuple)) else (reps,))

    def _transpose(self, values: Any, axes: Any = None) -> Any:
        return values.permute(*(axes if axes is not None else reversed(range(values.ndim))))

    def _argsort(self, values: Any, axis: int = -1) -> Any:
        return torch.argsort(values, dim=axis, stable=True)

    def _sort(self, values: Any, axis: int = -1) -> Any:
        return torch.sort(values, dim=axis, stable=True).values
