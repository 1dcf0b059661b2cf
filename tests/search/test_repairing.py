"""The loop in which what was refused goes back: who is asked again, how often, and with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from autoreward.records import Completion, Finding, Message, Prompt
from autoreward.search.repairing import Attempt, no_program, write_and_repair

PROMPTS = tuple(
    Prompt(id=name, messages=(Message(role="user", content=f"Write {name}."),), templates="t") for name in ("a", "b")
)


class Scripted:
    """Answers each prompt with its id, and one of them with a refusal."""

    def __init__(self, declined: str = "") -> None:
        self.declined = declined
        self.kept: dict[str, tuple[Prompt, ...]] = {}
        self.asked: list[list[str]] = []

    def once(self, kind: str, key: str, model: type[Any], compute: Callable[[], Any]) -> Any:
        return compute()

    def keep(self, key: str, write: Callable[[], Sequence[Prompt]]) -> tuple[Prompt, ...]:
        self.kept[key] = tuple(write())
        return self.kept[key]

    def answer(self, prompts: Sequence[Prompt]) -> Mapping[str, Completion]:
        self.asked.append([prompt.id for prompt in prompts])
        return {prompt.id: self._reply(prompt.id) for prompt in prompts}

    def as_asked(self, prompt: Prompt) -> Prompt:
        return prompt

    def _reply(self, name: str) -> Completion:
        status = "refused" if name == self.declined else "answered"
        return Completion.model_validate({"prompt": name, "text": name, "designer": "scripted", "status": status})


def refusing(*names: str) -> Callable[..., dict[str, Attempt]]:
    """Reads every reply as a program, and refuses these."""
    finding = Finding(rule="static.name", severity="error", message="there is no speed")

    def read(asked: Sequence[Prompt], replies: Mapping[str, Completion], number: int) -> dict[str, Attempt]:
        return {one.id: Attempt(f"x = {number}\n", one.id in names, (finding,)) for one in asked}

    return read


def test_what_is_refused_goes_back_with_its_program_and_its_finding() -> None:
    asker = Scripted()
    write_and_repair(asker, "g00", PROMPTS, 2, refusing("b", "br1"))
    assert asker.asked == [["a", "b"], ["br1"], ["br2"]]
    assert list(asker.kept) == ["g00r1", "g00r2"]
    (first,) = asker.kept["g00r1"]
    assert first.messages[-2].content == "```python\nx = 1\n```"
    assert "there is no speed" in first.messages[-1].content


@pytest.mark.parametrize(("repairs", "asked"), [(0, [["a", "b"]]), (1, [["a", "b"], ["ar1", "br1"]])])
def test_it_goes_back_as_often_as_is_wanted(repairs: int, asked: list[list[str]]) -> None:
    asker = Scripted()
    write_and_repair(asker, "g00", PROMPTS, repairs, refusing("a", "b", "ar1", "br1"))
    assert asker.asked == asked


def test_what_a_model_declined_is_not_asked_for_again() -> None:
    asker = Scripted(declined="b")
    write_and_repair(asker, "g00", PROMPTS, 2, refusing("b"))
    assert asker.asked == [["a", "b"]]


@pytest.mark.parametrize(
    ("status", "rule", "says"),
    [
        ("answered", "reply.no_program", 'm01: the reply holds no fenced code block with a metric; it begins: "Well."'),
        ("refused", "reply.refused", 'm01: the model declined: "Well."'),
    ],
)
def test_why_there_is_nothing_to_check(status: str, rule: str, says: str) -> None:
    reply = Completion.model_validate({"prompt": "m01", "text": "Well.", "designer": "m", "status": status})
    finding = no_program("m01", reply, "a metric")
    assert (finding.rule, finding.message) == (rule, f"{says}.")
