"""Forty texts: an ambiguous one is asked about, a clear one is not. What the replies are: texts/README.md."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from autoreward.critic.expression import metric_from_expression
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.records import Completion, MetricBrief
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.metric_choice import Agreement
from autoreward.search.metric_drafts import Drafting
from autoreward.views import MetricEvent
from tests.search.test_metric_choice import Reviewer
from tests.search.test_repairing import Scripted
from tests.thorough import every

TEXTS = Path(__file__).with_name("texts")
ASKED_LEAST, ASKED_MOST = 0.8, 0.1  # of the ambiguous texts, of the clear ones

Text = dict[str, Any]
environment = cache(open_environment)


class Replying(Scripted):
    """Answers as one entry of the files says; ids of drafts go on from round to round."""

    def __init__(self, text: Text, spec: Any) -> None:
        super().__init__()
        self._text, self._spec = text, spec

    def _reply(self, name: str) -> Completion:
        reply = self._questions() if name.startswith("mq") else self._draft(int(name.partition("r")[0][1:]))
        return Completion(prompt=name, text=reply, designer="recorded")

    def _draft(self, number: int) -> str:
        sentence, unit, reference, expression = self._text["drafts"][number - 1]
        program = metric_from_expression(expression, self._spec)
        return f"{sentence}\n\nunit: {unit}\nreference: {reference}\n\n```python\n{program}```\n"

    def _questions(self) -> str:
        answers = self._text.get("answers", {})
        options = [{"text": said, "drafts": [f"m{one:02d}" for one in drafts]} for said, drafts in answers.items()]
        question = self._text.get("question", "")
        return json.dumps({"questions": [{"text": question, "options": options}] if options else []})


def read(name: str) -> list[Text]:
    texts: list[Text] = yaml.safe_load((TEXTS / name).read_text(encoding="utf-8"))
    return texts


def outcome(text: Text, found: Environment, sandbox: Sandbox) -> tuple[bool, MetricEvent | None]:
    """Whether a person is asked about a text, and what is proposed in the end."""
    asker, person, events = Replying(text, found.spec), Reviewer(), list[Any]()
    drafting = Drafting(found, sandbox, asker)
    agreement = Agreement(drafting, len(text["drafts"]), 3, person, events.append, lambda verdict: ())
    agreement.reach(MetricBrief(text=text["text"], env=found.spec))
    unsure = any(asked[0].startswith("mq") for asked in asker.asked)
    asked = bool(person.questions) if "question" in text else unsure  # what is unsure would be asked about
    return asked, next((event for event in events if isinstance(event, MetricEvent)), None)


def share_asked(name: str, sandbox: Sandbox) -> tuple[float, list[str]]:
    """The share of the texts that are asked about, and those of which no draft can be used."""
    texts, without = read(name), []
    asked = 0
    for text in texts:
        try:
            asked += outcome(text, environment(text["env"]), sandbox)[0]
        except UsageError as error:
            without.append(f"{text['text']} {error.message}")
    return asked / len(texts), without


@pytest.mark.thorough
def test_ambiguous_texts_are_asked_about(sandbox: Sandbox) -> None:
    share, without = share_asked("ambiguous.yaml", sandbox)
    assert share >= ASKED_LEAST and not without


@pytest.mark.thorough
def test_clear_texts_are_not(sandbox: Sandbox) -> None:
    """A cheetah that moves at random gets onto its back, and keeps its feet up there: of two texts nothing is left."""
    share, without = share_asked("clear.yaml", sandbox)
    assert share <= ASKED_MOST
    assert [line.partition(" None of 6 drafts")[0] for line in without] == [
        "Lie on your back for as much of the time as possible.",
        "Keep both feet off the ground for as much of the time as possible.",
    ]


@pytest.mark.parametrize(
    ("name", "place", "asked"), every(2, [("ambiguous.yaml", 18, True), ("clear.yaml", 16, False)])
)
def test_one_of_each(sandbox: Sandbox, name: str, place: int, asked: bool) -> None:
    text = read(name)[place]
    assert text["env"] == "inverted_pendulum"
    assert outcome(text, environment("inverted_pendulum"), sandbox)[0] is asked


def test_there_are_twenty_of_each_and_none_twice() -> None:
    texts = [text["text"] for name in ("ambiguous.yaml", "clear.yaml") for text in read(name)]
    assert len(set(texts)) == len(texts) == 40
    for text in read("ambiguous.yaml"):
        named = sorted(draft for drafts in text["answers"].values() for draft in drafts)
        assert named == [1, 2, 3, 4, 5, 6], text["text"]
