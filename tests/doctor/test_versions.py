"""Packages that are known not to work together."""

from __future__ import annotations

import pytest

from autoreward.doctor import versions


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"mujoco": "3.12.0", "mjbatch": "0.1.0"}, "mujoco 3.12.0 with mjbatch 0.1.0"),
        ({"litellm": "1.82.7"}, "compromised"),
        ({"litellm": "1.82.8"}, "compromised"),
        ({"jax": "0.10.2", "jaxlib": "0.10.1"}, "jaxlib 0.10.1"),
    ],
)
def test_known_conflicts(found: dict[str, str], words: str) -> None:
    ((conflict, fix),) = versions.conflicts(found)
    assert words in conflict
    assert "pip install" in fix


def test_versions_that_work_together_are_no_conflict() -> None:
    found = {"mujoco": "3.11.0", "mjbatch": "0.1.0", "litellm": "1.106.2", "jax": "0.10.2", "jaxlib": "0.10.2"}
    assert list(versions.conflicts(found)) == []
