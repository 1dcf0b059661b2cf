"""Arrays as a reward program sees them, and numpy as it computes with them: float32, int32 and bool, as in training.

A program is Python around array functions, and it runs twice: while it is traced for training, with the arrays of jax,
and in numpy, in the critic's twin and in the export. So that its Python cannot tell one from the other, both times it
sees `Array`: a value without a truth, a length in rows, a text or an identity of its own, whose shapes hold `Rows` for
the batch. What is left are the functions themselves. numpy computes some of them in 64 bits, or by other rules, and
`NumpyEngine` makes them what XLA makes of them (tests hold every function against jax, and those that compute for each
dtype and for NaN, infinities and zeros).

What stands below the line is copied into every exported reward: it imports numpy and the standard library only.
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy

# --- Arrays of the program: float32, int32 and bool, as in training ------------------------------------------


class RowsError(TypeError):
    """The number of rows is used as a number."""


class TruthError(TypeError):
    """An array is used where Python needs one answer."""


class PlainNumberError(TypeError):
    """An array is used as a number of Python, or as text."""


class Rows:
    """The number of rows of a batch: a size in a shape, and no number."""

    def __init__(self, size: Any) -> None:
        self._size = size

    def __eq__(self, other: object) -> bool:
        return True if isinstance(other, Rows) else _no_number()

    __hash__ = None  # type: ignore[assignment]


class Dtype:
    """float32, int32 or bool, by name; called, it makes an array of its kind."""

    def __init__(self, engine: Any, name: str) -> None:
        self._engine, self._name = engine, name

    def __call__(self, value: Any) -> Any:
        return self._engine.call("asarray", value, dtype=self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dtype) and other._name == self._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return self._name


class Array:
    """Numbers of one dtype that never change; the batch axis has the size `Rows`."""

    __slots__ = ("_engine", "_values")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, engine: Any, values: Any) -> None:
        self._engine, self._values = engine, values

    @property
    def shape(self) -> tuple[Any, ...]:
        return tuple([self._engine.size(size) for size in self._values.shape])

    @property
    def size(self) -> Any:
        return functools.reduce(operator.mul, self.shape, 1)

    @property
    def ndim(self) -> int:
        return int(self._values.ndim)

    @property
    def dtype(self) -> Dtype:
        return Dtype(self._engine, str(self._values.dtype).rpartition(".")[2])

    @property
    def T(self) -> Any:
        return self._engine.call("transpose", self)

    def __len__(self) -> int:
        return operator.index(self.shape[0])

    def __iter__(self) -> Any:
        return iter([self[index] for index in range(len(self))])

    def __getitem__(self, index: Any) -> Any:
        return self._engine.entries(self, index)


def _operator(name: str, reflected: bool = False) -> Any:
    def apply(self: Any, *other: Any) -> Any:
        return self._engine.operate(name, *((*other, self) if reflected else (self, *other)))

    return apply


def _method(name: str) -> Any:
    def apply(self: Any, *args: Any, **named: Any) -> Any:
        return self._engine.method(name, self, *args, **named)

    return apply


def _refusing(error: type[Exception], text: str) -> Any:
    def refuse(*_: Any) -> Any:
        raise error(text)

    return refuse


_no_number = _refusing(RowsError, "the number of rows of the batch is used as a number")
_no_python = _refusing(PlainNumberError, "an array is used as a number of Python, or as text")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARITHMETIC = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}
SINGLE = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
ORDER = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}
SHAPE_METHODS = _names("copy flatten ravel repeat reshape squeeze swapaxes take transpose")
METHODS = _names("all any argmax argmin argsort clip cumprod cumsum dot max mean min prod round std sum")
METHODS |= SHAPE_METHODS | {"astype", "trace", "var"}
for _name in {**ARITHMETIC, **SINGLE, **ORDER}:
    setattr(Array, f"__{_name}__", _operator({**ARITHMETIC, **SINGLE, **ORDER}[_name]))
for _name in ARITHMETIC:
    setattr(Array, f"__r{_name}__", _operator(ARITHMETIC[_name], reflected=True))
    setattr(Rows, f"__r{_name}__", _no_number)
for _name in METHODS:
    setattr(Array, _name, _method(_name))
for _name in ("float", "int", "index", "round", "str", "repr", "format"):
    setattr(Array, f"__{_name}__", _no_python)
for _name in (*ARITHMETIC, *SINGLE, "lt", "le", "gt", "ge", "float", "int", "index", "round", "hash", "bool"):
    setattr(Rows, f"__{_name}__", _no_number)
for _name in ("str", "repr", "format"):
    setattr(Rows, f"__{_name}__", _no_number)
Array.__bool__ = _refusing(TruthError, "an array has no truth of its own")  # type: ignore[attr-defined]


FLOATS = _names(
    "arccos arccosh arcsin arcsinh arctan arctan2 arctanh average cbrt copysign cos cosh deg2rad degrees "
    "divide exp exp2 expm1 fabs heaviside hypot linalg.norm linalg.vector_norm log log10 log1p log2 "
    "logaddexp mean median rad2deg radians reciprocal rint sin sinc sinh sqrt std tan tanh true_divide "
    "var"
)
PAIRS = _names(
    "add arctan2 bitwise_and bitwise_or bitwise_xor copysign cross divide dot equal floor_divide fmax "
    "fmin fmod greater greater_equal heaviside hypot inner isclose less less_equal linalg.cross logaddexp "
    "matmul maximum minimum mod multiply not_equal outer power remainder subtract tensordot true_divide "
    "vdot"
)
PLACES = {**dict.fromkeys(PAIRS, (0, 1)), **dict.fromkeys(("where", "select"), (1, 2)), "clip": (0, 1, 2), "full": (1,)}
PLACES |= dict.fromkeys(("arange", "eye", "linspace", "ones", "zeros"), ()) | {"einsum": tuple(range(1, 20))}
DTYPE_PLACES = {**dict.fromkeys(("sum", "prod", "mean", "std", "var", "cumsum", "cumprod"), 2), "trace": 4}
KINDS = (numpy.bool_, numpy.int32, numpy.float32)  # of two, the one that stands later is what they have in common
KIND_OF = {"b": 0, "i": 1, "u": 1, "f": 2}
LOWEST, HIGHEST = -(2.0**31), 2.0**31


class Engine:
    """What arrays are made of and computed with: numpy here; jax where a program is traced."""

    _module: Any = numpy

    def member(self, name: str) -> Any:
        """A dtype, a constant or a function of the namespace, by name."""
        if name in ("bool_", "int32", "float32"):
            return Dtype(self, name.strip("_"))
        value = operator.attrgetter(name)(self._module)
        return functools.partial(self.call, name) if callable(value) else value

    def entries(self, array: Any, index: Any) -> Array:
        """`array[index]`."""
        return self.wrapped(plain(array)[plain(index)])

    def size(self, size: Any) -> Any:
        """An entry of a shape as the program sees it."""
        raise NotImplementedError

    def operate(self, name: str, *operands: Any) -> Array:
        """An operator, by the name of its function; `operands` are arrays and numbers."""
        raise NotImplementedError

    def method(self, name: str, array: Any, *args: Any, **named: Any) -> Array:
        """A method of an array."""
        raise NotImplementedError

    def call(self, name: str, *args: Any, **named: Any) -> Array:
        """A function of the namespace."""
        raise NotImplementedError

    def wrapped(self, result: Any) -> Array:
        """What was computed, as the program sees it."""
        return Array(self, result)


class Members:
    """The functions of an engine as `jnp.name` and `jnp.linalg.name`."""

    def __init__(self, engine: Engine, path: str = "") -> None:
        self._engine, self._path = engine, path

    def __getattr__(self, name: str) -> Any:
        path = self._path + name
        value = Members(self._engine, path + ".") if path == "linalg" else self._engine.member(path)
        setattr(self, name, value)
        return value


class NumpyEngine(Engine):
    """numpy with the dtypes and by the rules of XLA.

    Args:
        rows: the number of rows of every batch.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._known: dict[str, tuple[Any, tuple[int, ...], int]] = {}

    def size(self, size: int) -> Any:
        return Rows(size) if size == self._rows else size

    def operate(self, name: str, *operands: Any) -> Array:
        return self.call(name, *[operand(value) for value in operands])

    def method(self, name: str, array: Any, *args: Any, **named: Any) -> Array:
        if name in SHAPE_METHODS:
            return self.wrapped(getattr(array._values, name)(*plain(args), **plain(named)))
        return self.call(name, array, *args, **named)

    def call(self, name: str, *args: Any, **named: Any) -> Array:
        """What the function works on is brought to one dtype first, as XLA does."""
        function, places, kind = self._known.get(name) or self._looked_up(name)
        given = [plain(value) for value in args]
        there = [place for place in places if place < len(given)]
        for place in there:
            kind = max(kind, _kind(given[place]))
        for place in there:
            given[place] = _of_kind(given[place], kind)
        if name in DTYPE_PLACES and (dtype := named.get("dtype", _entry(args, DTYPE_PLACES[name]))) is not None:
            given[0] = self._astype(given[0], plain(dtype))  # a sum of integers adds what was cast
        return self.wrapped(function(*given, **plain(named)) if named else function(*given))

    def _looked_up(self, name: str) -> tuple[Any, tuple[int, ...], int]:
        """A function, the places of what it works on, and the least of KINDS that it takes."""
        function = getattr(self, f"_{name}", None) or operator.attrgetter(name)(numpy)
        self._known[name] = function, PLACES.get(name, (0,)), 2 if name in FLOATS else 0
        return self._known[name]

    def wrapped(self, result: Any) -> Array:
        values = numpy.asarray(result)
        if values.dtype == numpy.float32:
            return Array(self, values)
        kind = KINDS[KIND_OF[values.dtype.kind]]
        return Array(self, values if values.dtype == kind else values.astype(kind))

    def _asarray(self, values: Any, dtype: Any = None, ndmin: int = 0) -> Any:
        values = numpy.array(values, ndmin=ndmin)
        return values if dtype is None else self._astype(values, dtype)

    _array = _asarray

    def _astype(self, values: Any, dtype: Any) -> Any:
        kind = KINDS[KIND_OF[numpy.dtype(dtype).kind]]
        if kind is not numpy.int32 or values.dtype.kind != "f":
            return values.astype(kind)
        whole = numpy.where((values > LOWEST) & (values < HIGHEST), values, 0.0).astype(kind)
        return numpy.where(values >= HIGHEST, int(HIGHEST) - 1, numpy.where(values <= LOWEST, int(LOWEST), whole))

    def _full(self, shape: Any, fill_value: Any, dtype: Any = None) -> Any:
        if dtype is not None and isinstance(fill_value, numpy.ndarray):
            fill_value = self._astype(fill_value, dtype)
        return numpy.full(shape, fill_value, dtype)

    def _full_like(self, values: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
        dtype = values.dtype if dtype is None else dtype
        return self._full(values.shape if shape is None else shape, fill_value, dtype)

    def _linspace(
        self, start: Any, stop: Any, num: int = 50, endpoint: bool = True, _: bool = False,
        dtype: Any = None, axis: int = 0,
    ) -> Any:  # fmt: skip
        values = numpy.linspace(start, stop, num, endpoint, axis=axis)
        if dtype is None:
            return values
        return self._astype(numpy.floor(values) if numpy.dtype(dtype).kind == "i" else values, dtype)

    def _positive(self, values: Any) -> Any:
        return values

    def _clip(self, values: Any, low: Any = None, high: Any = None) -> Any:
        values = values if low is None else numpy.maximum(values, low)
        return values if high is None else numpy.minimum(values, high)

    def _average(self, values: Any, axis: Any = None, weights: Any = None, keepdims: bool = False) -> Any:
        if weights is None:
            return numpy.mean(values, axis, keepdims=keepdims)
        weights = _of_kind(weights, 2)
        if numpy.ndim(weights) < numpy.ndim(values) and axis is not None:
            weights = numpy.moveaxis(numpy.reshape(weights, (1,) * (values.ndim - 1) + (-1,)), -1, axis)
        weights = numpy.broadcast_to(weights, values.shape)
        return numpy.sum(values * weights, axis, keepdims=keepdims) / numpy.sum(weights, axis, keepdims=keepdims)

    def _sort(self, values: Any, axis: int = -1) -> Any:
        return numpy.sort(values, axis, kind="stable")

    def _argsort(self, values: Any, axis: int = -1) -> Any:
        return numpy.argsort(values, axis, kind="stable")


def operand(value: Any) -> Any:
    """What stands beside an operator of an array has to be an array or a number."""
    if isinstance(value, Rows):
        _no_number()
    if not isinstance(value, (Array, int, float)):
        raise TypeError(f"an operator requires ndarray or scalar arguments, got {type(value).__name__}")
    return value


def plain(value: Any) -> Any:
    """What numpy takes in place of what the program holds."""
    if isinstance(value, Array):
        return value._values
    if isinstance(value, (list, tuple)):
        return type(value)([plain(part) for part in value])
    if isinstance(value, range):
        return list(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, slice):
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    if isinstance(value, Rows):
        return value._size
    return numpy.dtype(value._name) if isinstance(value, Dtype) else value


def _entry(values: tuple[Any, ...], place: int) -> Any:
    return values[place] if place < len(values) else None


def _kind(value: Any) -> int:
    """The place in KINDS of all that a value holds."""
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return KIND_OF[value.dtype.kind]
    if isinstance(value, (list, tuple)):
        return max(map(_kind, value), default=0)
    if isinstance(value, complex):
        raise TypeError("complex numbers are not part of the reward language")
    return 2 if isinstance(value, float) else int(isinstance(value, int) and not isinstance(value, bool))


def _of_kind(value: Any, kind: int) -> Any:
    if isinstance(value, numpy.ndarray):
        return value if value.dtype == KINDS[kind] else value.astype(KINDS[kind])
    if isinstance(value, (list, tuple)):
        return type(value)([_of_kind(part, kind) for part in value])
    return value if value is None else KINDS[kind](value)
