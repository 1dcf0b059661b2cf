"""The list of faults, case by case. `python -m tests.faults` prints it as a table."""

from __future__ import annotations

import pytest

from tests.faults.case import Case, all_cases
from tests.faults.trial import tried

CASES = [pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else []) for case in all_cases()]


@pytest.mark.parametrize("case", CASES)
def test_it_comes_out_right(case: Case) -> None:
    seen = tried(case)
    assert not seen.wrong(case), seen.output
