"""A text alone: the metric is found in it before any reward exists, agreed on, frozen, and never asked for again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.errors import ModelAccessError, UsageError
from autoreward.ledger import Run, list_runs
from autoreward.records import Fitness, MetricAnswer, MetricProposal, MetricQuestion, MetricSpec, QuestionAnswer
from autoreward.search.events import METRIC_ANSWER, METRIC_OPTION, METRIC_PROPOSED, PROMPTS, REPLY
from autoreward.views import MetricEvent
from tests.loopback import Answer, LoopbackServer, Recorded, fails, program_for, says
from tests.search.test_loop import TINY

pytestmark = pytest.mark.usefixtures("warm", "model_key")

TEXT = "Keep the pole up."
REFUSAL = "after the end of an episode"


def reply(sentence: str, success: str, reference: float, progress: str = "alive") -> str:
    return (
        f"{sentence}\n\nunit: s\nreference: {reference}\n\n```python\n"
        "def success(trajectory, params):\n"
        "    alive = jnp.mean(trajectory.valid, axis=0)\n"
        f'    return {{"success": {success}, "progress": {progress}}}\n```\n'
    )


SECONDS = reply("The time until the pole falls.", "40.0 * alive", 36.0)
SHARE = reply("The share of the time with the pole up.", "alive", 0.9)
CONSTANT = reply("It is always done.", "jnp.ones_like(alive)", 2.0, "jnp.ones_like(alive)")
TILT = reply(
    "How far the pole leans.", "jnp.mean(jnp.abs(trajectory.pole_angle) * trajectory.valid, axis=0)", 9.0, "alive"
)
QUESTIONS = """Here:
```json
{"questions": [
  {"text": "Is it?", "options": [{"text": "yes", "drafts": ["m01", "m02", "m03"]}, {"text": "no", "drafts": []}]},
  {"text": "Time or angle?", "options": [
    {"text": "time", "drafts": ["m01", "m02", "m99"]}, {"text": "angle", "drafts": ["m03"]}]}
]}
```"""
UNMASKED = reply("The angle at the end.", "trajectory.pole_angle[-1]", 2.0)


class Reviewer:
    """A person with answers to give in turn: accepted where there are none left."""

    def __init__(
        self, *answers: MetricAnswer, option: int = 0, words: Sequence[str] = (), wrong: Sequence[str] = ()
    ) -> None:
        self._answers, self._words, self._wrong = list(answers), list(words), list(wrong)
        self.shown: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self._option = option
        self.asked: list[tuple[str | None, str]] = []
        self.questions: list[tuple[str, int]] = []

    def choose(self, question: MetricQuestion, proposed: int) -> int:
        self.questions.append((question.text, proposed))
        return self._option

    def reword(self, problem: str) -> str:
        self.problems.append(problem)
        return self._words.pop(0) if self._words else ""

    def meant(self, candidate: str, fitness: Fitness | None, metric: MetricSpec, clip: str | None) -> str:
        self.shown.append((candidate, metric.meaning))
        return self._wrong.pop(0) if self._wrong else ""

    def confirm(self, proposal: MetricProposal, problem: str) -> MetricAnswer:
        self.asked.append((proposal.chosen, problem))
        return self._answers.pop(0) if self._answers else MetricAnswer(verdict="accepted", by="person")


def answering(*drafts: str, repaired: str = "Nothing comes to my mind.") -> Any:
    """Answers the questions about a metric in turn, and those about rewards with a program."""
    asked: list[str] = []

    def answer(request: Recorded) -> Answer:
        messages = request.body["messages"]
        if messages[0]["content"].startswith("A person wrote what a robot should do"):
            return says(QUESTIONS)
        if not messages[0]["content"].startswith("You say how success is measured"):
            return program_for(request)
        if len(messages) > 2:
            return says(repaired)
        asked.append(json.dumps(messages))
        return says(drafts[(len(asked) - 1) % len(drafts)])

    return answer


def asking(server: LoopbackServer, tmp_path: Path, **changes: Any) -> Settings:
    told = {"model": "openai/scripted", "base_url": server.url, "metric_drafts": 3, "parallel_requests": 1}
    return load_settings({**TINY, "generations": 1, "runs": str(tmp_path / "runs"), **told, **changes}).settings


def design(settings: Settings, **more: Any) -> Any:
    return api.design(TEXT, env="inverted_pendulum", settings=settings, **more)


def opened(tmp_path: Path) -> Run:
    (path,) = list_runs(tmp_path / "runs")
    return Run.open(path, write=False)


def metric_questions(server: LoopbackServer) -> list[Recorded]:
    return [one for one in server.requests if "You say how success" in one.body["messages"][0]["content"]]


def test_from_a_text_to_a_reward(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=answering(SECONDS, SHARE, CONSTANT)) as server:
        view = design(asking(server, tmp_path), on_event=events.append)
        rewards = [one for one in server.requests if one not in metric_questions(server)]
    assert view.status == "done"
    assert (view.metric, view.metric_origin, view.unit, view.reference) == (
        "The time until the pole falls.", "model", "s", 36.0,
    )  # fmt: skip
    assert view.best is not None and view.best.fitness is not None and view.best.fitness.mean > 0.0
    (said,) = [event for event in events if isinstance(event, MetricEvent)]
    assert [draft.status for draft in said.drafts] == ["kept", "kept", "dropped"]
    assert not [
        one for one in rewards if one.body["messages"][0]["content"].startswith("A person wrote")
    ]  # it is clear
    sent = json.dumps([one.body for one in rewards])
    assert "40.0 * alive" not in sent  # the designer of rewards never sees the program
    with opened(tmp_path) as run:
        assert run.task.metric is not None and run.task.metric.origin == "model"
        (answer,) = [event.record(MetricAnswer) for event in run.events(METRIC_ANSWER)]
        (questions,) = [event.text for event in run.events(PROMPTS) if event.key.startswith("metric")]
    assert TEXT in questions and "reward_terms" not in questions
    assert answer == MetricAnswer(verdict="accepted", by="nobody")


@pytest.mark.thorough
def test_what_was_found_before_a_kill_is_not_asked_for_again(tmp_path: Path) -> None:
    class Killed(Reviewer):
        def confirm(self, proposal: MetricProposal, problem: str) -> MetricAnswer:
            raise KeyboardInterrupt

    drafts = answering(SECONDS, SHARE, UNMASKED)
    with LoopbackServer([says(SECONDS), says(SHARE), fails(401)]) as server, pytest.raises(ModelAccessError):
        design(asking(server, tmp_path))  # stopped among the questions
    with LoopbackServer([says(UNMASKED)], default=drafts) as server:
        settings = asking(server, tmp_path)
        with pytest.raises(KeyboardInterrupt):  # stopped before the answer of a person
            api.resume("last", settings=settings, reviewer=Killed())
        assert len(metric_questions(server)) == 2  # the third draft, and its repair
        view = api.resume("last", settings=settings)
        assert len(metric_questions(server)) == 2
    assert view.metric == "The time until the pole falls."
    with opened(tmp_path) as run:
        keys = [event.key for event in run.events(REPLY) if event.key.startswith("m")]
    assert keys == ["m01", "m02", "m03", "m03r1"]


def test_a_refused_draft_goes_back_once_with_its_finding(tmp_path: Path) -> None:
    with LoopbackServer(default=answering(UNMASKED, repaired=SECONDS)) as server:
        view = design(asking(server, tmp_path, metric_drafts=1))
        questions = metric_questions(server)
    assert REFUSAL in questions[1].body["messages"][-1]["content"]
    assert view.metric == "The angle at the end."  # a repair mends the program, not what it means
    with opened(tmp_path) as run:
        assert run.task.metric is not None and "40.0 * alive" in run.task.metric.code


@pytest.mark.thorough
def test_a_person_says_what_is_wrong_then_edits(tmp_path: Path) -> None:
    edited = "def success(trajectory, params):\n    x = jnp.mean(trajectory.valid, axis=0)\n"
    edited += '    return {"success": 2.0 * x, "progress": x}\n'

    person = Reviewer(
        MetricAnswer(verdict="reworded", text="in seconds please", by="person"),
        MetricAnswer(verdict="edited", text="def success(): nonsense", by="person"),
        MetricAnswer(verdict="edited", text=edited, by="person"),
    )
    with LoopbackServer(default=answering(SHARE, SHARE, SHARE, SECONDS)) as server:
        view = design(asking(server, tmp_path), reviewer=person)
        second = metric_questions(server)[3].body["messages"][1]["content"]
    assert "in seconds please" in second and "The share of the time with the pole up." in second
    assert [name for name, _ in person.asked] == ["m01", "m04", "m04"]
    assert person.asked[1][1] == "" and "cannot be used" in person.asked[2][1]
    assert view.metric == "The time until the pole falls."
    with opened(tmp_path) as run:
        assert run.task.metric is not None and run.task.metric.code == edited
        assert [event.key for event in run.events(METRIC_PROPOSED)] == ["metric0", "metric1"]


def test_no_draft_that_can_be_used_ends_the_run_with_every_reason(tmp_path: Path) -> None:
    drafts = answering(CONSTANT, "I cannot say.", UNMASKED)
    with LoopbackServer(default=drafts) as server, pytest.raises(UsageError, match="None of 3 drafts") as refused:
        design(asking(server, tmp_path))
    message = refused.value.message
    assert "m01: success is 1 in every episode" in message
    assert 'm02: the reply holds no fenced code block with a metric; it begins: "Nothing comes' in message
    assert REFUSAL in message
    assert "--metric" in refused.value.remedy


def test_a_dry_run_shows_the_questions_about_the_metric(tmp_path: Path) -> None:
    with LoopbackServer() as server:
        plan = api.estimate(TEXT, env="inverted_pendulum", settings=asking(server, tmp_path))
        with_metric = api.estimate(
            TEXT, env="inverted_pendulum", metric="mean(pole_angle)", settings=asking(server, tmp_path)
        )
        assert not server.requests
    assert [prompt.id for prompt in plan.prompts] == ["m01", "m02", "m03", "mq01", "g00c00", "g00c01"]
    assert TEXT in plan.prompts[0].messages[1].content
    assert (plan.calls[0], plan.calls[1]) == (
        with_metric.calls[0] + 3,
        with_metric.calls[1] + 7,
    )  # one more is asked about what is unclear
    assert plan.input_tokens[0] > with_metric.input_tokens[0]


@pytest.mark.parametrize(("option", "metric"), [(0, "The time until the pole falls."), (1, "How far the pole leans.")])
def test_an_ambiguous_text_is_asked_about_with_the_question_that_tells_most(
    tmp_path: Path, option: int, metric: str
) -> None:
    person = Reviewer(option=option)
    with LoopbackServer(default=answering(SECONDS, SHARE, TILT)) as server:
        view = design(asking(server, tmp_path), reviewer=person)
        again = api.resume("last", settings=asking(server, tmp_path), reviewer=person)
    assert person.questions == [("Time or angle?", 0)]  # the other question tells nothing
    assert (view.metric, again.metric) == (metric, metric)
    with opened(tmp_path) as run:
        (answer,) = [event.record(QuestionAnswer) for event in run.events(METRIC_OPTION)]
    assert (answer.option, answer.by) == (option, "person")


def test_without_a_person_the_likeliest_answer_is_taken_and_stored(tmp_path: Path) -> None:
    with LoopbackServer(default=answering(SECONDS, TILT, SHARE)) as server:
        design(asking(server, tmp_path))
    with opened(tmp_path) as run:
        answers = [event.record(QuestionAnswer) for event in run.events(METRIC_OPTION)]
        assert run.task.metric is not None
    assert [answer.by for answer in answers] == ["nobody"]
