"""Files that somebody else may have made: looked at before they are read, and read only up to a limit."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autoreward.errors import UsageError

TEXT_LIMIT = 4 << 20  # [bytes] of a file with a program, a task, settings or a reply
YAML_DEPTH = 50  # of lists and mappings in one another
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_input(path: Path, limit: int = TEXT_LIMIT, *, follow: bool = True) -> bytes:
    """The content of a regular file.

    Args:
        follow: a link at the end of the path, to what it names; False in a folder that somebody else made.

    Raises:
        UsageError: it is no file (a pipe, a device, a socket, a folder), too large, or cannot be opened.
    """
    # Not waiting for the other end of a pipe, which is refused below.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise UsageError(f"{path}: is a link, which is not followed.", "Give the file itself.") from error
        raise UsageError(f"{path}: cannot be read: {error.strerror}.", "Give the path of a readable file.") from error
    except ValueError as error:  # a null character in the name
        raise UsageError(f"{path}: cannot be read: {error}.", "Give the path of a readable file.") from error
    try:
        _check(path, os.fstat(descriptor), limit)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise _too_large(path, len(content), limit)
    return content


def read_text(path: Path, limit: int = TEXT_LIMIT) -> str:
    """The text of a regular file.

    Raises:
        UsageError: as of `read_input`, or it is not UTF-8.
    """
    try:
        return read_input(path, limit).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: cannot be read: {error}.", "Save it as UTF-8.") from error


def kind_of(mode: int) -> str:
    """What a file is that is not a regular one, in words; "" for a regular file."""
    if stat.S_ISREG(mode):
        return ""
    return next((words for is_one, words in _KINDS if is_one(mode)), "no regular file")


def _check(path: Path, status: os.stat_result, limit: int) -> None:
    if kind := kind_of(status.st_mode):
        raise UsageError(f"{path}: is {kind}, expected a file.", "Give the path of a regular file.")
    if status.st_size > limit:
        raise _too_large(path, status.st_size, limit)


def _too_large(path: Path, size: int, limit: int) -> UsageError:
    return UsageError(f"{path}: has {size:,} bytes; at most {limit:,} are read.", "Is it the file that you meant?")


def parse_yaml(text: str) -> Any:
    """What a YAML text says; no part of it may stand for another (`*name`), which makes of a small file a huge value.

    Raises:
        yaml.YAMLError: it is no YAML, has an alias, a name twice, or is nested too deeply.
    """
    import yaml  # slow to load: `list` without runs needs none

    kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where PyYAML was built with it: ten times as fast
    try:
        _check_growth(yaml.parse(text, Loader=kind))
        loader = kind(text)
        try:
            node = loader.get_single_node()
            if name := _first_twice(node):
                raise yaml.YAMLError(f"{name[:60]!r} stands twice in one place")
            return None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except UnicodeEncodeError as error:  # libyaml reads bytes
        raise yaml.YAMLError(f"it has a character that is none: {error}") from error


def _check_growth(events: Iterator[Any]) -> None:
    import yaml  # as above

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("a part of it stands for another one (`*name`): write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > YAML_DEPTH:
            raise yaml.YAMLError(f"it is nested more than {YAML_DEPTH} deep")


def _first_twice(root: Any) -> str | None:
    """A name that stands twice in a mapping of nodes, where YAML takes the last one and says nothing."""
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node is None or isinstance(node.value, str):
            continue
        if node.id == "sequence":
            nodes += node.value
            continue
        nodes += [value for _, value in node.value]
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key.value, str) and key.value in seen:
                return str(key.value)
            seen.add(str(key.value))
    return None
