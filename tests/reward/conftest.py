"""One sandbox for the tests of a folder: starting it costs a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autoreward.reward.sandbox.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A started sandbox."""
    with Sandbox() as started:
        yield started
