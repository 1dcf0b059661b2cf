"""The list of faults, case by case. `python -m tests.faults` prints it as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.commands import run_here, run_process
from tests.faults.case import Case, all_cases
from tests.faults.trial import tried

WHOLE = "cut reply whose prefix parses"  # one that trains, in a process with workers of its own


def cases() -> Iterator[Any]:
    """Every third case, and the whole one; the others are thorough."""
    for place, case in enumerate(all_cases()):
        thorough = place % 3 > 0 and case.name != WHOLE
        marks = [pytest.mark.thorough] * thorough + [pytest.mark.slow] * case.slow
        yield pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", list(cases()))
def test_it_comes_out_right(case: Case, warm: None) -> None:
    seen = tried(case, run_process if case.of_process or case.name == WHOLE else run_here)
    assert not seen.wrong(case), seen.output
