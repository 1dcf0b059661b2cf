"""What calls cost, added up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autoreward.records import Usage

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
