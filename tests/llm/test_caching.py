"""The common head of prompts, and marks for providers that want one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autoreward.llm.caching import common_head, marked, wants_marks


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.text(max_size=20))
def test_a_common_head_is_common_and_no_longer_one_is(texts: list[str], head: str) -> None:
    several = [head + text for text in texts]
    size = common_head(several)
    assert size >= len(head)
    assert len({text[:size] for text in several}) == 1
    assert min(map(len, several)) == size or len({text[: size + 1] for text in several}) > 1


def test_who_wants_marks() -> None:
    assert wants_marks("anthropic/claude-opus") and wants_marks("bedrock/Claude-3")
    assert not wants_marks("openai/gpt-5")


def test_the_first_message_is_marked_once() -> None:
    messages = [{"role": "system", "content": "contract"}, {"role": "user", "content": "now"}]
    first, second = marked(messages)
    assert first["content"] == [{"type": "text", "text": "contract", "cache_control": {"type": "ephemeral"}}]
    assert second == messages[1] and messages[0]["content"] == "contract"
    assert marked(marked(messages)) == marked(messages)
    assert marked([]) == []
