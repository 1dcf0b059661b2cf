"""`metric`: from a text to a file that `--metric` takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward import api
from autoreward.config import Settings
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import BudgetReachedError, UsageError
from autoreward.records import MetricSpec
from autoreward.search.request import read_metric
from autoreward.workflows.metric import file_text
from tests.loopback import LoopbackServer, says
from tests.search.test_metric_choice import SECONDS, SHARE, TEXT

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")


def asking(server: LoopbackServer, **budget: int) -> Settings:
    llm = {"model": "openai/scripted", "base_url": server.url, "parallel_requests": 1}
    return Settings.model_validate({"llm": llm, "design": {"metric_drafts": 2}, "budget": budget})


def test_the_file_is_a_metric_with_its_words(tmp_path: Path) -> None:
    file = tmp_path / "metric.py"
    with LoopbackServer([says(SECONDS), says(SHARE)]) as server:
        view = api.metric(TEXT, env="inverted_pendulum", file=file, settings=asking(server))
        assert len(server.requests) == 2
    assert view.usage.calls == 2 and view.sentence == "The time until the pole falls."
    given = read_metric(open_environment("inverted_pendulum"), str(file))
    assert (given.origin, given.meaning, given.unit, given.reference) == ("file", view.sentence, "s", 36.0)
    with pytest.raises(UsageError, match="exists already"), LoopbackServer() as unasked:
        api.metric(TEXT, env="inverted_pendulum", file=file, settings=asking(unasked))
    assert not unasked.requests


def test_it_needs_a_language_model_and_a_budget_that_holds_the_questions(tmp_path: Path) -> None:
    file = tmp_path / "metric.py"
    with pytest.raises(UsageError, match="compose cannot find a metric"):
        api.metric(
            TEXT, env="inverted_pendulum", file=file, settings=Settings.model_validate({"llm": {"model": "compose"}})
        )
    with LoopbackServer() as server, pytest.raises(BudgetReachedError):
        api.metric(TEXT, env="inverted_pendulum", file=file, settings=asking(server, max_tokens=100))
    assert not server.requests
    assert not file.exists()


@pytest.mark.parametrize("reference", [None, 0.25])
def test_what_the_file_says_is_read_again(tmp_path: Path, reference: float | None) -> None:
    spec = MetricSpec(
        origin="model", code="def success(t, params): ...\n", meaning="Far.", unit="m", reference=reference
    )
    file = tmp_path / "far.py"
    file.write_text(file_text(spec))
    again = read_metric(open_environment("inverted_pendulum"), str(file))
    assert (again.meaning, again.unit, again.reference) == ("Far.", "m", reference)
