"""What happened while a candidate trained, and what that says about its reward."""

from autoreward.analyzer.analysis import analyze
from autoreward.analyzer.family import Family, Relative
from autoreward.analyzer.recordings import CandidateRecordings
from autoreward.analyzer.written import render_analysis, render_traces

__all__ = ["CandidateRecordings", "Family", "Relative", "analyze", "render_analysis", "render_traces"]
