"""From what went wrong in a child to a finding with a cure."""

from __future__ import annotations

import re
from typing import NamedTuple

from autoreward.records import Finding
from autoreward.reward.sandbox.replies import Failure


class Translation(NamedTuple):
    """One kind of error, recognised by the type, the message and the line of the program it came from."""

    rule: str
    error: str  # regular expressions; "" fits everything
    message: str
    line: str
    seen: str  # what to say; "" repeats the first line of the error
    remedy: str


_BOOLEAN = "TruthError|RowsError"

TRANSLATIONS = (
    Translation(
        "trace.builtin", _BOOLEAN, "", r"\b(max|min)\(",
        "Python's max or min is applied to arrays",
        "Use jnp.maximum(a, b), jnp.minimum(a, b) or jnp.clip for two values, jnp.max(x, axis=-1) for an axis.",
    ),
    Translation(
        "trace.builtin", _BOOLEAN, "", r"(?<!\.)\b(sum|any|all|sorted)\(",
        "a Python function that loops over its argument is applied to an array",
        "Use jnp.sum, jnp.any, jnp.all or jnp.sort with axis=-1.",
    ),
    Translation(
        "trace.bool", _BOOLEAN, "", r"[\w\])]\s*[<>]=?(?:(?! and | or )[^<>,])+[<>]=?\s*[\w\[(-]",
        "a chained comparison is applied to an array",
        "Write (low < x) & (x < high), each comparison in parentheses.",
    ),
    Translation(
        "trace.loop", "RowsError", "", r"\bfor\b.+\bin\b",
        "a loop runs over the rows of the batch",
        "Array functions work on all rows at once; loop over entries with x[..., i] and a constant range.",
    ),
    Translation(
        "trace.bool", _BOOLEAN, "", r"\b(and|or|not)\b(?!.*\bif\b)",
        "`and`, `or` or `not` is applied to arrays",
        "Use jnp.logical_and, jnp.logical_or, jnp.logical_not.",
    ),
    Translation(
        "trace.bool", _BOOLEAN, "", r"\b(if|elif)\b",
        "`if` depends on an array or on a PARAMS value",
        "Use jnp.where(condition, a, b): the values are known only when the program runs.",
    ),
    Translation(
        "program.batch_size", "RowsError", "", "",
        "the number of rows of the batch (of a metric: of episodes) is used as a number",
        "It may be a size in a shape only. Each row means the same in any batch: use x[..., i] and axis=-1.",
    ),
    Translation(
        "trace.bool", "TruthError", "", "",
        "an array or a PARAMS value is used as a Python condition",
        "Use jnp.where(condition, a, b), & and | in place of chained comparisons.",
    ),
    Translation(
        "trace.number", "", "", r"\bmath\.",
        "a function of math is applied to an array or a PARAMS value",
        "Use the function of jnp: math works on plain numbers only.",
    ),
    Translation(
        "trace.number", "TypeError|PlainNumberError", "", r"\brange\(",
        "`range` depends on an array or on a PARAMS value",
        "Use a plain constant: loops are unrolled while the program is compiled.",
    ),
    Translation(
        "trace.number", "PlainNumberError|ConcretizationTypeError|Tracer(Integer|Array)ConversionError", "", "",
        "an array or a PARAMS value is used as a plain Python number",
        "Keep it an array: no float(), int() or range() of it; use jnp functions.",
    ),
    Translation(
        "trace.number", "TypeError", r"Only (integer )?scalar arrays|__round__|__index__", "",
        "an array or a PARAMS value is used as a plain Python number",
        "Keep it an array: jnp functions in place of float(), int(), round().",
    ),
    Translation(
        "trace.dtype", "UserWarning", "Explicitly requested dtype", "",
        "a dtype of 64 bits is asked for, and programs compute with 32",
        "Use jnp.float32, jnp.int32 or jnp.bool_.",
    ),
    Translation(
        "trace.lapack", "OSError|NotImplementedError", "", r"norm\(|linalg",
        "a matrix factorisation, which is not array arithmetic",
        "Use norm with axis=-1 of vectors; write other formulas out with elementwise products.",
    ),
    Translation(
        "trace.store", "TypeError", "item assignment|read-only", "",
        "an entry of an array is assigned",
        "Arrays are never changed: use jnp.where, or build the result with jnp.stack([...], axis=-1).",
    ),
    Translation(
        "trace.store", "ValueError", "read-only", "",
        "an array is changed in place", "Write x = x + y in place of x += y; use jnp.where for single entries.",
    ),
    Translation(
        "trace.list", "TypeError", r"requires ndarray or scalar|got list|got <class 'list'>|got tuple", "",
        "a list is given where an array is expected", "Make it an array: jnp.stack([...], axis=-1).",
    ),
    Translation(
        "trace.broadcast", "TypeError|ValueError", r"incompatible shapes|broadcast|dot_general|matmul", "",
        "", "Shapes have to fit after the batch axis N: use x[..., None], axis=-1, keepdims=True.",
    ),
    Translation(
        "trace.index", "IndexError|TypeError|ValueError", r"out of bounds|too many indices|out of range", "",
        "", "Count the entries of the field from 0; the first axis is the batch: use x[..., i].",
    ),
    Translation(
        "trace.key", "KeyError", "", "", "", "Use a name that is in the dict: PARAMS declares those of params.",
    ),
    Translation(
        "trace.unbound", "NameError|UnboundLocalError", "", "", "", "Assign it before it is read, on every path.",
    ),
    Translation(
        "trace.recursion", "RecursionError", "", "", "the program calls itself without an end", "Use a loop.",
    ),
    Translation(
        "trace.memory", "MemoryError", "", "", "the program needs more memory than it may have",
        "Use smaller arrays; nothing larger than a few thousand numbers a row.",
    ),
    Translation(
        "trace.memory", "XlaRuntimeError|JaxRuntimeError", "RESOURCE_EXHAUSTED|[Oo]ut of memory|allocate", "",
        "the program needs more memory than it may have",
        "Use smaller arrays; nothing larger than a few thousand numbers a row.",
    ),
    Translation(
        "trace.division", "ZeroDivisionError", "", "", "", "Check the constants of the program.",
    ),
)  # fmt: skip

