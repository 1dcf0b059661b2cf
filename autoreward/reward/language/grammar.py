"""The reward language as data: what a reward program and a metric may be made of.

The allowed functions are those that can mean the same in numpy and in jax.numpy, and `reward.arrays` sees to it that
they do, so one source is a program for the trainer and a faithful numpy file for the export. What stands here decides
what `rules.py` accepts, what `namespaces.py` hands to the child and what `autoreward guide` prints.
"""

from __future__ import annotations

import ast
from typing import Any

from autoreward.templates import template_environment


def _names(text: str) -> list[str]:
    return text.split()


NAMESPACES = ("jnp", "np", "math")
"""`np` is accepted as another name of `jnp`; both are numpy in the export."""

ELEMENTWISE = _names(
    "abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt ceil clip copysign cos cosh deg2rad "
    "degrees divide equal exp exp2 expm1 fabs floor floor_divide fmax fmin fmod greater greater_equal heaviside hypot "
    "isclose isfinite isinf isnan less less_equal log log10 log1p log2 logaddexp logical_and logical_not logical_or "
    "logical_xor maximum minimum mod multiply nan_to_num negative not_equal positive power rad2deg radians reciprocal "
    "remainder rint round select sign signbit sin sinc sinh sqrt square subtract tan tanh true_divide trunc where"
)
REDUCTIONS = _names(
    "all amax amin any argmax argmin average count_nonzero cumprod cumsum diff max mean median min prod ptp std sum var"
)
PRODUCTS = _names("cross dot einsum inner matmul outer tensordot trace vdot")
SHAPES = _names(
    "arange array asarray atleast_1d broadcast_to column_stack concatenate expand_dims eye flip full full_like "
    "hstack linspace moveaxis ones ones_like ravel repeat reshape roll squeeze stack swapaxes take take_along_axis "
    "tile transpose vstack zeros zeros_like"
)
SORTING = _names("argsort sort")
CONSTANTS = _names("bool_ e float32 inf int32 nan newaxis pi")

JNP_MEMBERS = frozenset(ELEMENTWISE + REDUCTIONS + PRODUCTS + SHAPES + SORTING + CONSTANTS)
LINALG_MEMBERS = frozenset({"cross", "norm", "vector_norm"})
MATH_MEMBERS = frozenset(
    _names(
        "acos asin atan atan2 ceil cos cosh degrees e exp fabs floor hypot inf log log10 log2 pi pow radians sin sinh "
        "sqrt tan tanh tau"
    )
)

ARRAY_METHODS = frozenset(
    _names(
        "all any argmax argmin argsort astype clip cumprod cumsum dot flatten max mean min prod ravel repeat reshape "
        "round squeeze std sum swapaxes take trace transpose var"
    )
)
ARRAY_ATTRIBUTES = frozenset({"T", "dtype", "ndim", "shape", "size"})
CONTAINER_METHODS = frozenset({"append", "copy", "extend", "get", "items", "keys", "update", "values"})
MUTATING_METHODS = frozenset({"append", "extend", "update"})

BUILTINS = frozenset(
    _names(
        "abs all any bool dict enumerate float int len list map max min pow range reversed round sorted str sum tuple "
        "zip"
    )
)

KEYWORDS = frozenset(
    _names(
        "atol axis axis1 axis2 dtype endpoint equal_nan fill_value initial keepdims mode nan ndmin neginf num offset "
        "ord posinf rtol shape start step stop weights where"
    )
)
"""Keyword arguments of array functions and methods that numpy and jax.numpy share."""

REMOVED_IMPORTS = {"math": "math", "jax.numpy": "jnp", "numpy": "np"}
"""`import X as Y` lines a program may hold; they are removed, the names are always there."""

_TYPING = _names("Any Callable Dict Final Iterable Iterator List Mapping MutableMapping Optional Sequence Tuple Union")
_ARRAY_TYPES = _names("array bool_ dtype float32 floating int32 integer ndarray number")
TYPES = frozenset(
    [
        *_names("bool dict float int list object str tuple"),
        *_names("Array ArrayLike NDArray ndarray jax.Array jax.typing.ArrayLike np.typing.NDArray npt.NDArray"),
        *_names("Action Fields NextState Params State Trajectory"),
        *_TYPING,
        *[f"{module}.{name}" for module in ("typing", "t") for name in _TYPING],
        *[f"{module}.{name}" for module in ("jnp", "np", "numpy", "jax.numpy") for name in _ARRAY_TYPES],
    ]
)
"""Names of types that an annotation may be made of. Annotations are removed: no program depends on them."""

