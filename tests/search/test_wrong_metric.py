"""A model that counts the time alive as jumping: what is caught before a training, and what a person mends after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import load_settings
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.ledger.run import METRIC_CHOSEN
from autoreward.records import MetricSpec
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.search.test_loop import TINY
from tests.search.test_metric_choice import Reviewer, reply

pytestmark = pytest.mark.usefixtures("warm")

TEXT = "Make it jump as high as possible."
ALIVE = "The time for which it jumps."
HEIGHT = "jnp.max(jnp.where(trajectory.valid > 0, trajectory.torso_position[..., 2], 0.0), axis=0)"
JUMPING = reply("How high the torso comes.", HEIGHT, 1.8, f"jnp.clip({HEIGHT} / 2.0, 0.0, 1.0)")


def asking(server: LoopbackServer, tmp_path: Path) -> Any:
    told = {"model": "openai/scripted", "base_url": server.url, "metric_drafts": 2, "parallel_requests": 1}
    return load_settings({**TINY, "generations": 1, "runs": str(tmp_path / "runs"), **told}).settings


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")


def counting(seconds: float, reference: float) -> Any:
    """Drafts that count the time alive, and once told so the height; rewards for whoever asks for one."""
    alive = reply(ALIVE, f"{seconds} * alive", reference)

    def answer(request: Recorded) -> Answer:
        system, *_, last = [message["content"] for message in request.body["messages"]]
        if not system.startswith("You say how success is measured"):
            return program_for(request)
        return says(JUMPING if "says what is wrong" in last else alive)

    return answer


@pytest.mark.thorough
def test_what_lying_around_satisfies_is_dropped_before_anything_is_trained(tmp_path: Path) -> None:
    """A cheetah's episodes never end: whatever it does, it has been alive for all of the time."""
    with LoopbackServer(default=counting(50.0, 40.0)) as server, pytest.raises(UsageError) as refused:
        api.design(TEXT, env="half_cheetah", settings=asking(server, tmp_path))
    assert "success is 50 in every episode that was tried" in refused.value.message


@pytest.mark.thorough
def test_what_a_hopper_that_stands_a_moment_satisfies_is_dropped(tmp_path: Path) -> None:
    with LoopbackServer(default=counting(8.0, 0.3)) as server, pytest.raises(UsageError) as refused:
        api.design(TEXT, env="hopper", settings=asking(server, tmp_path))
    assert "episodes satisfy it (at least 0.3 s)" in refused.value.message


@pytest.mark.thorough
def test_a_high_demand_hides_it_until_a_person_sees_what_it_does(tmp_path: Path) -> None:
    """Nobody who moves at random stays up for 7 s, so the drafts survive; the first generation shows what they mean."""
    person = Reviewer(wrong=["it counts standing as jumping: measure how high the torso comes"])
    with LoopbackServer(default=counting(8.0, 7.0)) as server:
        view = api.design(TEXT, env="hopper", settings=asking(server, tmp_path), reviewer=person)
    assert [meaning for _, meaning in person.shown] == [ALIVE]
    assert (view.metric, view.metric_version, view.status) == ("How high the torso comes.", 1, "done")
    heights = [one.fitness.mean for one in view.candidates if one.fitness is not None]
    assert len(heights) == 2 and all(1.0 < height < 3.0 for height in heights)  # a hopper starts at 1.25 m
    with Run.open(Path(view.folder), write=False) as run:
        assert [event.record(MetricSpec).meaning for event in run.events(METRIC_CHOSEN)] == [ALIVE, view.metric]
