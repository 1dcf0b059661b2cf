"""Programs are found in whatever a model writes, and nothing it writes raises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.designer.parse import PLAN_LIMIT, find_plan, find_program, parse
from autoreward.records import Completion

PROGRAM = (
    'WEIGHTS = {"a": 1.0}\n\n\ndef reward_terms(state, action, next_state, params):\n    return {"a": action[..., 0]}\n'
)
CASES = Path(__file__).resolve().parents[1] / "faults" / "cases"
OTHER = PROGRAM.replace("1.0", "2.0")


@pytest.mark.parametrize(
    "text",
    [
        f"A plan.\n\n```python\n{PROGRAM}```\nDone.",
        f"```\n{PROGRAM}```",
        f"~~~py\n{PROGRAM}~~~",
        f"````python\n{PROGRAM}````",
        f"```python\r\n{PROGRAM}```".replace("\n", "\r\n"),
        f"```python\n{PROGRAM}",  # cut off before the end
        f"```python\n{OTHER}```\nBetter:\n```python\n{PROGRAM}```",
        f"```python\n{PROGRAM}```\nRun it with\n```bash\nautoreward check x.py --env y --with --many --options\n```",
        f"<think>```python\n{OTHER}```</think>\n```python\n{PROGRAM}```",
        f"1. The program:\n\n   ```python\n{''.join(f'   {line}' for line in PROGRAM.splitlines(True))}   ```",
        PROGRAM,
        f"Here it is:\n\n{PROGRAM}\nThis rewards the first action.\nIt is simple.",
        f"\ufeff{PROGRAM}",
        f"```python\n\ufeff{PROGRAM}```",
        f"```python\n{PROGRAM.rstrip()}```",  # the closing fence behind the code
        f"```python\n{PROGRAM.rstrip()}```\nThen:\n```bash\nautoreward check x.py --env y --with --many --options\n```",
        f"```python\n{OTHER.rstrip()}```\nBetter:\n```python\n{PROGRAM.rstrip()}```",
        f"Here it is: ```python\n{PROGRAM}```",
        "```python " + PROGRAM + "```",  # code behind the opening fence
        f"A first try\n```python\n{OTHER}\nno, other numbers.\n</think>\n```python\n{PROGRAM}```",
        f"<thinking>\n```python\n{OTHER}```\n</thinking>\n```python\n{PROGRAM}```",
        f"[THINK]{OTHER}[/THINK]{PROGRAM}",
        f"```python\n{PROGRAM}```\n<think>Is it good?</think>\nDone.",
        f"{PROGRAM}\n- it isn't long\n- it's simple",
        f"{PROGRAM}\n## Why\nIt doesn't pay for falling.",
        f"<|channel|>analysis<|message|>```python\n{OTHER}```<|end|><|start|>assistant<|channel|>final<|message|>"
        f"```python\n{PROGRAM}```<|return|>",
        f"a draft\n```python\n{OTHER}```\n<|channel|>final<|message|>{PROGRAM}",
        f"```\npython\n{PROGRAM}```",
        f"```python\n{PROGRAM.replace('    return', chr(0xA0) * 4 + 'return')}```<|im_end|>",
    ],
)
def test_the_program_is_found(text: str) -> None:
    assert find_program(text) == PROGRAM


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        "```python\n```",
        "``` \n   \n```",
        "`code`",
        f"<think>\n```python\n{OTHER}```",  # thought, never said
        f"```python\n{OTHER}```\n</think>\nI am done.",
    ],
)
def test_no_program_is_an_empty_source(text: str) -> None:
    assert find_program(text) == ""


def test_the_handed_replies() -> None:
    expected = (CASES / "expected_program.py").read_text(encoding="utf-8")
    for file in sorted((CASES / "replies").iterdir()):
        assert find_program(file.read_text(encoding="utf-8")) == expected, file.name


@pytest.mark.parametrize(
    "unit",
    ["<think>", "<think>\n", "\n", " ", "`", "```python\n", "def \n", "It isn't so.\n", "   * it isn't\n", "[THINK]",
     "a word ", "\ufeff", "- g00c00 ", "</think", "# ```\n"],
)  # fmt: skip
def test_a_long_reply_is_read_in_time_that_grows_with_its_length(unit: str) -> None:
    """Half a million characters: what grows with their square would not end while anybody waits."""
    assert find_program(PROGRAM + "\n" + unit * (500_000 // len(unit))) == PROGRAM


def test_many_open_thoughts_and_long_prose() -> None:
    thoughts = "<think>" * 30_000
    prose = "It isn't this, and it isn't that.\n" * 9_000
    assert find_program(f"{thoughts}</think>\n{PROGRAM}\n{prose}") == PROGRAM
    assert find_program(f"{thoughts}\n{PROGRAM}") == ""


def test_a_block_without_the_function_is_kept_for_the_critic_to_refuse() -> None:
    assert find_program("```python\nreward = velocity\n```") == "reward = velocity\n"


def test_the_candidate_carries_ids_and_parents() -> None:
    completion = Completion(prompt="g01c02r1", text=f"```python\n{PROGRAM}```", designer="openai/m")
    candidate = parse(completion, "g01c02", generation=1, parents=["g00c01"], attempts=2)
    assert candidate.model_dump() == {
        "id": "g01c02",
        "generation": 1,
        "parents": ("g00c01",),
        "source": PROGRAM,
        "designer": "openai/m",
        "attempts": 2,
        "plan": "",
    }


@pytest.mark.parametrize(
    ("reply", "plan"),
    [
        (
            "# Plan\n\nLift the *foot*.\nExpected: 3 m.\n\n```python\nX = 1\n```\nDone.",
            "Plan Lift the *foot*. Expected: 3 m.",
        ),
        ("<think>Hm.</think>Lift it.\n```python\nX = 1\n```", "Lift it."),
        ("Lift\x1b[31m it.\n```python\nX = 1\n```", "Lift it."),
        ("```python\nX = 1\n```\nIt lifts.", ""),
        ("Only words.", ""),
    ],
)
def test_the_plan_is_the_prose_before_the_program(reply: str, plan: str) -> None:
    assert find_plan(reply) == plan


def test_a_long_plan_keeps_its_beginning_and_what_it_expects() -> None:
    plan = find_plan("Begin. " + "word " * 500 + "Expected: 3 m.\n```python\nX = 1\n```")
    assert plan.startswith("Begin. ") and plan.endswith("Expected: 3 m.")
    assert len(plan) <= PLAN_LIMIT + 5


PIECES = st.sampled_from(
    ["```", "```python\n", "~~~", "\n", " ", "def reward_terms(", "WEIGHTS = {", '"""', "\t", "<think>"]
)


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join)))
def test_no_text_raises(text: str) -> None:
    parse(Completion(prompt="g00c00", text=text, designer="x"), "g00c00", 0)


@pytest.mark.parametrize("head", ["Plan: ", "**Plan:** ", "## g01c02\n\n", "## g01c02\nPlan: "])
def test_a_plan_is_told_without_what_only_announces_it(head: str) -> None:
    assert find_plan(f"{head}Run on. Expected: 7 m.\n```python\nx = 1\n```") == "Run on. Expected: 7 m."
