"""What stands around the program in an exported `reward.py`: written, found again, and held against what we write.

An exported file may have passed through other hands. Its program is checked like any other; the frame around it is
Python that nobody checks, so it has to be the one that this version writes from the same few values.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple

from autoreward.export.comments import plain_line
from autoreward.python_text import parse_module
from autoreward.records import Finding
from autoreward.reward import arrays, forms
from autoreward.reward.composition import EXPORT_ROWS
from autoreward.reward.language.text_rules import layout_findings
from autoreward.templates import render

TEMPLATE = "export/reward.py.j2"
_START = re.compile(r"^# --- The reward program, as it was [^\n]*\n", re.M)
_END = re.compile(r"^# --- How it is applied[^\n]*\n", re.M)
_FOR_TOOLS = re.compile(r"  # type: ignore\[[\w, -]+\]")
_ACTION_SIZE = re.compile(r"\(self\._size, (\d{1,6})\)")
RULE = "export.frame"
_REMEDY = (
    "Only the program between the two lines `# ---` was judged. Do not import this file: put its program into a file "
    "of its own, or export the run again."
)


class Field(NamedTuple):
    """A field as FIELDS lists it."""

    name: str
    shape: tuple[int, ...]
    comment: str = ""


class Frame(NamedTuple):
    """All that is particular to a file besides its program."""

    task: str
    gamma: float
    fields: tuple[Field, ...]
    action_size: int
    has_potential: bool
    has_params: bool
    has_form: bool = False
    arrays_first: bool = False  # the program makes arrays when it is imported; else what they are stands at the end


class Parts(NamedTuple):
    """The text before, of and behind the program."""

    before: str
    program: str
    behind: str


def written(frame: Frame, program: str) -> str:
    """The text of `reward.py`."""
    fields = [field._replace(comment=plain_line(field.comment)) for field in frame.fields]
    ours = {
        "arrays": arrays_text(),
        "forms": forms_text(),
        "fields": fields,
        "program": program.strip("\n"),
        "rows": EXPORT_ROWS,
    }
    return render(TEMPLATE, **frame._asdict() | ours)


@cache
def arrays_text() -> str:
    """What a file holds of `reward.arrays`: all below its line, without words for our own tools."""
    text = inspect.getsource(arrays)
    return _FOR_TOOLS.sub("", text[text.index("\n# --- ") :]).strip()


@cache
def forms_text() -> str:
    """What a file with a FORM holds of `reward.forms`: all below its line, without annotations."""
    text = inspect.getsource(forms)
    return unannotated(text[text.index("\n# --- ") :])


def unannotated(text: str) -> str:
    """Functions without their annotations and descriptions of arguments."""
    tree = parse_module(text)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
            described = ast.get_docstring(node) or ""
            node.body[0] = ast.Expr(ast.Constant(described.split("\n")[0]))
    return "\n\n\n".join(ast.unparse(node) for node in tree.body)


def parts(text: str) -> Parts | None:
    """An exported file in its parts; None for any other text. A program may hold such lines in its texts."""
    start, ends = _START.search(text), list(_END.finditer(text))
    if start is None or not ends or ends[-1].start() < start.end():
        return None
    return Parts(text[: start.end()], text[start.end() : ends[-1].start()], text[ends[-1].start() :])


def program_in(text: str) -> str:
    """The reward program inside an exported `reward.py`; any other text as it is.

    So an exported reward can be checked, trained and compared again like the file that it was made from.
    """
    pieces = parts(text)
    return pieces.program.strip() + "\n" if pieces else text


def frame_findings(text: str) -> list[Finding]:
    """What in an exported file stands outside its program and is not what we write; nothing for any other file."""
    pieces = parts(text)
    if pieces is None:
        return []
    if layout_findings(text):
        return [*layout_findings(text), _finding(None, "the file is not plain text")]
    try:
        before, behind, whole = (parse_module(part).body for part in (pieces.before, pieces.behind, text))
        program = parse_module(pieces.program).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return [_finding(None, "the lines around the program cannot be parsed")]
    ours = parts(written(_read(before, pieces.behind), ""))
    if ours is None:
        raise AssertionError("a written frame has its parts")
    expected = [*parse_module(ours.before).body, *program, *parse_module(ours.behind).body]
    changed = _first_change(whole, expected) or _first_change([*before, *program, *behind], expected)
    return [] if changed is None else [changed]


def _first_change(given: Sequence[ast.stmt], expected: Sequence[ast.stmt]) -> Finding | None:
    for one, other in zip_longest(given, expected):
        if one is None:
            return _finding(None, f"`{_shown(other)}` is missing from the lines around the program")
        if other is None or ast.dump(one) != ast.dump(other):
            return _finding(one.lineno, f"`{_shown(one)}` stands outside the program, and not as autoreward writes it")
    return None


def _read(before: Sequence[ast.stmt], behind: str) -> Frame:
    """The values of a frame as far as they are there and of their kind; others become other text when it is written."""
    task, gamma, fields = (_constant(before, name) for name in ("TASK", "GAMMA", "FIELDS"))
    size = _ACTION_SIZE.search(behind)
    named = fields if isinstance(fields, dict) else {}
    return Frame(
        task=task if isinstance(task, str) else "",
        gamma=gamma if isinstance(gamma, float) else 0.0,
        fields=tuple(Field(name, shape) for name, shape in named.items() if _is_field(name, shape)),
        action_size=int(size[1]) if size else 0,
        has_potential="def potential(self, side)" in behind,
        has_params="def _params()" in behind,
        has_form="def pay_step(" in behind,
        arrays_first="class NumpyEngine" not in behind,
    )


def _is_field(name: object, shape: object) -> bool:
    return isinstance(name, str) and isinstance(shape, tuple) and all(type(size) is int for size in shape)


def _constant(body: Sequence[ast.stmt], name: str) -> Any:
    for node in body:
        if isinstance(node, ast.Assign) and [ast.dump(target) for target in node.targets] == [_STORED.format(name)]:
            try:
                return ast.literal_eval(node.value)
            except (ValueError, TypeError, MemoryError, RecursionError):
                return None
    return None


_STORED = "Name(id='{}', ctx=Store())"


def _shown(node: ast.stmt) -> str:
    try:
        return ast.unparse(node).split("\n")[0][:80]
    except ValueError:
        return type(node).__name__


def _finding(line: int | None, message: str) -> Finding:
    return Finding(rule=RULE, severity="error", line=line, message=message, remedy=_REMEDY)
