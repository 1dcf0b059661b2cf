"""The episodes that a proposed metric puts first and last can be looked at before it is accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.environment.clips import ClipMaker
from autoreward.environment.pack import load_pack
from autoreward.environment.undirected import undirected_episodes
from autoreward.errors import RenderingError
from autoreward.views import MetricEvent, NoteEvent
from tests.loopback import LoopbackServer
from tests.search.test_metric_choice import SECONDS, SHARE, Reviewer, answering, asking

pytestmark = pytest.mark.usefixtures("warm", "model_key")

TEXT = "Keep the pole up."


def design(tmp_path: Path, events: list[Any]) -> Any:
    with LoopbackServer(default=answering(SECONDS, SHARE, SECONDS)) as server:
        settings = asking(server, tmp_path, clips=True)
        return api.design(
            TEXT, env="inverted_pendulum", settings=settings, on_event=events.append, reviewer=Reviewer()
        )  # fmt: skip


def test_the_first_and_the_last_of_what_exists_are_drawn_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def draw(maker: ClipMaker, env: str, qpos: Any) -> bytes:
        drawn.append(len(qpos))
        return b"a clip"

    monkeypatch.setattr(ClipMaker, "draw", draw)
    events: list[Any] = []
    run = design(tmp_path, events)
    (said,) = [event for event in events if isinstance(event, MetricEvent)]
    best, worst = said.episodes
    assert (best.label, worst.label) == ("best", "worst")
    assert best.success > worst.success
    assert best.clip == str(Path(run.folder) / "metric" / "m01_best.mp4")
    assert Path(str(worst.clip)).read_bytes() == b"a clip"
    # the metric is the time until the pole falls, in steps of 0.04 s here: the longest and the shortest episode
    lengths = undirected_episodes(load_pack("inverted_pendulum")).valid.sum(axis=0)
    assert drawn[:2] == [lengths.max(), lengths.min()]


@pytest.mark.thorough
def test_where_nothing_can_be_drawn_a_sentence_says_so_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(maker: ClipMaker, env: str, qpos: Any) -> bytes:
        raise RenderingError("No clip: nothing can be drawn here.", "`autoreward doctor` says what to install.")

    monkeypatch.setattr(ClipMaker, "draw", draw)
    events: list[Any] = []
    run = design(tmp_path, events)
    (said,) = [event for event in events if isinstance(event, MetricEvent)]
    assert [episode.clip for episode in said.episodes] == [None, None]
    notes = [event.text for event in events if isinstance(event, NoteEvent) and "No clip" in event.text]
    assert notes == ["No clip: nothing can be drawn here. `autoreward doctor` says what to install."]
    assert run.status == "done"
