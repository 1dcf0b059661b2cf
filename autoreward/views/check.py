"""What `check` prints."""

from __future__ import annotations

from typing import Literal

from autoreward.records import Finding
from autoreward.views.view import View


class CheckLine(View):
    """`check`: one line a file."""

    file: str
    status: Literal["accepted", "refused", "failed"]
    tier: Literal["strong", "medium", "basic"]
    findings: tuple[Finding, ...] = ()
    seconds: float
