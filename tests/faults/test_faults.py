"""The list of faults, case by case. `python -m tests.faults` prints it as a table."""

from __future__ import annotations

import pytest

from tests.commands import run_here, run_process
from tests.faults.case import Case, all_cases
from tests.faults.trial import tried

WHOLE = "cut reply whose prefix parses"  # one that trains, in a process with workers of its own
CASES = [pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else []) for case in all_cases()]


@pytest.mark.parametrize("case", CASES)
def test_it_comes_out_right(case: Case, warm: None) -> None:
    seen = tried(case, run_process if case.of_process or case.name == WHOLE else run_here)
    assert not seen.wrong(case), seen.output
