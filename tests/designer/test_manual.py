"""The manual designer: one question a round, an answer in a file, and a run that waits without running."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.designer.manual import Manual, answer_file, put_reply, question_file
from autoreward.designer.parse import parse
from autoreward.designer.prompts import render, render_repair
from autoreward.errors import UsageError, WaitingForPersonError
from autoreward.records import Finding, Prompt
from tests.designer.test_prompts import brief

REPLY = """
## g00c01
```python
def reward_terms(): second
```
## g00c00
```python
def reward_terms(): first
```
"""


def round_of_two() -> list[Prompt]:
    return [render(brief(slot=slot, candidates=2), f"g00c{slot:02d}") for slot in range(2)]


def waits(designer: Manual, prompts: list[Prompt]) -> WaitingForPersonError:
    with pytest.raises(WaitingForPersonError) as caught:
        designer.prepare(prompts)
    return caught.value


def test_a_generation_is_one_question_on_disk_and_on_the_clipboard(tmp_path: Path) -> None:
    copied: list[str] = []
    prompts = round_of_two()
    error = waits(Manual(tmp_path / "2026_k3f9", copy=lambda text: not copied.append(text)), prompts)
    question = question_file(tmp_path / "2026_k3f9", prompts)
    assert copied == [question.read_text()]
    assert question.name == "g00.prompt.md"
    assert "on the clipboard" in error.message
    assert str(question) in error.message
    assert [line.strip() for line in error.remedy.splitlines()[1:]] == [
        f"autoreward reply {tmp_path}/2026_k3f9 -", f"autoreward resume {tmp_path}/2026_k3f9"
    ]  # fmt: skip
    assert error.exit_code == 8
    for words in ("Task: Run forward.", "## g00c00\n## g00c01", "| torso_velocity |", "- g00c01: Think of the post"):
        assert words in question.read_text()
    assert question.read_text().count("You write reward functions") == 1


def test_the_answer_is_read_by_whoever_resumes(tmp_path: Path) -> None:
    prompts = round_of_two()
    waits(Manual(tmp_path, copy=lambda text: False), prompts)
    put_reply(tmp_path, prompts, REPLY)
    later = Manual(tmp_path, copy=lambda text: False)
    later.prepare(prompts)
    sources = [parse(later.complete(prompt), prompt.id, 0).source for prompt in prompts]
    assert sources == ["def reward_terms(): first\n", "def reward_terms(): second\n"]
    assert later.complete(prompts[0]).usage.calls == 0


def test_half_an_answer_waits_for_the_other_half(tmp_path: Path) -> None:
    prompts = round_of_two()
    answer = answer_file(tmp_path, prompts)
    answer.parent.mkdir()
    answer.write_text(REPLY.partition("## g00c00")[0])
    error = waits(Manual(tmp_path, copy=lambda text: False), prompts)
    assert "lacks a program for g00c00" in error.message
    answer.write_text("I would rather not.")
    assert "holds no program" in waits(Manual(tmp_path, copy=lambda text: False), prompts).message


def test_a_reply_that_lacks_a_program_is_not_kept(tmp_path: Path) -> None:
    prompts = round_of_two()
    with pytest.raises(UsageError, match="no program for g00c00, g00c01"):
        put_reply(tmp_path, prompts, "```python\nx = 1\n```")
    assert not answer_file(tmp_path, prompts).exists()


def test_refused_programs_go_back_in_a_question_of_their_own(tmp_path: Path) -> None:
    prompt = round_of_two()[1]
    finding = Finding(rule="static.name", severity="error", line=1, message="'bad' is unknown", remedy="Mend it.")
    again = render_repair(prompt, "def reward_terms(): bad\n", [finding])
    waits(Manual(tmp_path, copy=lambda text: False), [again])
    text = (tmp_path / "manual" / "g00r1.prompt.md").read_text()
    assert "def reward_terms(): bad" in text
    assert "- line 1: 'bad' is unknown Mend it. [static.name]" in text
    assert "Task: Run forward." in text  # whoever answers may not have seen the first question
