"""A metric that turns out wrong is revised: all that was trained is measured anew, nothing is trained again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.errors import RunLockedError, UsageError
from autoreward.ledger import Run, list_runs
from autoreward.ledger.recordings import read_recordings
from autoreward.ledger.run import METRIC_CHOSEN
from autoreward.records import FinalReport, Generation, MetricSpec, TrainingResult
from autoreward.search.events import (
    FINAL,
    GENERATION,
    METRIC,
    METRIC_MEANT,
    METRIC_REVISION_ENDED,
    PROMPTS,
    RESCORED,
    TRAINING,
    PromptSet,
)
from autoreward.search.leaderboard import read_leaderboard
from tests.loopback import Answer, LoopbackServer, Recorded, program_for, says
from tests.search.conftest import as_text, outcome
from tests.search.mortal import Killed, Mortal
from tests.search.test_loop import TINY
from tests.search.test_metric_choice import CONSTANT, SECONDS, Reviewer, reply

pytestmark = pytest.mark.usefixtures("warm", "model_key")

TEXT = "Keep the pole up."
WRONG = "it shall not run away with the cart"
STILL = "jnp.mean(jnp.where(trajectory.valid > 0, jnp.exp(-jnp.abs(trajectory.cart_velocity)), 0.0), axis=0)"
SLOW = reply("How slowly the cart moves while the pole is up.", STILL, 0.99)


def scripted(request: Recorded) -> Answer:
    """Drafts of a first metric, another one for each revision, and rewards; the question alone says which."""
    system, *_, last = [message["content"] for message in request.body["messages"]]
    if not system.startswith("You say how success is measured"):
        return program_for(request)
    return says(SLOW if "says what is wrong" in last else SECONDS)


def asking(server: LoopbackServer, tmp_path: Path, **changes: Any) -> Settings:
    told = {"model": "openai/scripted", "base_url": server.url, "metric_drafts": 1, "parallel_requests": 1}
    return load_settings({**TINY, "runs": str(tmp_path / "runs"), **told, **changes}).settings


def opened(tmp_path: Path) -> Run:
    (path,) = list_runs(tmp_path / "runs")
    return Run.open(path, write=False)


def successes(run: Run) -> dict[str, float | None]:
    return {entry.id: entry.fitness.mean if entry.fitness else None for entry in read_leaderboard(run).entries}


def asked_about_metrics(server: LoopbackServer) -> list[str]:
    texts = [[message["content"] for message in request.body["messages"]] for request in server.requests]
    return [last for system, *_, last in texts if system.startswith("You say how success is measured")]


def test_all_that_was_trained_is_measured_anew_and_the_next_generation_goes_on_under_it(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path, generations=1)
        before = api.design(TEXT, env="inverted_pendulum", settings=settings)
        with opened(tmp_path) as run:
            first, trainings = successes(run), len(list(run.events(TRAINING)))
        planned = api.metric_prompts("last", wrong=WRONG, settings=settings)
        view = api.revise_metric("last", WRONG, settings=settings)
        question = asked_about_metrics(server)[-1]
        assert [(one.id, one.messages[1].content) for one in planned.prompts] == [("v1m01", question)]
        assert (view.status, view.metric_version) == ("revised", 1)
        assert view.metric == "How slowly the cart moves while the pole is up."
        assert (view.metric_digest, view.unit) != (before.metric_digest, before.unit)
        with opened(tmp_path) as run:
            second = successes(run)
            assert len(list(run.events(TRAINING))) == trainings  # nothing was trained
            assert [event.key for event in run.events(METRIC)] == ["", "v1"]
            assert [event.record(MetricSpec).meaning for event in run.events(METRIC_CHOSEN)] == [
                before.metric, view.metric,
            ]  # fmt: skip
            provenance = json.loads(run.read_file("best/PROVENANCE.json"))
        assert first.keys() == second.keys() and not set(first.values()) & set(second.values())
        assert all(value is not None and 0.0 <= value <= 1.0 for value in second.values())
        assert (provenance["metric_version"], provenance["metric_sha256"]) == (1, view.metric_digest)
        final = api.resume("last", settings=settings)
        assert final.status == "done" and final.metric_version == 1
        assert final.best is not None and final.best.fitness is not None and final.baselines.sparse is not None
        further = api.refine("last", "slower", settings=settings)
    # the model is told the sentence, the program, the words and what the best policy does
    for part in ("The time until the pole falls", "40.0 * alive", WRONG, "cart_velocity", "One of its episodes"):
        assert part in question, part
    assert further.metric_version == 1 and len(further.candidates) == 4
    with opened(tmp_path) as run:
        later = successes(run)
        keys = [event.key for event in run.events(FINAL)]
        finals = [event.record(FinalReport) for event in run.events(FINAL)]
        told = next(event.record(PromptSet) for event in run.events(PROMPTS) if event.key == "g01").prompts[0]
        assert [event.record(Generation).index for event in run.events(GENERATION)] == [0, 1]
    assert {name: later[name] for name in second} == second
    assert all(value is not None and value <= 1.0 for value in later.values())  # seconds would be up to 40
    assert keys == ["g00", "v1/g00", "v1/g01"] and finals[1].fresh is not None and finals[1].fresh.mean <= 1.0
    for program in ("40.0 * alive", STILL):  # the designer of rewards sees neither
        assert program not in told.model_dump_json(), program


@pytest.mark.thorough
def test_the_old_metric_over_the_replay_gives_the_old_score(tmp_path: Path) -> None:
    """A revision that changes nothing leaves every number as it was: the episodes are the same bit by bit."""

    def same(request: Recorded) -> Answer:
        metrics = request.body["messages"][0]["content"].startswith("You say how success is measured")
        return says(SECONDS) if metrics else program_for(request)

    with LoopbackServer(default=same) as server:
        settings = asking(server, tmp_path, evaluation_episodes=3, seeds=2)
        api.design(TEXT, env="inverted_pendulum", settings=settings)
        with opened(tmp_path) as run:
            before = read_leaderboard(run)
            old = {entry.id: read_recordings(run, entry.id, ["curves", "clip"]) for entry in before.entries}
        api.revise_metric("last", WRONG, settings=settings)
    with opened(tmp_path) as run:
        after = read_leaderboard(run)
        rescored = [event.record(TrainingResult) for event in run.events(RESCORED)]
        for entry, former in zip(after.entries, before.entries, strict=True):
            assert entry.members == former.members and entry.fitness == former.fitness
            assert entry.analysis is not None and former.analysis is not None
            assert entry.analysis.ends == former.analysis.ends
            assert entry.analysis.trajectories == former.analysis.trajectories
            anew = read_recordings(run, entry.id, ["curves", "clip"])
            for one, other in zip(anew, old[entry.id], strict=True):
                assert one.evaluation is not None and other.evaluation is not None
                assert (one.evaluation.success == other.evaluation.success).all()
                assert (one.clips["first"] == other.clips["first"]).all()
    assert [note for result in rescored for note in result.notes] == []
    assert {member.candidate for result in rescored for member in result.members} == {
        "g00c00", "g00c01", "g01c00", "g01c01", "human",
    } - {"human"}  # fmt: skip


@pytest.mark.thorough
def test_a_metric_of_the_pack_is_revised_too_by_the_model_that_is_named(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path, model="compose", generations=1)
        run = api.design(env="inverted_pendulum", task="balance", settings=settings)
        assert run.metric_origin == "task"
        with pytest.raises(UsageError, match="compose cannot revise a metric"):
            api.revise_metric("last", WRONG, settings=settings)
        named = settings.model_copy(update={"llm": settings.llm.model_copy(update={"model": "openai/scripted"})})
        view = api.revise_metric("last", WRONG, settings=named)
        assert (view.metric_origin, view.metric_version, view.status) == ("model", 1, "revised")
        done = api.resume("last", settings=settings)
    assert done.status == "done"
    assert done.baselines.human is not None and done.baselines.human.mean <= 1.0  # measured anew, not trained again
    with opened(tmp_path) as stored:
        jobs = [event.key for event in stored.events(TRAINING)]
        assert stored.task.name == "balance"
    # what is paid the progress has to be trained by the new one; the human reward has not
    assert jobs[-1].startswith("final-v1-") and "sparse" in jobs[-1] and "human" not in jobs[-1]


@pytest.mark.thorough
def test_a_revision_of_which_no_draft_can_be_used_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    def useless(request: Recorded) -> Answer:
        last = request.body["messages"][-1]["content"]
        return says(CONSTANT) if "says what is wrong" in last else scripted(request)

    with LoopbackServer(default=useless) as server:
        settings = asking(server, tmp_path, generations=1)
        before = api.design(TEXT, env="inverted_pendulum", settings=settings)
        with pytest.raises(UsageError, match="None of 1 drafts"):
            api.revise_metric("last", WRONG, settings=settings)
        after = api.resume("last", settings=settings)  # does not try it again
        assert (after.metric, after.best) == (before.metric, before.best)
    with opened(tmp_path) as run:
        assert [event.key for event in run.events(METRIC_REVISION_ENDED)] == ["v1"]
        assert run.metric_version == 0


def test_a_run_that_somebody_works_on_is_not_revised(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        settings = asking(server, tmp_path, generations=1)
        run = api.design(TEXT, env="inverted_pendulum", settings=settings)
        with Run.open(Path(run.folder), write=True), pytest.raises(RunLockedError):
            api.revise_metric("last", WRONG, settings=settings)
        assert len(asked_about_metrics(server)) == 1


@pytest.mark.parametrize(("wrong", "version"), [((), 0), ((WRONG,), 1)])
def test_after_the_first_generation_a_person_says_whether_it_does_what_was_meant(
    tmp_path: Path, wrong: Sequence[str], version: int
) -> None:
    person = Reviewer(wrong=wrong)
    with LoopbackServer(default=scripted) as server:
        view = api.design(
            TEXT, env="inverted_pendulum", settings=asking(server, tmp_path, clips=False), reviewer=person
        )  # fmt: skip
        api.resume("last", settings=asking(server, tmp_path), reviewer=person)
    assert [meaning for _, meaning in person.shown] == ["The time until the pole falls."]  # once
    assert (view.status, view.metric_version) == ("done", version)
    assert len(view.candidates) == 4
    if version:
        assert all(one.fitness is not None and one.fitness.mean <= 1.0 for one in view.candidates)


def test_where_nobody_can_be_asked_nobody_is(tmp_path: Path) -> None:
    with LoopbackServer(default=scripted) as server:
        api.design(TEXT, env="inverted_pendulum", settings=asking(server, tmp_path, generations=1))
    with opened(tmp_path) as run:
        assert not list(run.events(METRIC_MEANT))


@pytest.mark.thorough
@pytest.mark.parametrize("once_a_kind", [True, False])
def test_killed_before_every_event_and_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, once_a_kind: bool
) -> None:
    """With a text alone, questions after the first generation, and a revision: each step once, and none lost."""

    def work(folder: Path, url: str) -> None:
        told = {"model": "openai/scripted", "base_url": url, "metric_drafts": 1, "parallel_requests": 1}
        tiny = {**TINY, "generations": 1, "candidates": 1, "final_seeds": 1, "runs": str(folder)}
        settings, person = load_settings({**tiny, **told}).settings, Reviewer(wrong=[WRONG])
        if list_runs(folder):
            api.resume("last", settings=settings, reviewer=person)
        else:
            api.design(TEXT, env="inverted_pendulum", settings=settings, reviewer=person)

    def with_parts(request: Recorded) -> Answer:
        metric = request.body["messages"][0]["content"].startswith("You say how success is measured")
        return says(scripted(request).text + "\nsubtask: lasts = max(time) > 2\n") if metric else scripted(request)

    with LoopbackServer(default=with_parts) as server:
        work(tmp_path / "whole", server.url)
        mortal = Mortal(monkeypatch, once_a_kind)
        while True:
            try:
                work(tmp_path / "killed", server.url)
                break
            except Killed:
                mortal.rise()
    assert as_text(outcome(tmp_path / "killed")) == as_text(outcome(tmp_path / "whole"))
    died = {f"{kind}/{key}" for what, kind, key in mortal.died_at if what == "event"}
    assert died >= {
        "metric_proposed/metric0", "metric_answer/metric0", "metric_chosen/", "metric/", "metric_meant/g00",
        "metric_revision/v1", "metric_proposed/v1metric0", "metric_answer/v1metric0", "metric/v1", "rescored/v1/g00",
        "metric_chosen/v1", "analysis/v1/g00c00", "final/v1/g00", "subtasks/", "subtasks/v1",
    }  # fmt: skip
