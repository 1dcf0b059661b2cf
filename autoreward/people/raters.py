"""Who rates, where nobody says so."""

from __future__ import annotations

import os
import pwd

from autoreward.people.preferences import NAME_LIMIT, read_rater
from autoreward.plain_text import plain_line


def rater_name(given: str | None) -> str:
    """The name that was given, or that of the account.

    Raises:
        UsageError: no rater can be called so.
    """
    return read_rater(_account() if given is None else given)


def _account() -> str:
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name, as in some containers
        name = ""
    return plain_line(name).replace("/", "")[:NAME_LIMIT] or "person"
