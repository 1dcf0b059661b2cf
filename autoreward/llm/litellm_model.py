"""A chat model of any other provider (anthropic/..., gemini/..., bedrock/...), through the package `litellm`.

It is imported only when such a model is asked for: its import takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from autoreward.errors import ConfigError, ModelAccessError, ModelError
from autoreward.llm.address import address_of
from autoreward.llm.asking import Asker, ComplaintError
from autoreward.llm.caching import marked, wants_marks
from autoreward.llm.chat_model import Reply
from autoreward.llm.deadline import RedirectedError, ReplyBoundError, bound_replies, client_with_deadline
from autoreward.llm.manners import Manners
from autoreward.llm.openai_model import OUTPUT_LIMIT, USUAL_TEMPERATURE
from autoreward.llm.retry import RequestFailedError, RetryPolicy, TransientError
from autoreward.llm.trouble import Place, cleaned, complaint_of, redirected, sorted_error
from autoreward.process_environment import prepare_litellm
from autoreward.records import Message

if TYPE_CHECKING:
    import openai

PREFIX = "litellm/"  # "litellm/anthropic/claude-...": through litellm, whatever the provider
COMPROMISED = frozenset({"1.82.7", "1.82.8"})  # releases that steal keys
INSTALL = "pip install 'autoreward[litellm]'"


@dataclass
class LiteLLMModel:
    """One model of one provider. `ask` may be called from several threads at once.

    Raises:
        ConfigError: litellm is missing or a compromised release, or the provider's key is not set.
    """

    name: str  # "anthropic/claude-sonnet-4-5", or with the prefix
    retries: RetryPolicy
    base_url: str | None = None  # None: the provider's own
    temperature: float = USUAL_TEMPERATURE
    request_timeout: float = 600.0  # [s], one request in total
    output_limit: int = OUTPUT_LIMIT
    secrets: tuple[str, ...] = field(default=(), repr=False)  # what is cut out of every reply

    def __post_init__(self) -> None:
        self._litellm = load_litellm()
        self._bounded = _bound_replies(self._litellm, self.request_timeout)
        self._model = self.name.removeprefix(PREFIX)
        if self.base_url is None:
            self._check_key()
        place = Place(self.name, address_of(self.base_url) if self.base_url else f"{self._model.partition('/')[0]}")
        temperature = None if self.temperature == USUAL_TEMPERATURE else self.temperature
        manners = Manners(self.output_limit, "max_tokens", temperature)
        self._place = place
        self._asker = Asker(place, self.retries, manners, self._send, self.secrets)

    def ask(self, messages: Sequence[Message], room: int = 1, temperature: float | None = None) -> Reply:
        """One answer; failures are retried as the policy says, never by the library below.

        Raises:
            ModelAccessError: the provider refuses this key, model or account.
            ModelOutageError: it stayed out of reach for longer than the outage budget.
        """
        try:
            return self._asker.ask(messages, room, temperature)
        except ModelError as error:
            key = f"{self._model.partition('/')[0].upper()}_API_KEY"
            error.remedy = error.remedy.replace("OPENAI_API_KEY", key)
            raise

    def stop(self) -> None:
        """Ends waiting between tries, in all threads; a request in flight still finishes."""
        self.retries.stop()

    def _send(self, asked: dict[str, Any]) -> Mapping[str, Any]:
        import openai

        if self._litellm.client_session is not self._bounded:  # another model has set its own bounds since
            self._bounded = _bound_replies(self._litellm, self.request_timeout)
        if wants_marks(self.name):
            asked = {**asked, "messages": marked(asked["messages"])}
        if self.base_url is not None:  # a server of one's own may want no key, but the client below wants one
            asked = asked | {"api_base": self.base_url, "api_key": "none"}
        try:
            completion = self._litellm.completion(
                model=self._model,
                **asked,
                timeout=self.request_timeout,
                num_retries=0,
                max_retries=0,
                drop_params=True,
            )
        except openai.OpenAIError as error:  # litellm's errors are children of OpenAI's
            raise self._sorted(error) from None
        except ImportError as error:  # a provider whose own package is not installed
            raise ModelAccessError(f"{self.name}: {cleaned(str(error), None)}", "Install what it names.") from None
        except ValueError as error:
            raise TransientError(f"the reply cannot be read ({type(error).__name__})", unreadable=True) from None
        body: Mapping[str, Any] = completion.model_dump()
        return body

    def _sorted(self, error: openai.OpenAIError) -> Exception:
        """What to raise for an error of litellm, which gives every error a status, also one of our own bounds."""
        import openai

        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ReplyBoundError):
                return RequestFailedError(str(cause))
            if isinstance(cause, RedirectedError):
                return redirected(cause, self._place)
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, openai.APIStatusError):
            return ComplaintError(complaint_of(error))
        return sorted_error(error, self._place)

    def _check_key(self) -> None:
        environment = self._litellm.validate_environment(self._model)
        missing = [str(name) for name in environment.get("missing_keys", ())]
        if missing:
            raise ConfigError(
                f"{self.name} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not set.",
                "Set it in the environment, or use --model compose, which needs none.",
            )


def load_litellm() -> Any:
    """The package, set up to stay silent and to ask the network for nothing but replies.

    Raises:
        ConfigError: it is not installed, or in a compromised release.
    """
    check_release(_installed())
    prepare_litellm()
    import litellm

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    return litellm


def _bound_replies(litellm: Any, seconds: float) -> Any:
    """Bounds in time and size for what any provider answers: litellm has two kinds of clients.

    It takes one of ours for providers that speak OpenAI's protocol. For all others it makes its own, in one place.

    Returns:
        That client of ours.
    """
    from litellm.llms.custom_httpx import http_handler

    litellm.client_session = client_with_deadline(seconds)
    make = getattr(http_handler.HTTPHandler.create_client, "__wrapped__", http_handler.HTTPHandler.create_client)

    @wraps(make)
    def bounded(handler: Any) -> Any:
        client = make(handler)
        bound_replies(client, seconds)
        return client

    http_handler.HTTPHandler.create_client = bounded  # type: ignore[method-assign, assignment]
    litellm.in_memory_llm_clients_cache.flush_cache()  # clients that were made before
    return litellm.client_session


def check_release(release: str | None) -> None:
    """Refuse what must not be imported.

    Args:
        release: of litellm; None: it is not installed.

    Raises:
        ConfigError: with what to type.
    """
    if release is None:
        raise ConfigError("This provider is asked through litellm, which is not installed.", INSTALL)
    if release in COMPROMISED:
        raise ConfigError(
            f"litellm {release} is a compromised release that steals keys; it was not imported.",
            f"Remove it, change the keys of this machine, then: {INSTALL}",
        )


def _installed() -> str | None:
    try:
        return version("litellm")
    except PackageNotFoundError:
        return None
