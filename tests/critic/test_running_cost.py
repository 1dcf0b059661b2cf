"""What a program takes on a full rollout is a straight line through two measured calls."""

from __future__ import annotations

import pytest

from autoreward.critic.running_cost import running_cost_findings
from autoreward.reward.sandbox.replies import Measured

ROWS = (100, 1_100)
FULL = 10_100  # nine times the way from the small to the large batch, behind the large one


@pytest.mark.parametrize(
    ("small", "large", "said"),
    [
        (Measured(0.001, 10**6), Measured(0.01, 10**7), []),
        (Measured(0.001, 0), Measured(0.050, 0), []),  # 0.050 + 9 * 0.049 = 0.491
        (Measured(0.001, 0), Measured(0.052, 0), ["0.5 s"]),  # 0.052 + 9 * 0.051 = 0.511
        (Measured(0.1, 0), Measured(0.4, 0), ["3.1 s"]),  # 0.4 + 9 * 0.3
        (Measured(0.7, 0), Measured(0.6, 0), ["0.6 s"]),  # it never falls
        (Measured(0.0, 10**8), Measured(0.0, 3 * 10**8), ["2.1 GB"]),  # 0.3 + 9 * 0.2
        (Measured(1.0, 10**9), Measured(2.0, 2 * 10**9), ["11.0 s", "11.0 GB"]),
    ],
)
def test_by_hand(small: Measured, large: Measured, said: list[str]) -> None:
    findings = running_cost_findings(ROWS, (small, large), FULL)
    assert [finding.rule for finding in findings] == ["probe.cost"] * len(said)
    assert all(text in finding.message for text, finding in zip(said, findings, strict=True))


def test_a_batch_beyond_the_full_rollout_counts_as_it_is() -> None:
    assert running_cost_findings(ROWS, (Measured(0.1, 0), Measured(0.4, 0)), 500) == []
