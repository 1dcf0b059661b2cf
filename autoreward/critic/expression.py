"""`--metric` expressions: `mean(torso_velocity[..., 0])` becomes a metric in the reward language.

`mean` is over the whole horizon, with 0 for the steps behind the end of an episode: who lunges at 2.5 m/s and falls
after 8 of 500 steps has 0.04 m/s, not 2.5. `mean_alive` is over the steps of the episode alone.
"""

from __future__ import annotations

import ast
import inspect
import re

from autoreward.errors import UnknownNameError, UsageError
from autoreward.python_text import parse_expression
from autoreward.records import EnvSpec, Subtask
from autoreward.reward.language.grammar import JNP_MEMBERS

OVER_TIME = ("first", "last", "max", "mean", "mean_alive", "min", "sum")
"""Reductions over time; steps after the end of an episode do not count, and are 0 in `mean`."""

ENV_REWARD = "env_reward"  # the field of the own reward of somebody else's environment
EXAMPLE = "mean(torso_velocity[..., 0])"

_METRIC = '''
"""{text}"""

import jax.numpy as jnp


def steps(valid, x):
    return jnp.reshape(valid > 0, valid.shape + (1,) * (x.ndim - 2))


def over_sum(valid, x):
    return jnp.sum(jnp.where(steps(valid, x), x, 0.0), axis=0)


def over_mean(valid, x):
    return jnp.mean(jnp.where(steps(valid, x), x, 0.0), axis=0)


def over_mean_alive(valid, x):
    count = jnp.maximum(jnp.sum(valid, axis=0), 1.0)
    return over_sum(valid, x) / jnp.reshape(count, count.shape + (1,) * (x.ndim - 2))


def over_max(valid, x):
    return jnp.max(jnp.where(steps(valid, x), x, -jnp.inf), axis=0)


def over_min(valid, x):
    return jnp.min(jnp.where(steps(valid, x), x, jnp.inf), axis=0)


def over_first(valid, x):
    return x[0]


def over_last(valid, x):
    index = jnp.maximum(jnp.sum(valid, axis=0) - 1.0, 0.0).astype(jnp.int32)
    index = jnp.reshape(index, (1,) + index.shape + (1,) * (x.ndim - 2))
    return jnp.take_along_axis(x, index, axis=0)[0]


def norm(x):
    return jnp.linalg.norm(x, axis=-1)


def success(trajectory, params):
    value = jnp.asarray({expression}).astype(jnp.float32)
    return {{"success": value, "progress": value}}
'''


def metric_from_expression(text: str, env: EnvSpec) -> str:
    """The source of a metric whose success and progress are the value of an expression.

    Args:
        text: an expression over fields, actions and numbers. `sum`, `max`, `min`, `first`, `last` and `mean_alive`
            reduce over the steps of an episode, `mean` over the horizon with 0 behind its end; `norm` is the length of
            the last axis; functions of jnp may be written without `jnp.`.
        env: whose fields may be read.

    Raises:
        UnknownNameError: a name is neither a field nor a function.
        UsageError: the text is no expression, or reduces nothing over time.
    """
    try:
        tree = parse_expression(text.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = getattr(error, "msg", type(error).__name__)
        raise UsageError(f"--metric {text!r:.200} is no expression: {reason}.", _usage(env)) from error
    if not any(_reduces(node) for node in ast.walk(tree)):
        message = f"--metric {text!r:.200} gives one number a step, expected one an episode."
        raise UsageError(message, _usage(env))
    expression = ast.unparse(_Fields(env).visit(tree).body)
    return inspect.cleandoc(_METRIC).format(text=f"Metric expression: {_quoted(text)}", expression=expression) + "\n"


def spelled_out(metric: str, env: EnvSpec) -> tuple[str, str]:
    """What `env:return` and `info:KEY` mean, in words and as an expression; another expression as it is.

    Raises:
        UsageError: the environment gives no reward of its own, or no number of this key in every step.
    """
    kind, _, key = metric.strip().partition(":")
    if kind not in ("env", "info") or not key:
        return metric, metric
    if metric.strip() == "env:return" and env.field(ENV_REWARD) is not None:
        return "the sum of the environment's own reward over an episode", f"sum({ENV_REWARD})"
    if kind == "info":
        name = f"info_{re.sub(r'[^0-9a-z]+', '_', key.lower()).strip('_')}"
        field = env.field(name)
        if field is not None and not field.shape:
            return f"the greatest info[{key!r}] of an episode", f"max({name})"
    known = [
        f"info:{one.name.removeprefix('info_')}" for one in env.fields if one.name.startswith("info_") and not one.shape
    ]
    known += ["env:return"] if env.field(ENV_REWARD) is not None else []
    seen = f"Known here: {', '.join(known)}." if known else "It holds for environments of Gymnasium."
    raise UsageError(f"--metric {metric!r:.200}: {env.name} has nothing of that name.", seen)


def subtask_of(name: str, expression: str, env: EnvSpec) -> Subtask:
    """A part of a task whose program is 1 where an episode does it, else 0.

    Raises:
        UnknownNameError, UsageError: it is no expression over fields of this environment.
    """
    code = metric_from_expression(f"where({expression}, 1.0, 0.0)", env)
    return Subtask(name=name, expression=expression, code=code)


def _reduces(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OVER_TIME


def _usage(env: EnvSpec) -> str:
    example = next((field for field in env.fields if not field.next_state_only), None)
    index = "[..., 0]" if example is not None and example.shape else ""
    name = example.name if example is not None else "action"
    return f"Reduce over time with {', '.join(OVER_TIME)}, e.g. --metric 'mean({name}{index})'."


def _quoted(text: str) -> str:
    return text.strip().replace("\\", "/").replace('"', "'")


class _Fields(ast.NodeTransformer):
    """Names of an expression become fields of the trajectory, and functions of the metric or of jnp."""

    def __init__(self, env: EnvSpec) -> None:
        self._fields = {field.name for field in env.fields} | {"action"}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call of a bare name is one of the metric's functions or of jnp's."""
        arguments = [self.visit(argument) for argument in node.args]
        keywords = [ast.keyword(keyword.arg, self.visit(keyword.value)) for keyword in node.keywords]
        if not isinstance(node.func, ast.Name):
            return ast.Call(self.visit(node.func), arguments, keywords)
        name = node.func.id
        if name in OVER_TIME:
            valid = ast.Attribute(ast.Name("trajectory", ast.Load()), "valid", ast.Load())
            return ast.Call(ast.Name(f"over_{name}", ast.Load()), [valid, *arguments], keywords)
        if name == "norm":
            return ast.Call(ast.Name(name, ast.Load()), arguments, keywords)
        if name not in JNP_MEMBERS:
            raise UnknownNameError("function of a metric", name, {*OVER_TIME, "norm", *JNP_MEMBERS})
        return ast.Call(ast.Attribute(ast.Name("jnp", ast.Load()), name, ast.Load()), arguments, keywords)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._fields:
            return ast.Attribute(ast.Name("trajectory", ast.Load()), node.id, ast.Load())
        if node.id in ("jnp", "np", "math"):
            return node
        raise UnknownNameError("field", node.id, self._fields)
