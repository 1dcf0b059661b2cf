"""What happened while a candidate trained, and what that says about its reward."""

from autoreward.analyzer.analysis import analyze
from autoreward.analyzer.written import written

__all__ = ["analyze", "written"]
