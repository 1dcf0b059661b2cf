"""Every error this package raises on purpose, with the exit code the command line gives it.

    AutorewardError                1   a bug, when nothing more exact fits
    ├── UsageError                 2   a name, an option or a file that cannot be used
    │   ├── UnknownNameError       2   no environment, task, field, run, ... of that name; names the nearest
    │   │   └── UnknownEnvironmentError  2  the same, and how an environment of Gymnasium is named
    │   ├── UntrustedError         2   a run or a task file uses a pack or a server that nobody here has confirmed
    │   └── ConfigError            2   a setting that does not exist or has a wrong value
    ├── NoValidCandidateError      3   no reward program passed the critic or finished training
    ├── TargetNotMetError          4   the search ended below `--target`
    ├── ModelError                 5   the LLM or the network
    │   ├── ModelAccessError       5   401, 403, 404, quota: retrying cannot help
    │   └── ModelOutageError       5   the outage budget is used up
    ├── BudgetReachedError         6   a budget ended the run; the best so far is saved
    ├── EnvironmentFailedError     7   the environment or the simulator failed
    │   └── RenderingError         7   a clip was asked for, and nothing can be drawn here
    ├── WaitingForPersonError      8   a person has to answer first
    ├── IsolationError             9   the isolation tier that was asked for is not available
    ├── StorageError              10   disk full, not writable
    │   └── RunLockedError        10   another process holds the run
    └── InterruptedRunError      130   Ctrl-C or a signal; everything paid for is saved

Messages say who, what was seen, what was expected; the remedy says what to do. They often quote what a model, a server
or a file said, so both are made harmless to show here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

from autoreward.plain_text import plain


class AutorewardError(Exception):
    """The root of every error raised on purpose; carries a remedy and an exit code."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = plain(message)
        self.remedy = plain(remedy)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class UsageError(AutorewardError):
    """A name, an option or a file that cannot be used."""

    exit_code = 2


class UnknownNameError(UsageError):
    """Something was asked for by a name that does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        listed = ", ".join(names) if names else "none"
        super().__init__(f"There is no {kind} named {name!r}.", f"{hint}Known: {listed}.")
        self.nearest = close[0] if close else None


class UnknownEnvironmentError(UnknownNameError):
    """There is no pack of this name, and it is not how an environment of Gymnasium is named."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__("environment", name, known)
        self.remedy += " Gymnasium's have a version in their name (CartPole-v1), your own a module (my_robot:Reach)."


class UntrustedError(UsageError):
    """A run or a task file uses a pack or a server that nobody here has confirmed; `digests` confirms them."""

    def __init__(self, message: str, remedy: str = "", digests: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy)
        self.digests = digests


class ConfigError(UsageError):
    """A setting that does not exist or has a value of the wrong kind."""


class NoValidCandidateError(AutorewardError):
    """No reward program passed the critic, or none finished training."""

    exit_code = 3


class TargetNotMetError(AutorewardError):
    """The search ended below the target success."""

    exit_code = 4


class ModelError(AutorewardError):
    """The LLM or the way to it failed; `calls` requests were sent for it."""

    exit_code = 5
    calls: int = 1


class ModelAccessError(ModelError):
    """The server refuses this key, model or account: another try cannot help."""


class ModelOutageError(ModelError):
    """The server stayed out of reach for longer than the outage budget."""


class BudgetReachedError(AutorewardError):
    """A budget of the run is used up; the best so far is saved.

    Args:
        larger: the setting (KEY=VALUE) of a budget that would do.
        shorter: the setting of shorter replies, which the budget holds too; "" where it would not.
    """

    exit_code = 6

    def __init__(self, message: str, remedy: str = "", *, larger: str = "", shorter: str = "") -> None:
        super().__init__(message, remedy)
        self.larger, self.shorter = larger, shorter


class EnvironmentFailedError(AutorewardError):
    """The environment pack or the simulator failed."""

    exit_code = 7


class RenderingError(EnvironmentFailedError):
    """No picture can be drawn or encoded here."""


class WaitingForPersonError(AutorewardError):
    """The run cannot go on before a person has answered."""

    exit_code = 8


class IsolationError(AutorewardError):
    """The isolation tier that was asked for is not available here."""

    exit_code = 9


class StorageError(AutorewardError):
    """The disk is full, or a place cannot be written."""

    exit_code = 10


class RunLockedError(StorageError):
    """Another live process holds the lock of this run."""


class InterruptedRunError(AutorewardError):
    """A person or the scheduler stopped the run; everything paid for is saved."""

    exit_code = 130
