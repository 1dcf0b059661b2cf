"""From a sentence to an exported reward with clips: a hopper, a half cheetah, a robot of one's own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import load_settings
from autoreward.environment.clips import ClipMaker
from autoreward.pack_tools.scaffold import new_pack
from autoreward.views import MetricEvent
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.pack_tools.conftest import MODELS
from tests.search.test_loop import TINY
from tests.search.test_metric_choice import reply
from tests.thorough import packs

pytestmark = pytest.mark.usefixtures("warm", "model_key")

HEIGHT = "jnp.max(jnp.where(trajectory.valid > 0, trajectory.torso_position[..., 2], 0.0), axis=0)"
REARING = "jnp.mean(jnp.where(trajectory.valid > 0, jnp.clip(-trajectory.torso_pitch, 0.0, 1.5), 0.0), axis=0)"
DISTANCE = "jnp.max(jnp.where(trajectory.valid > 0, jnp.abs({field}[..., 0]), 0.0), axis=0)"
CASES = {
    "hopper": ("Make it jump as high as possible.", reply("How high the torso comes.", HEIGHT, 1.8, f"{HEIGHT} / 2.0")),
    "half_cheetah": (
        "Stand on the back legs only.",
        reply("How far it leans back, on average.", REARING, 1.3, f"{REARING} / 1.5"),
    ),
}


def answering(draft: str) -> Callable[[Recorded], Answer]:
    def answer(request: Recorded) -> Answer:
        metric = request.body["messages"][0]["content"].startswith("You say how success is measured")
        return says(draft) if metric else program_for(request)

    return answer


def from_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: str, text: str, draft: str) -> Any:
    """The run, its metric event and what was exported of it."""
    monkeypatch.setattr(ClipMaker, "draw", lambda maker, env, qpos: b"a clip")
    events: list[Any] = []
    with LoopbackServer(default=answering(draft)) as server:
        told = {"model": "openai/scripted", "base_url": server.url, "metric_drafts": 2, "clips": True}
        settings = load_settings({**TINY, "generations": 1, "runs": str(tmp_path / "runs"), **told}).settings
        run = api.design(text, env=env, settings=settings, on_event=events.append)
    exported = api.export(run.folder, tmp_path / "best")
    (event,) = [one for one in events if isinstance(one, MetricEvent)]
    return run, event, exported


def check_outcome(tmp_path: Path, run: Any, event: MetricEvent) -> None:
    assert run.status == "done" and run.metric == event.sentence and run.metric_origin == "model"
    assert all(episode.clip and Path(episode.clip).is_file() for episode in event.episodes)
    assert Path(run.video).is_file()
    provenance = json.loads((tmp_path / "best" / "PROVENANCE.json").read_text())
    assert provenance["task"]["metric"]["meaning"] == event.sentence
    assert provenance["metric_sha256"] == run.metric_digest
    assert (tmp_path / "best" / "reward.py").is_file()


@pytest.mark.parametrize("env", packs(list(CASES), ()))
def test_from_a_sentence_to_an_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: str) -> None:
    text, draft = CASES[env]
    run, event, _ = from_words(tmp_path, monkeypatch, env, text, draft)
    check_outcome(tmp_path, run, event)


@pytest.mark.thorough
def test_with_a_robot_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "wheeler"
    new_pack(str(folder), MODELS / "wheeler.xml")
    shutil.rmtree(folder / "tasks")  # words are enough
    fields = [field.name for field in api.environment(str(folder)).fields]
    position = next(name for name in fields if name.endswith("position") and name != "joint_position")
    far = DISTANCE.format(field=f"trajectory.{position}")
    draft = reply("How far it gets along x.", far, 30.0, f"{far} / 30.0")
    run, event, _ = from_words(tmp_path, monkeypatch, str(folder), "Drive far.", draft)
    check_outcome(tmp_path, run, event)
