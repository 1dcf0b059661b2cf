"""Texts, replies and people that a search for a metric has to get along with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.errors import UsageError
from autoreward.records import MetricAnswer
from autoreward.views import MetricEvent
from tests.cli.conftest import autoreward
from tests.loopback import LoopbackServer, says
from tests.search.test_metric_choice import (
    CONSTANT,
    SECONDS,
    SHARE,
    TILT,
    Reviewer,
    answering,
    asking,
    metric_questions,
)
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("warm", "model_key")

TEXT = "Keep the pole up."
WAVE = SHARE.replace("unit: s", "unit: 1").replace("reference: 0.9", "reference: 0.9\nmissing: wave to the audience")
UNABLE = "Nothing of this can be told from the fields.\n\nmissing: wave to the audience"


def written(tmp_path: Path, server: LoopbackServer, text: str, **more: Any) -> Any:
    """The metric for a text."""
    settings = asking(server, tmp_path, clips=False, metric_drafts=2)
    return api.metric(text, env="inverted_pendulum", file=tmp_path / "metric.py", settings=settings, **more)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_is_refused_before_anything_is_asked(tmp_path: Path, text: str) -> None:
    with LoopbackServer() as server:
        with pytest.raises(UsageError, match="The text is empty"):
            written(tmp_path, server, text)
        with pytest.raises(UsageError, match="The text is empty"):
            api.design(text, env="inverted_pendulum", settings=asking(server, tmp_path))
        assert not server.requests and not (tmp_path / "runs").exists()


def test_a_long_text_is_asked_about_whole(tmp_path: Path) -> None:
    text = "Keep the pole up, and " + "please be careful with it, " * 760 + "until the end."
    assert len(text) > 20_000
    with LoopbackServer(default=answering(SECONDS, SHARE)) as server:
        view = written(tmp_path, server, text)
        assert all(text in one.body["messages"][1]["content"] for one in server.requests)
    assert view.text == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    every(
        3,
        [
            ("倒立振子をできるだけ長く立てておいてください。", "棒が倒れるまでの時間。"),
            ("ارفع العصا ولا تدعها تسقط", "الزمن حتى تسقط العصا."),
            ("Halte den Stab \u202eaufrecht\u202c 🤸", "Wie lange der Stab steht."),
        ],
    ),
)
def test_any_language_is_kept(tmp_path: Path, text: str, sentence: str) -> None:
    reply = SECONDS.replace("The time until the pole falls.", sentence)
    with LoopbackServer(default=answering(reply, reply)) as server:
        view = written(tmp_path, server, text)
        assert text in server.requests[0].body["messages"][1]["content"]
    assert view.sentence == sentence
    again = api.design(
        text, env="inverted_pendulum", metric=view.file, settings=asking(server, tmp_path, model="compose")
    )  # fmt: skip
    assert again.metric == sentence.removesuffix(".") or again.metric == sentence


def test_what_no_field_tells_is_said(tmp_path: Path) -> None:
    events: list[Any] = []
    with LoopbackServer(default=answering(WAVE, WAVE, SHARE)) as server:
        settings = asking(server, tmp_path, generations=1)
        api.design("Keep the pole up and wave to the audience.", env="inverted_pendulum", settings=settings,
                   on_event=events.append)  # fmt: skip
    (said,) = [event for event in events if isinstance(event, MetricEvent)]
    assert said.missing == ("wave to the audience",)


def test_where_nothing_can_be_told_the_error_names_the_words(tmp_path: Path) -> None:
    with LoopbackServer(default=answering(UNABLE, UNABLE, repaired=UNABLE)) as server:
        with pytest.raises(UsageError, match="What no field of this environment tells: wave to the audience"):
            written(tmp_path, server, "Wave to the audience.")
        assert not (tmp_path / "metric.py").exists()


def test_one_reading_alone_may_miss_a_word(tmp_path: Path) -> None:
    with LoopbackServer(default=answering(WAVE, SHARE, SHARE)) as server:
        settings = asking(server, tmp_path, metric_drafts=3)
        view = api.metric(TEXT, env="inverted_pendulum", file=tmp_path / "metric.py", settings=settings)
    assert view.missing == ()


def test_what_contradicts_itself_is_asked_about(tmp_path: Path) -> None:
    """Drafts that take one side each mean different things: a person says which side."""
    person = Reviewer(option=1)
    with LoopbackServer(default=answering(SECONDS, SHARE, TILT)) as server:
        settings = asking(server, tmp_path, generations=1)
        view = api.design("Keep the pole up and let it lean as far as it can.", env="inverted_pendulum",
                          settings=settings, reviewer=person)  # fmt: skip
        asked = metric_questions(server)[0].body["messages"][1]["content"]
    assert "things that exclude each other" in asked
    assert person.questions and view.metric == "How far the pole leans."


def test_what_a_model_declines_is_no_draft_and_is_not_asked_again(tmp_path: Path) -> None:
    declines = says("I cannot help with that.", finish="content_filter")
    with LoopbackServer([declines, says(SECONDS)]) as server:
        view = written(tmp_path, server, TEXT)
        assert len(server.requests) == 2
    assert [draft.status for draft in view.drafts] == ["refused", "kept"]
    assert "m01: the model declined" in view.drafts[0].reasons[0].message


def test_prose_goes_back_once_and_then_the_others_have_to_do(tmp_path: Path) -> None:
    with LoopbackServer(default=answering("Interesting task!", SECONDS, repaired="It depends.")) as server:
        view = written(tmp_path, server, TEXT)
        assert len(server.requests) == 3
    assert [draft.status for draft in view.drafts] == ["refused", "kept"]


def test_a_person_says_it_in_other_words_where_no_draft_can_be_used(tmp_path: Path) -> None:
    person = Reviewer(MetricAnswer(verdict="accepted", by="person"), words=["until it falls"])
    with LoopbackServer(default=answering(CONSTANT, CONSTANT, SECONDS, SECONDS)) as server:
        view = written(tmp_path, server, TEXT, reviewer=person)
        told = server.requests[2].body["messages"][1]["content"]
    assert "None of 2 drafts" in person.problems[0] and "m01: success is 1 in every episode" in person.problems[0]
    assert "No draft could be used, and the person said: until it falls" in told
    assert view.sentence == "The time until the pole falls."


def test_a_person_who_has_no_other_words_ends_it(tmp_path: Path) -> None:
    with LoopbackServer(default=answering(CONSTANT, CONSTANT)) as server, pytest.raises(UsageError, match="None of 2"):
        written(tmp_path, server, TEXT, reviewer=Reviewer())


def test_without_a_terminal_it_ends_with_exit_code_2_and_what_was_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(default=answering(CONSTANT)) as server:
        told = ("--model", "openai/scripted", "--base-url", server.url, "--set", "metric_drafts=2")
        done = autoreward(tmp_path, "design", TEXT, "--env", "inverted_pendulum", *told)
    assert done.code == 2
    assert "None of 2 drafts" in done.err and "--metric FILE|EXPR" in done.err
