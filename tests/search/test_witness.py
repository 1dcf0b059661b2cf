"""A witness with eyes: what it is shown and asked, what is kept, and when it speaks against the metric."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autoreward import api
from autoreward.config import load_settings
from autoreward.environment.clips import ClipMaker
from autoreward.environment.stills import STILL_FORM, encode_stills
from autoreward.errors import UsageError
from autoreward.ledger import Run
from autoreward.records import MetricSpec, WitnessReport
from autoreward.search.events import WITNESS
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.witness import contradicts
from autoreward.views import NoteEvent
from tests.loopback import Answer, LoopbackServer, Recorded, images_of, program_for, says
from tests.search.mortal import Killed, die_before
from tests.search.test_loop import TINY
from tests.search.test_metric_choice import reply

pytestmark = pytest.mark.usefixtures("warm", "model_key")

ALIVE = "jnp.mean(jnp.where(trajectory.valid > 0, 1.0, 0.0), axis=0)"  # the obvious wrong metric of a jump


def draw(maker: ClipMaker, env: str, movement: NDArray[Any], suffix: str = ".mp4", folder: Path = Path()) -> bytes:
    """Grey pictures in place of a robot, through the encoder that a clip worker uses."""
    if suffix != STILL_FORM:
        return b"a clip"
    file = folder / "stills"
    encode_stills(file, iter(np.full((len(movement), 60, 200, 3), 90, np.uint8)), Fraction(4))
    return file.read_bytes()


def answering(draft: str, verdict: dict[str, str]) -> Any:
    def answer(request: Recorded) -> Answer:
        messages = request.body["messages"]
        if request.body["model"] == "eyes":
            return says("Both stand still." if len(messages) == 1 else json.dumps(verdict))
        return says(draft) if messages[0]["content"].startswith("You say how success") else program_for(request)

    return answer


def search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draft: str, verdict: dict[str, str]
) -> tuple[Any, list[str], list[dict[str, Any]]]:
    """The run, its notes, and what the witness was asked."""
    monkeypatch.setattr(ClipMaker, "draw", lambda *a: draw(*a, folder=tmp_path))
    notes: list[Any] = []
    with LoopbackServer(default=answering(draft, verdict)) as server:
        told = {"model": "openai/scripted", "base_url": server.url, "judge": "openai/eyes", "clips": True}
        told |= {"metric_drafts": 1, "generations": 1, "candidates": 1, "final_seeds": 1}
        settings = load_settings({**TINY, "runs": str(tmp_path / "runs"), **told}).settings
        run = api.design("Keep the pole up.", env="inverted_pendulum", settings=settings, on_event=notes.append)
        asked = [one.body for one in server.requests if one.body["model"] == "eyes"]
    return run, [note.text for note in notes if isinstance(note, NoteEvent)], asked


def test_it_is_asked_what_it_sees_before_it_is_told_the_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = reply("Share of the time upright.", ALIVE, None)
    run, notes, (look, judge) = search(tmp_path, monkeypatch, draft, {"A": "yes", "B": "no", "why": "It stands."})
    assert "Keep the pole up." not in json.dumps(look["messages"])
    assert 8 <= len(images_of(look)) <= 16 and images_of(judge) == images_of(look)
    assert "You see 16 pictures" in look["messages"][0]["content"][0]["text"] or len(images_of(look)) < 16
    assert judge["messages"][1] == {"role": "assistant", "content": "Both stand still."}
    assert "Keep the pole up." in judge["messages"][2]["content"]
    assert "Share of the time upright." in judge["messages"][2]["content"]
    assert run.witness is not None and (run.witness.seen, run.witness.best) == ("Both stand still.", "yes")
    assert not run.witness.contradicts
    assert any(note.startswith("The witness openai/eyes on g00c00: does it in its best episode: yes") for note in notes)


@pytest.mark.thorough
def test_where_it_contradicts_the_metric_the_run_says_so_and_nothing_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model counts time alive as the task, without a reference; who looks sees that nothing is done."""
    verdict = {"A": "no", "B": "no", "why": "It never leaves the ground."}
    run, notes, _ = search(tmp_path, monkeypatch, reply("How long it goes on.", ALIVE, None), verdict)
    assert run.witness is not None and run.witness.contradicts
    (note,) = [note for note in notes if "contradicts the metric" in note]
    assert "It never leaves the ground." in note and "candidates/g00c00/video.mp4" in note
    assert f"autoreward metric {Path(run.folder).name}" in note or "--revise" in note
    assert run.status == "done" and run.best is not None and run.best.candidate == "g00c00"
    with Run.open(Path(run.folder), write=False) as opened:
        assert [event.key for event in opened.events(WITNESS)] == ["g00c00"]
        best = read_leaderboard(opened).best
    assert best is not None and best.fitness is not None
    report = WitnessReport(model="m", candidate="g00c00", best="no", worst="no")
    far = MetricSpec(origin="model", code="", meaning="", reference=best.fitness.mean + 1.0)
    assert not contradicts(report, best, far)  # the metric says that it fails, too
    seen = report.model_copy(update={"best": "yes"})
    assert not contradicts(seen, best, far, random=best.fitness.mean - 0.1)
    assert contradicts(seen, best, far, random=best.fitness.mean + 0.1)  # luck comes as far
    assert contradicts(report.model_copy(update={"worst": "yes"}), best, far)


@pytest.mark.thorough
def test_killed_before_its_report_is_kept_it_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClipMaker, "draw", lambda *a: draw(*a, folder=tmp_path))
    verdict = {"A": "yes", "B": "yes", "why": "It stands."}
    with LoopbackServer(default=answering("", verdict)) as server:
        told = {"model": "openai/scripted", "base_url": server.url, "judge": "openai/eyes", "clips": True}
        told |= {"generations": 1, "candidates": 1, "final_seeds": 1}
        settings = load_settings({**TINY, "runs": str(tmp_path / "runs"), **told}).settings
        with monkeypatch.context() as patch, pytest.raises(Killed):
            die_before(patch, WITNESS)
            api.design(env="inverted_pendulum", task="balance", settings=settings)
        run = api.resume("last", settings=settings)
        assert sum(one.body["model"] == "eyes" for one in server.requests) == 2
    assert run.witness is not None and run.witness.why == "It stands."


def test_the_judge_has_to_be_a_language_model(tmp_path: Path) -> None:
    settings = load_settings({**TINY, "judge": "compose", "runs": str(tmp_path)}).settings
    with pytest.raises(UsageError, match="--judge compose: it is no language model"):
        api.design(env="inverted_pendulum", task="balance", settings=settings)


def test_a_dry_run_shows_both_questions() -> None:
    told = {"model": "openai/scripted", "base_url": "http://127.0.0.1:9/v1", "judge": "openai/eyes", "candidates": 1}
    plan = api.estimate(env="inverted_pendulum", task="balance", settings=load_settings({**TINY, **told}).settings)
    assert [prompt.id for prompt in plan.prompts] == ["g00c00", "witness", "witnessb"]
    assert "Describe in two or three sentences" in plan.prompts[1].messages[0].content