NODES: frozenset[type[ast.AST]] = frozenset(
    {
        ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.FunctionDef, ast.Return, ast.If, ast.For,
        ast.Break, ast.Continue, ast.Pass, ast.arguments, ast.arg, ast.Lambda, ast.IfExp, ast.BoolOp, ast.And, ast.Or,
        ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.BitAnd,
        ast.BitOr, ast.BitXor, ast.UnaryOp, ast.UAdd, ast.USub, ast.Not, ast.Invert, ast.Compare, ast.Eq, ast.NotEq,
        ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn, ast.Call, ast.keyword, ast.Attribute,
        ast.Subscript, ast.Slice, ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List, ast.Dict,
        ast.Starred, ast.JoinedStr, ast.FormattedValue, ast.ListComp, ast.DictComp, ast.GeneratorExp,
        ast.comprehension,
    }
)  # fmt: skip

SOURCE_LIMIT = 64 * 1024  # [bytes]
DEPTH_LIMIT = 100  # nested nodes
NODE_LIMIT = 20_000
LOOP_LIMIT = 1_000  # turns of one `range`: loops are unrolled into the program
LOOP_TOTAL_LIMIT = 10_000  # turns of all of them
INTEGER_LIMIT = 2**31 - 1  # int32, what a program computes with
TERM_LIMIT = 32
NAME_LIMIT = 48  # characters of a term or a parameter

REWARD_PARAMETERS = ("state", "action", "next_state", "params")
POTENTIAL_PARAMETERS = ("state", "params")
METRIC_PARAMETERS = ("trajectory", "params")

MEMBER_REMEDIES = {
    "acos": "Use jnp.arccos.",
    "asin": "Use jnp.arcsin.",
    "atan": "Use jnp.arctan.",
    "atan2": "Use jnp.arctan2.",
    "acosh": "Use jnp.arccosh.",
    "asinh": "Use jnp.arcsinh.",
    "atanh": "Use jnp.arctanh.",
    "concat": "Use jnp.concatenate.",
    "pow": "Use jnp.power or the ** operator.",
    "float64": "Programs are float32 everywhere: use jnp.float32.",
    "float16": "Programs are float32 everywhere: use jnp.float32.",
    "int64": "Use jnp.int32.",
    "bool": "Use jnp.bool_.",
    "random": "A reward is deterministic: remove the random numbers.",
    "vectorize": "Array functions already work on whole batches: call them directly.",
    "apply_along_axis": "Array functions already work on whole batches: use axis=-1.",
    "piecewise": "Use jnp.where or jnp.select.",
    "append": "Use jnp.concatenate.",
    "nansum": "Mask with jnp.where(jnp.isnan(x), 0.0, x), then jnp.sum.",
    "nanmean": "Mask with jnp.where(jnp.isnan(x), 0.0, x), then jnp.mean.",
    "fft": "Not part of the reward language: use sums, products and the elementwise functions.",
    "nn": "Write it out: sigmoid is 1.0 / (1.0 + jnp.exp(-x)), relu is jnp.maximum(x, 0.0).",
    "lax": "Use the functions of jnp; loops are Python `for` over small constant ranges.",
}
"""What to write in place of a well-known member that is not part of the language."""

LINALG_REMEDIES = dict.fromkeys(
    _names("inv solve svd eig eigh eigvals qr cholesky pinv lstsq det slogdet matrix_rank"),
    "Matrix factorisations are not part of the language (they become LAPACK calls): write the small formula out with "
    "elementwise products, jnp.cross and jnp.einsum.",
)

NAME_REMEDIES = {
    "print": "Remove it: a reward has no output.",
    "open": "Remove it: a reward reads no files.",
    "getattr": "Write the field directly: state.torso_velocity.",
    "hasattr": "The fields are declared: read the ones that exist.",
    "setattr": "Records are read only: compute a new value.",
    "isinstance": "Types are fixed: fields are float32 arrays, params are scalars.",
    "type": "Types are fixed: fields are float32 arrays, params are scalars.",
    "jax": "Only `jnp` is there: write jnp.exp, not jax.numpy.exp; jax.nn and jax.lax are not part of the language.",
    "numpy": "Write jnp.name or np.name.",
    "set": "Use a list or a tuple.",
    "filter": "Use a list comprehension with `if`.",
    "divmod": "Use // and %.",
    "eval": "Write the expression itself.",
    "exec": "Write the statements themselves.",
    "env": "Constants (limits, home pose, control period) are fields too: state.joint_lower, not env.joint_lower.",
    "self": "A reward is made of plain functions: pass values as arguments.",
    "next_state": "potential has (state, params) only: it is called with both states in turn.",
}
"""What to do about a well-known name that does not exist in a program."""

