"""The designer that asks a language model."""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.designer.parse import find_program, is_thinking
from autoreward.llm.chat_model import ChatModel, ReplyStatus
from autoreward.records import Completion, Prompt


class LLMDesigner:
    """Sends the prompt's messages to a chat model and returns its reply as it came."""

    is_llm = True

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    def stop(self) -> None:
        """No more waiting for a failing server; a request in flight still finishes."""
        self.model.stop()

    def prepare(self, prompts: Sequence[Prompt]) -> None:
        """Nothing to prepare: each prompt is a request of its own."""

    @property
    def name(self) -> str:
        """Provider and model."""
        return self.model.name

    def complete(self, prompt: Prompt) -> Completion:
        """One reply to one prompt, or the server's words on why it has none.

        Raises:
            ModelAccessError, ModelOutageError: see ChatModel.ask.
        """
        reply = self.model.ask(prompt.messages, prompt.room, prompt.temperature)
        status: ReplyStatus = reply.status
        if status == "answered" and is_thinking(reply.text) and not find_program(reply.text):
            status = "cut"  # it ends in the middle of a thought, whatever reason is given
        return Completion(
            prompt=prompt.id,
            text=reply.text,
            designer=self.name,
            usage=reply.usage,
            status=status,
            finish_reason=reply.finish_reason,
            model=reply.model,
            latency=reply.latency,
            tries=reply.tries,
            notes=reply.notes,
        )
