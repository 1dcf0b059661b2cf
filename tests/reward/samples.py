"""One sample call for each member of the reward language, as expressions over `x` and `y` [N, 4], 0.1 to 0.9."""

from __future__ import annotations

from autoreward.reward.language import grammar

_UNARY = (
    "abs absolute arccos arcsin arcsinh arctan arctanh cbrt ceil cos cosh deg2rad degrees exp exp2 expm1 fabs floor "
    "isfinite isinf isnan log log10 log1p log2 logical_not nan_to_num negative positive rad2deg radians reciprocal "
    "rint round sign signbit sin sinc sinh sqrt square tan tanh trunc ones_like zeros_like atleast_1d asarray"
)
_BINARY = (
    "add arctan2 copysign divide equal floor_divide fmax fmin fmod greater greater_equal heaviside hypot isclose less "
    "less_equal logaddexp logical_and logical_or logical_xor maximum minimum mod multiply not_equal power remainder "
    "subtract true_divide"
)
_ALONG_AXIS = (
    "all amax amin any argmax argmin argsort average count_nonzero cumprod cumsum diff flip max mean median min prod "
    "ptp sort std sum var"
)
_OTHERS = {
    "arccosh": "jnp.arccosh(x + 1.5)",
    "arange": "x * jnp.arange(4)",
    "array": "x * jnp.array([1.0, 2.0, 3.0, 4.0])",
    "bool_": "(x > 0.5).astype(jnp.bool_)",
    "broadcast_to": "x * jnp.broadcast_to(jnp.ones(4), (2, 4))[0]",
    "clip": "jnp.clip(x, 0.3, 0.6)",
    "column_stack": "jnp.column_stack([x[:, 0], y[:, 0]])",
    "concatenate": "jnp.concatenate([x, y], axis=-1)",
    "cross": "jnp.cross(x[..., :3], y[..., :3])",
    "dot": "jnp.dot(x, jnp.ones(4))",
    "e": "x * jnp.e",
    "einsum": 'jnp.einsum("ni,ni->n", x, y)',
    "expand_dims": "jnp.expand_dims(x, -1)",
    "eye": "x @ jnp.eye(4)",
    "float32": "(x > 0.5).astype(jnp.float32)",
    "full": "x * jnp.full(4, 2.0)",
    "full_like": "jnp.full_like(x, 2.0)",
    "hstack": "jnp.hstack([x, y])",
    "inf": "jnp.minimum(x, jnp.inf)",
    "inner": "jnp.inner(x, jnp.ones(4))",
    "int32": "jnp.clip(10.0 * x, 0.0, 9.0).astype(jnp.int32)",
    "linspace": "x * jnp.linspace(0.0, 1.0, 4)",
    "matmul": "jnp.matmul(x[:, None, :], y[:, :, None])",
    "moveaxis": "jnp.moveaxis(x[:, :, None], 1, 2)",
    "nan": "jnp.where(x > 0.0, x, jnp.nan)",
    "newaxis": "x[..., jnp.newaxis]",
    "ones": "x * jnp.ones(4)",
    "outer": "jnp.outer(jnp.ones(2), jnp.ones(3))[0, 0] * x",
    "pi": "x * jnp.pi",
    "ravel": "x * jnp.ravel(jnp.ones((2, 2)))",
    "repeat": "jnp.repeat(x, 2, axis=-1)",
    "reshape": "jnp.reshape(x, (-1, 2, 2))",
    "roll": "jnp.roll(x, 1, axis=-1)",
    "select": "jnp.select([x > 0.7, x < 0.3], [x, -x], 0.5)",
    "squeeze": "jnp.squeeze(x[..., :1], axis=-1)",
    "stack": "jnp.stack([x, y], axis=-1)",
    "swapaxes": "jnp.swapaxes(x[:, :, None], 1, 2)",
    "take": "jnp.take(x, jnp.array([0, 2]), axis=-1)",
    "take_along_axis": "jnp.take_along_axis(x, jnp.argsort(y, axis=-1), axis=-1)",
    "tensordot": "jnp.tensordot(x, jnp.ones((4, 2)), 1)",
    "tile": "jnp.tile(x, (1, 2))",
    "trace": "jnp.trace(jnp.reshape(x, (-1, 2, 2)), axis1=1, axis2=2)",
    "transpose": "jnp.transpose(x[:, :, None], (0, 2, 1))",
    "vdot": "x * jnp.vdot(jnp.ones(3), jnp.ones(3))",
    "vstack": "jnp.vstack([jnp.ones(4), jnp.zeros(4)])[0] * x",
    "where": "jnp.where(x > y, x, y)",
    "zeros": "x + jnp.zeros(4)",
}
_METHODS = {
    "argsort": "x.argsort(axis=-1)",
    "astype": "x.astype(jnp.float32)",
    "clip": "x.clip(0.3, 0.6)",
    "dot": "x.dot(jnp.ones(4))",
    "flatten": "x * jnp.ones((2, 2)).flatten()",
    "ravel": "x * jnp.ones((2, 2)).ravel()",
    "repeat": "x.repeat(2, axis=-1)",
    "reshape": "x.reshape(-1, 2, 2)",
    "round": "x.round()",
    "squeeze": "x[..., :1].squeeze(axis=-1)",
    "swapaxes": "x[:, :, None].swapaxes(1, 2)",
    "take": "x.take(jnp.array([0, 2]), axis=-1)",
    "trace": "x.reshape(-1, 2, 2).trace(axis1=1, axis2=2)",
    "transpose": "x[:, :, None].transpose(0, 2, 1)",
}
_ATTRIBUTES = {
    "T": "x * jnp.ones((4, 1)).T",
    "dtype": "y.astype(x.dtype)",
    "ndim": "x * x.ndim",
    "shape": "x * x.shape[-1]",
    "size": "x * jnp.ones(3).size",
}


def sample_calls() -> dict[str, str]:
    """Expressions by member: "jnp.exp", "jnp.linalg.norm", ".sum"."""
    calls = {f"jnp.{name}": f"jnp.{name}(x)" for name in _UNARY.split()}
    calls |= {f"jnp.{name}": f"jnp.{name}(x, y)" for name in _BINARY.split()}
    calls |= {f"jnp.{name}": f"jnp.{name}(x, axis=-1)" for name in _ALONG_AXIS.split()}
    calls |= {f"jnp.{name}": expression for name, expression in _OTHERS.items()}
    calls |= {
        "jnp.linalg.norm": "jnp.linalg.norm(x, axis=-1)",
        "jnp.linalg.vector_norm": "jnp.linalg.vector_norm(x, axis=-1)",
        "jnp.linalg.cross": "jnp.linalg.cross(x[..., :3], y[..., :3])",
    }
    calls |= {f".{name}": f"x.{name}(axis=-1)" for name in grammar.ARRAY_METHODS if name not in _METHODS}
    return calls | {f".{name}": expression for name, expression in (_METHODS | _ATTRIBUTES).items()}
