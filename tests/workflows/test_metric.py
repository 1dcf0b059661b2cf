"""`metric`: from a text to a file that `--metric` takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward import api
from autoreward.config import Settings
from autoreward.environment.clips import ClipMaker
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import BudgetReachedError, UnknownNameError, UsageError
from autoreward.recordings import LABELS
from autoreward.records import MetricAnswer, MetricSpec
from autoreward.search.request import read_metric
from autoreward.views import MetricEvent, NoteEvent
from autoreward.workflows.metric import file_text
from tests.loopback import LoopbackServer, says
from tests.search.test_metric_choice import SECONDS, SHARE, TEXT, Reviewer, answering

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


def test_the_parts_of_the_task_go_through_the_file(tmp_path: Path) -> None:
    file, parts = (
        tmp_path / "metric.py",
        "\nsubtask: lasts a while = max(time) > 1.5\nsubtask: lasts = max(time) > 0.01\n",
    )
    events: list[object] = []
    with LoopbackServer(default=says(SECONDS + parts)) as server:
        api.metric(TEXT, env="inverted_pendulum", file=file, settings=asking(server), on_event=events.append)
    assert "# subtask: lasts a while = max(time) > 1.5\n" in file.read_text()
    (said,) = [event.text for event in events if isinstance(event, NoteEvent)]
    assert said.startswith("The subtask 'lasts' is left out: 100% of random episodes do it")
    (subtask,) = read_metric(open_environment("inverted_pendulum"), str(file)).subtasks
    assert (subtask.name, subtask.expression) == ("lasts a while", "max(time) > 1.5")
    assert "over_max" in subtask.code
    file.write_text(file.read_text().replace("max(time)", "max(tyme)"))
    with pytest.raises(UnknownNameError, match="tyme"):
        read_metric(open_environment("inverted_pendulum"), str(file))


def test_a_person_is_asked_as_design_asks_and_sees_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClipMaker, "draw", lambda maker, env, qpos: b"a clip")
    edited = "def success(trajectory, params):\n    x = jnp.mean(trajectory.valid, axis=0)\n"
    edited += '    return {"success": 2.0 * x, "progress": x}\n'
    person = Reviewer(
        MetricAnswer(verdict="reworded", text="in seconds", by="person"),
        MetricAnswer(verdict="edited", text="def success(: nonsense", by="person"),
        MetricAnswer(verdict="edited", text=edited, by="person"),
    )
    file, events = tmp_path / "metric.py", list[object]()
    with LoopbackServer(default=answering(SHARE, SHARE, SECONDS, SECONDS)) as server:
        view = api.metric(
            TEXT, env="inverted_pendulum", file=file, settings=asking(server), on_event=events.append, reviewer=person
        )
        assert "in seconds" in server.requests[2].body["messages"][1]["content"]
    assert [name for name, _ in person.asked] == ["m01", "m03", "m03"]
    assert "cannot be used" in person.asked[2][1]  # what does not parse is asked for again
    assert edited in file.read_text() and view.code == edited
    assert [event.sentence for event in events if isinstance(event, MetricEvent)] == [
        "The share of the time with the pole up.", "The time until the pole falls.",
    ]  # fmt: skip
    assert [episode.clip for episode in view.episodes] == [str(tmp_path / f"metric_{one}.mp4") for one in LABELS]
    assert (tmp_path / "metric_worst.mp4").read_bytes() == b"a clip"


def test_a_dry_run_shows_the_prompts_and_asks_nothing(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        view = api.metric_prompts(TEXT, env="inverted_pendulum", settings=asking(server))
        assert not server.requests
    assert [prompt.id for prompt in view.prompts] == ["m01", "m02", "mq01"]
    assert TEXT in view.prompts[0].messages[1].content
    assert (view.designer, view.calls) == ("openai/scripted", (2, 5))


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
