"""What calls cost, added up; findings in words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autoreward.records import Finding, Usage

COUNTS = st.integers(0, 10**6)
USAGES = st.builds(
    Usage,
    calls=COUNTS,
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    cost=st.none() | st.integers(0, 9),
    estimated=st.booleans(),
)


def test_a_sum_by_hand() -> None:
    one = Usage(calls=1, input_tokens=10, output_tokens=2, cached_tokens=4, reasoning_tokens=1, cost=0.25)
    other = Usage(calls=2, input_tokens=5, output_tokens=3, cost=0.5, estimated=True)
    assert one.plus(other) == Usage(
        calls=3, input_tokens=15, output_tokens=5, cached_tokens=4, reasoning_tokens=1, cost=0.75, estimated=True
    )


@given(USAGES, USAGES, USAGES)
def test_the_order_is_no_matter_and_an_unknown_price_stays_unknown(one: Usage, two: Usage, three: Usage) -> None:
    assert one.plus(two).plus(three) == three.plus(two.plus(one))
    assert (one.plus(two).cost is None) == (one.cost is None or two.cost is None)
    assert one.plus(Usage()) == one


def test_a_finding_names_rule_line_and_remedy() -> None:
    finding = Finding(rule="static.field", severity="error", line=4, message="no height", remedy="Use torso_z.")
    assert finding.in_words() == "error static.field: line 4: no height\n  Use torso_z."
    bare = Finding(rule="static.field", severity="warning", message="no height")
    assert bare.in_words("    ") == "    warning static.field: no height"
