"""Ways to draw without a screen."""

from __future__ import annotations

import pytest

from autoreward.doctor import rendering


def test_a_backend_that_does_not_exist_is_told_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "BACKENDS", {"no-such-backend": "Choose another one."})
    (line,) = rendering.check_backends()
    assert line.status == "warning"
    assert "no-such-backend" in line.detail
    assert line.fix == "Choose another one."
