"""Finds the reward program in a reply. Never raises: where there is none, the source is empty.

Everything here takes time in proportion to the length of the reply: a model, or whoever stands in for it, must not
be able to stop a search with a long one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from autoreward.designer.program import read_origin
from autoreward.plain_text import plain, plain_line
from autoreward.python_text import parse_module
from autoreward.records import Candidate, Completion

_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_LATE_FENCE = re.compile(r"(?<!`)(?P<mark>`{3,})(?:python3?|py)?[ \t]*$", re.IGNORECASE)  # after prose on its line
_GLUED_CODE = re.compile(r"^[ \t]*(?:python3?|py)[ \t]+(?P<code>(?:(?:WEIGHTS|PARAMS|def|import|from)\b|\"\"\").*)$")
# A part in which a model thinks aloud. It opens at the start of a line; a closing mark without an opening one ends
# thoughts that began before the reply did. A server may also leave the marks in it that models put between channels.
_THOUGHT = re.compile(
    r"(?P<open>^[ \t]*(?:<(?:\w+:)?(?:think|thinking|thought|reasoning)>|\[THINK\]|\u25c1think\u25b7)"
    r"|<\|channel\|>[ \t]*(?:analysis|commentary)\b[^<\n]{0,80}<\|message\|>)"
    r"|(?<![^`]`)(?:</(?:\w+:)?(?:think|thinking|thought|reasoning)>|\[/THINK\]|\u25c1/think\u25b7)"
    r"|<\|channel\|>[ \t]*final\b[^<\n]{0,80}<\|message\|>",
    re.IGNORECASE | re.MULTILINE,
)
_CONTROL_TOKEN = re.compile(r"<\|(?:start|end|return|im_start|im_end|eot_id|eom_id|endoftext|end_of_text)\|>")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000"), " ")  # as a page sets them; no Python
_LANGUAGE = ("python", "python3", "py")
_PROGRAM = re.compile(r"^[ \t]*def[ \t]+(?:reward_terms|potential)\b", re.MULTILINE)
_CODE_LINE = re.compile(r"^(?:\"\"\"|'''|import\s|from\s|WEIGHTS\b|PARAMS\b|def\s)")
_TOP_LEVEL = re.compile(
    r"^(?:[ \t]|$|#|@|\"\"\"|'''|[\])}]|import\s|from\s+\w[\w.]*\s+import\b"
    r"|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:(]"
    r"|[A-Za-z_]\w*(?:\s*:[^=]{1,80})?\s*=(?!=)|(?:if|for|while|with|else|elif|try|except|finally)\b.*:\s*(?:#.*)?$)"
)
_LIST = re.compile(r"^\s*(?:[*\u2022-]|\d+[.)])\s")  # an entry of a list in prose
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#.*")
_TRIPLE = re.compile(r"\"\"\"|'''")
_ID_ALONE = re.compile(r"^\W*g\d+c\d+(?:r\d+)?\W*$")  # a heading that names the program, and says nothing of it
_ANNOUNCED = re.compile(r"^\**plan\**\s*:\**\s*", re.IGNORECASE)  # "Plan: ", which says that a plan follows
PLAN_LIMIT = 500  # characters of a plan that are kept
QUOTED = 300  # characters of a server's words
_TRIES = 4  # ends of an unfenced program that are looked at
_READ_LIMIT = 200_000  # characters; a longer text is no reward program, and is not given to Python's parser


def parse(
    completion: Completion, candidate_id: str, generation: int, parents: Sequence[str] = (), attempts: int = 1
) -> Candidate:
    """The candidate that a reply holds; its source is "" where there is no program.

    Of several fenced blocks the last one with a program counts. The embedded designer states in the program which
    candidates it varied; these are the parents then.
    """
    source = find_program(completion.text) if completion.status == "answered" else ""
    return Candidate(
        id=candidate_id,
        generation=generation,
        parents=read_origin(source) or tuple(parents),
        source=source,
        designer=completion.designer,
        attempts=attempts,
        plan=find_plan(completion.text) if completion.status == "answered" and source else "",
    )


def unanswered(completion: Completion) -> str:
    """Why there is no answer: what became of it, and the server's own words where there are any."""
    words = "" if completion.status in ("answered", "cut") else plain_line(completion.text[: 4 * QUOTED])[:QUOTED]
    what = "an empty answer" if completion.status == "answered" else f"there is no answer ({completion.status})"
    return f"{what}: {words}" if words else what


def find_program(text: str) -> str:
    """The program inside a reply, or "". What a model only thought of is no program."""
    text = _CONTROL_TOKEN.sub("", without_thoughts(one_line_ends(text))).translate(_SPACES)
    lines = text.split("\n")
    spans = list(fenced_spans(lines))
    programs = [source for source in (_block(lines, *span) for span in spans) if _PROGRAM.search(source)]
    if programs:
        return _tidy(programs[-1])
    if _PROGRAM.search(text):
        return _tidy(_unfenced(lines))
    return _tidy(max((_block(lines, *span) for span in spans), key=len, default=""))


