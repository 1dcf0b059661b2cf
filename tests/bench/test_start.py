"""The start-up measurement runs the real command with an empty and with a filled compilation cache."""

from __future__ import annotations

import jsonschema
import pytest

from autoreward import views
from autoreward.bench import start
from autoreward.errors import EnvironmentFailedError


@pytest.mark.thorough
def test_cold_and_warm_starts_are_timed() -> None:
    heard: list[str] = []
    view = start.bench_start(1, lambda event: heard.append(event.stage))
    jsonschema.validate(view.model_dump(mode="json"), views.schemas()["bench.start"])
    assert heard == ["start: round 1 of 1: cold", "start: round 1 of 1: warm"]
    assert [row.cache for row in view.rows] == ["cold", "warm"]
    assert all(row.seconds.low > 0 for row in view.rows)
    assert view.passed == all(row.met for row in view.rows)


def test_a_command_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "ARGUMENTS", ("train", "human", "--env", "half_cheeta/forward"))
    with pytest.raises(EnvironmentFailedError, match=r"(?s)status 2.*half_cheeta"):
        start.bench_start(1, lambda event: None)
