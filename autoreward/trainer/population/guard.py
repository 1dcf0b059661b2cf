"""What the trainer works on right now, and for whom: so that the failure of one candidate's program stays its own.

The trainer names each stage before it begins. The controller (trainer/client.py) waits for a stage only so long: a
program that hangs, exhausts the memory or takes the process with it is known by name, and the others train without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autoreward.errors import AutorewardError

Announce = Callable[[str, str | None], None]  # stage, and the candidate whose program runs in it

REASON_LIMIT = 300  # characters


class ProgramFailed(Exception):
    """A candidate's compiled program raised.

    Args:
        candidate: its id.
        reason: type and message of what it raised.
    """

    def __init__(self, candidate: str, reason: str) -> None:
        super().__init__(candidate, reason)
        self.candidate = candidate
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Guard:
    """Announces stages; what is raised inside a candidate's stage is the candidate's failure."""

    def __init__(self, announce: Announce = lambda stage, candidate: None) -> None:
        self._announce = announce

    @contextmanager
    def stage(self, name: str, candidate: str | None = None) -> Iterator[None]:
        """Do something that may hang or raise.

        Args:
            name: "rollout", "rewards", ...
            candidate: whose program is called, where one is.

        Raises:
            ProgramFailed: the candidate's program raised.
        """
        self._announce(name, candidate)
        try:
            yield
        except AutorewardError:
            raise
        except Exception as error:
            if candidate is None:
                raise
            lines = str(error).strip().splitlines() or [""]
            raise ProgramFailed(candidate, f"{type(error).__name__}: {lines[0]}"[:REASON_LIMIT]) from error
        finally:
            self._announce("between stages", None)