def find_plan(text: str) -> str:
    """The prose of a reply before its first block, on one line; "" where there is none, or no block.

    A plan that is longer than `PLAN_LIMIT` keeps its beginning and its end, where a reply says what it expects.
    """
    lines = without_thoughts(one_line_ends(text)[:_READ_LIMIT]).split("\n")
    first = next((start for start, _ in fenced_spans(lines)), 0)
    prose = (line.lstrip("#>*- \t") for line in lines[:first] if not _ID_ALONE.match(line))
    plan = _ANNOUNCED.sub("", " ".join(plain(" ".join(prose)).split()))
    if len(plan) <= PLAN_LIMIT:
        return plan
    half = PLAN_LIMIT // 2
    return f"{plan[:half].rstrip()} ... {plan[-half:].lstrip()}"


def one_line_ends(text: str) -> str:
    """The text with `\\n` at every end of a line, and without byte order marks."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "")


def without_thoughts(text: str) -> str:
    """The text without the parts in which the model thinks aloud; one that is never closed reaches to the end."""
    kept: list[str] = []
    place, thinking = 0, False
    for mark in _THOUGHT.finditer(text):
        opens = mark["open"] is not None
        if thinking and not opens:
            thinking = False
        elif not thinking and opens:
            kept.append(text[place : mark.start()])
            thinking = True
        elif not thinking:  # all that stands before it was thought
            kept.clear()
        place = mark.end()
    return "".join(kept) + ("" if thinking else text[place:])


def is_thinking(text: str) -> bool:
    """Whether the text ends in the middle of a thought."""
    marks = [mark["open"] is not None for mark in _THOUGHT.finditer(text)]
    return bool(marks) and marks[-1]


def fenced_spans(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines of the opening and the closing fence of each block; one that is never closed reaches to the end.

    A fence may stand behind other words on its line: behind prose it opens a block, behind code it closes one. The
    line of such a closing fence is the last but one of its block.
    """
    mark, first = "", 0
    for number, line in enumerate(lines):
        fence = _FENCE.match(line) or (None if mark and mark[0] == "~" else _LATE_FENCE.search(line))
        if fence is None:
            continue
        info = fence.groupdict().get("info") or ""
        if not mark and "`" not in info and (fence.re is _FENCE or line.count("`") == len(fence["mark"])):
            mark, first = fence["mark"], number
        elif mark and fence.re is _FENCE and fence["mark"].startswith(mark) and not info.strip():
            yield first, number
            mark = ""
        elif mark and fence.re is _LATE_FENCE and line.rstrip().endswith(mark) and line.count("`") == len(mark):
            yield first, number + 1
            mark = ""
    if mark:
        yield first, len(lines)


def _block(lines: Sequence[str], first: int, last: int) -> str:
    """The text between two fences, with what stands behind the opening and before a glued closing one."""
    glued = _GLUED_CODE.match(lines[first].lstrip(" \t`~"))
    inner = [*([glued["code"]] if glued else []), *lines[first + 1 : last]]
    if inner and inner[0].strip().lower() in _LANGUAGE:  # below the fence where it should stand behind it
        inner = inner[1:]
    if inner and not _FENCE.match(inner[-1]) and _LATE_FENCE.search(inner[-1]) and inner[-1].count("`") >= 3:
        inner[-1] = inner[-1].rstrip().rstrip("`")
    return "\n".join(inner)


def _unfenced(lines: Sequence[str]) -> str:
    """A program that stands in prose: from its first line of code, up to where it stops being Python."""
    start = next((index for index, line in enumerate(lines) if _CODE_LINE.match(line)), 0)
    end = start + _code_length(lines[start:])
    while end > start and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):  # a heading of the prose
        end -= 1
    whole = attempt = "\n".join(lines[start:end])
    for _ in range(_TRIES):
        wrong = _wrong_line(attempt)
        if wrong is None and _PROGRAM.search(attempt):
            return attempt
        if not wrong:
            break
        attempt = "\n".join(lines[start : start + wrong - 1])
    return whole


def _code_length(lines: Sequence[str]) -> int:
    """How many lines look like code: indented ones, statements, and all inside brackets and long strings."""
    depth, quote = 0, ""
    for number, line in enumerate(lines):
        if not quote and depth <= 0 and (_LIST.match(line) or not _TOP_LEVEL.match(line)):
            return number
        for mark in _TRIPLE.findall(line):
            quote = mark if not quote else "" if quote == mark else quote
        if not quote:
            bare = _STRING.sub("", line)
            depth += sum(bare.count(one) for one in "([{") - sum(bare.count(one) for one in ")]}")
    return len(lines)


def _wrong_line(text: str) -> int | None:
    """None for Python; the number of the line where it stops being that, 0 where that is not known."""
    if len(text) > _READ_LIMIT:
        return 0
    try:
        parse_module(text)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, MemoryError, RecursionError):
        return 0
    return None


def _tidy(source: str) -> str:
    source = textwrap.dedent(source.expandtabs(4)).strip("\n")
    return source.rstrip() + "\n" if source.strip() else ""
