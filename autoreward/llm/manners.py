"""What a model takes: parameters that it refuses are left out or said in another way, for the whole run."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Sequence
from typing import Any, Literal

from autoreward.llm.trouble import TOO_LONG, Complaint
from autoreward.llm.usage import most_tokens
from autoreward.records import Message

LimitName = Literal["max_tokens", "max_completion_tokens", ""]
LEAST_ROOM = 512  # [tokens] for a reply; with less, the question is too long
_LIMIT_WORDS = re.compile(r"max_tokens|max_completion_tokens|max_output_tokens|output tokens|completion tokens", re.I)
_NO_SYSTEM = re.compile(
    r"system[^.]{0,40}\b(?:role|message|prompt|instruction)|role[^.]{0,60}\bsystem|developer instruction"
    r"|roles must alternate",
    re.I,
)
_MOST = re.compile(
    r"(?:at most|maximum|max(?:imum)? (?:allowed|value|of)|up to|less than or equal to|<=?)\D{0,40}?(\d{3,})"
)
_BOUND = re.compile(r">\s*(\d{3,})")  # "max_tokens: 16384 > 4096, which is the maximum"
_WINDOW = re.compile(r"(?:context[^.\d]{0,40}|maximum[^.\d]{0,40}|up to )(\d{3,7})\s*tokens?", re.I)


class Manners:
    """How requests to one model are put. May be used from several threads at once.

    Args:
        output_limit: [tokens] of a reply.
        limit_name: the parameter that says it.
        temperature: None is not sent.
    """

    def __init__(self, output_limit: int, limit_name: LimitName, temperature: float | None) -> None:
        self.output_limit = output_limit
        self.limit_name: LimitName = limit_name
        self.temperature = temperature
        self.takes_temperature = True
        self.system_role = True
        self.most: int | None = None  # [tokens] that the model writes at most
        self.window: int | None = None  # [tokens] of question and reply together
        self._tried = {limit_name}
        self._lock = threading.Lock()

    def limit(self, messages: Sequence[Message], room: int) -> int | None:
        """The output limit of a request [tokens]; None where the model takes none."""
        with self._lock:
            if not self.limit_name:
                return None
            wanted = self.output_limit * room
            if self.most is not None:
                wanted = min(wanted, self.most)
            if self.window is not None:
                wanted = min(wanted, self.window - most_tokens(messages))
            return wanted

    def arguments(
        self, messages: Sequence[Message], limit: int | None, temperature: float | None = None
    ) -> dict[str, Any]:
        """The parameters of a request, its messages among them.

        Args:
            temperature: of this request; None: that of the model.
        """
        said = [{"role": message.role, "content": _content(message)} for message in messages]
        if not self.system_role:
            said = _without_system(said)
        asked: dict[str, Any] = {"messages": said}
        wanted = self.temperature if temperature is None else temperature
        if wanted is not None and self.takes_temperature:
            asked["temperature"] = wanted
        if limit is not None and self.limit_name:
            asked[self.limit_name] = limit
        return asked

    def adapt(self, complaint: Complaint, sent: dict[str, Any]) -> str | None:
        """Changes what a server complains about; the sentence for a person, or None where nothing can be changed.

        Args:
            sent: the parameters of the refused request.
        """
        text = f"{complaint.words} {complaint.param}".lower()
        refused = complaint.status in (400, 413, 422) or (complaint.status is not None and complaint.status >= 500)
        with self._lock:
            if complaint.status in (400, 422) and "temperature" in sent and "temperature" in text:
                self.takes_temperature = False
                return "This model takes no temperature: it is not sent."
            if refused and sent["messages"][0]["role"] == "system" and _NO_SYSTEM.search(text):
                self.system_role = False
                return "This model takes no system message: its text is sent as part of the question."
            if complaint.status in (400, 413, 422):
                return self._adapt_limit(complaint, text, sent)
        return None

    def _adapt_limit(self, complaint: Complaint, text: str, sent: dict[str, Any]) -> str | None:
        name = next((one for one in ("max_tokens", "max_completion_tokens") if one in sent), None)
        if name is None:
            return None
        limit = int(sent[name])
        if TOO_LONG.search(text):
            return self._fit_into_window(text, limit)
        if not _LIMIT_WORDS.search(text):
            return None
        numbers = [int(match[1]) for match in (_MOST.search(text), _BOUND.search(text)) if match]
        smaller = [number for number in numbers if LEAST_ROOM <= number < limit]
        if smaller:
            self.most = min(smaller)
            return f"This model writes at most {self.most} tokens: the output limit is lowered to that."
        return self._rename_limit(name)

    def _rename_limit(self, refused: str) -> str:
        if refused != self.limit_name:
            return f"The output limit is sent as {self.limit_name or 'nothing'}."  # another thread was faster
        other: LimitName = "max_completion_tokens" if refused == "max_tokens" else "max_tokens"
        self.limit_name = "" if other in self._tried else other
        self._tried.add(other)
        if not self.limit_name:
            return "This model takes no output limit: none is sent, and budgets count on the one that is set."
        return f"This model takes no {refused}: the output limit is sent as {self.limit_name}."

    def _fit_into_window(self, text: str, limit: int) -> str | None:
        """Where question and output limit together are too long, a smaller limit may do."""
        match = _WINDOW.search(text)
        window = int(match[1]) if match else None
        if window is None or (self.window is not None and self.window <= window):
            return None
        self.window = window
        return f"This model has room for {window} tokens in all: the output limit is what the question leaves."


def _content(message: Message) -> Any:
    """The words of a message; with images, as parts, each image as a data URL."""
    if not message.images:
        return message.content
    addresses = (f"data:image/png;base64,{base64.b64encode(image).decode()}" for image in message.images)
    images = [{"type": "image_url", "image_url": {"url": address}} for address in addresses]
    return [{"type": "text", "text": message.content}, *images]


def _without_system(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same messages with the system's words at the head of the first question."""
    if len(said) < 2 or said[0]["role"] != "system" or said[1]["role"] != "user":
        return [{**one, "role": "user" if one["role"] == "system" else one["role"]} for one in said]
    return [{"role": "user", "content": f"{said[0]['content']}\n\n{said[1]['content']}"}, *said[2:]]
