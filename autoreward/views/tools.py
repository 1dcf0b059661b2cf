"""What `config`, `guide` and `doctor` print, and what an error looks like with `--json`."""

from __future__ import annotations

from typing import Any, Literal

from autoreward.views.view import Part, View


class ConfigLine(View):
    """`config show`: one line a setting."""

    key: str
    value: Any
    origin: str  # "default", a file, a variable, "task", "--set", "flag", "argument" (from Python)


class GuideView(View):
    """`guide`: the reward contract on one page."""

    guide: str


class DoctorLine(View):
    """`doctor`: one line a check."""

    check: str
    status: Literal["ok", "warning", "failure"]
    detail: str
    fix: str = ""


class ErrorBody(Part):
    """What went wrong, and the cure."""

    type: str
    message: str
    remedy: str


class ErrorView(View):
    """Any command that fails, with `--json`."""

    error: ErrorBody