ATTRIBUTE_REMEDIES = {
    "at": "Use jnp.where or build the array with jnp.stack: .at[].set exists in jax only.",
    "item": "Keep it an array: a reward is computed for a whole batch at once.",
    "tolist": "Keep it an array: a reward is computed for a whole batch at once.",
    "format": 'Use an f-string: f"joint_{i}".',
    "sort": "Use jnp.sort(x, axis=-1).",
    "pow": "Use jnp.power or the ** operator.",
    "abs": "Use jnp.abs(x).",
    "norm": "Use jnp.linalg.norm(x, axis=-1).",
    "numpy": "It already is an array.",
    "view": "Use .astype or .reshape.",
    "unsqueeze": "Use x[..., None].",
    "pi": "Use jnp.pi or math.pi.",
}
"""What to write in place of a well-known attribute that is not part of the language."""

NODE_REMEDIES: dict[str, tuple[str, str]] = {
    "ClassDef": ("a class", "Use functions and module-level constants."),
    "With": ("with", "Remove it: a reward only computes."),
    "AsyncWith": ("async with", "Remove it: a reward only computes."),
    "Match": ("match", "Use if on constants, jnp.where on arrays."),
    "Try": ("try", "Remove it and avoid the error: jnp.where, jnp.maximum(x, 1e-6), jnp.clip."),
    "TryStar": ("try", "Remove it and avoid the error: jnp.where, jnp.maximum(x, 1e-6), jnp.clip."),
    "While": ("while", "Use for over a small constant range, or an array expression."),
    "AsyncFor": ("async for", "Use for over a small constant range."),
    "AsyncFunctionDef": ("async def", "Use def."),
    "Await": ("await", "Remove it."),
    "Yield": ("yield", "Return the values."),
    "YieldFrom": ("yield", "Return the values."),
    "Global": ("global", "Pass the value as an argument: a reward keeps nothing between calls."),
    "Nonlocal": ("nonlocal", "Return the value: a reward keeps nothing between calls."),
    "NamedExpr": ("the walrus operator", "Assign on a line of its own."),
    "Delete": ("del", "Remove it."),
    "Raise": ("raise", "Remove it: a reward gives a number for every state."),
    "Assert": ("assert", "Remove it: shapes are checked by the critic."),
    "AnnAssign": ("this annotation", "Assign without it."),
    "Set": ("a set", "Use a tuple or a list."),
    "SetComp": ("a set", "Use a tuple or a list."),
    "LShift": ("<<", "Use jnp.power or *."),
    "RShift": (">>", "Use // ."),
    "Import": ("an import inside a function", "Remove it: jnp, np and math are always there."),
    "ImportFrom": ("an import inside a function", "Remove it: jnp, np and math are always there."),
}
"""How a refused construct is called, and what to write in its place."""


def guide() -> str:
    """The contract with its allow-list on one page, for people and coding agents."""
    return template_environment().get_template("reward/language/guide.j2").render(**guide_data())


def guide_data() -> dict[str, Any]:
    """What the guide says, as data: sorted names and the limits."""
    return {
        "elementwise": sorted(ELEMENTWISE),
        "reductions": sorted(REDUCTIONS + SORTING),
        "products": sorted(PRODUCTS),
        "shapes": sorted(SHAPES),
        "constants": sorted(CONSTANTS),
        "linalg": sorted(LINALG_MEMBERS),
        "math": sorted(MATH_MEMBERS),
        "methods": sorted(ARRAY_METHODS),
        "attributes": sorted(ARRAY_ATTRIBUTES),
        "containers": sorted(CONTAINER_METHODS),
        "builtins": sorted(BUILTINS),
        "keywords": sorted(KEYWORDS),
        "term_limit": TERM_LIMIT,
        "loop_limit": LOOP_LIMIT,
        "source_limit": SOURCE_LIMIT // 1024,
    }
