"""The designer that asks a language model."""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.llm.chat_model import ChatModel
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
        """One reply to one prompt.

        Raises:
            ModelAccessError, ModelOutageError: see ChatModel.ask.
        """
        reply = self.model.ask(prompt.messages)
        return Completion(prompt=prompt.id, text=reply.text, designer=self.name, usage=reply.usage)