_ENDS = {
    "deadline": ("run.deadline", "Remove long loops and huge arrays: a reward compiles in a fraction of a second."),
    "crash": ("run.crash", "Use fewer and smaller arrays and simpler expressions."),
    "reply": ("run.reply", "Write plain array formulas."),
}


def translate(failure: Failure, source: str, label: str = "the program") -> Finding:
    """The finding for a failure of a child.

    Args:
        failure: what the sandbox saw.
        source: the program, for the line that failed.
        label: who failed, where the message does not say it: "the numpy twin", ...
    """
    if failure.kind != "raised":
        rule, remedy = _ENDS[failure.kind]
        return Finding(rule=rule, severity="error", message=f"{label}: {failure.message}", remedy=remedy)
    lines = source.splitlines()
    text = lines[failure.line - 1].strip() if failure.line and failure.line <= len(lines) else ""
    translation = next((entry for entry in TRANSLATIONS if _fits(entry, failure, text)), None)
    first = failure.message.strip().split("\n")[0][:300]
    seen = translation.seen if translation and translation.seen else f"{failure.error}: {first}"
    shown = f"`{text[:100]}`: " if text else f"{label}: "
    remedy = translation.remedy if translation else "Use array formulas over the last axis; see `autoreward guide`."
    rule = translation.rule if translation else "trace.error"
    return Finding(rule=rule, severity="error", line=failure.line, message=shown + seen, remedy=remedy)


def _fits(entry: Translation, failure: Failure, text: str) -> bool:
    return bool(
        re.search(entry.error, failure.error)
        and re.search(entry.message, failure.message)
        and re.search(entry.line, text)
    )
