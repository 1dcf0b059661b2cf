"""A chat model of any other provider (anthropic/..., gemini/..., bedrock/...), through the package `litellm`.

It is imported only when such a model is asked for: its import takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from autoreward.config import prepare_litellm
from autoreward.errors import ConfigError, ModelAccessError, ModelError
from autoreward.llm.chat_model import Reply
from autoreward.llm.openai_model import USUAL_TEMPERATURE, ask_with_retries, check_form
from autoreward.llm.retry import RetryPolicy, TransientError
from autoreward.llm.trouble import cleaned, sorted_error
from autoreward.records import Message

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

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
    request_timeout: float = 600.0  # [s] of silence

    def __post_init__(self) -> None:
        self._litellm = load_litellm()
        self._model = self.name.removeprefix(PREFIX)
        if self.base_url is None:
            self._check_key()

    def ask(self, messages: Sequence[Message]) -> Reply:
        """One answer; failures are retried as the policy says, never by the library below.

        Raises:
            ModelAccessError: the provider refuses this key, model, account or request.
            ModelOutageError: it stayed out of reach for longer than the outage budget.
        """
        return ask_with_retries(self.name, self.retries, lambda: self._request(messages))

    def stop(self) -> None:
        """Ends waiting between tries, in all threads; a request in flight still finishes."""
        self.retries.stop()

    def _request(self, messages: Sequence[Message]) -> ChatCompletion:
        from openai import OpenAIError

        asked: dict[str, Any] = {"model": self._model, "messages": [message.model_dump() for message in messages]}
        if self.temperature != USUAL_TEMPERATURE:
            asked["temperature"] = self.temperature
        if self.base_url is not None:  # a server of one's own may want no key, but the client below wants one
            asked |= {"api_base": self.base_url, "api_key": "none"}
        try:
            completion = self._litellm.completion(
                **asked, timeout=self.request_timeout, num_retries=0, max_retries=0, drop_params=True
            )
        except OpenAIError as error:  # litellm's errors are children of OpenAI's
            raise self._sorted(error) from None
        except ImportError as error:  # a provider whose own package is not installed
            raise ModelAccessError(f"{self.name}: {cleaned(str(error), None)}", "Install what it names.") from None
        except ValueError as error:
            raise TransientError(f"the reply cannot be read ({type(error).__name__})", unreadable=True) from None
        check_form(completion)
        made: ChatCompletion = completion
        return made

    def _sorted(self, error: Any) -> TransientError | ModelError:
        """As for every other server, with the name of this provider's key."""
        found = sorted_error(error, self.name, None)
        if isinstance(found, ModelError):
            key = f"{self._model.partition('/')[0].upper()}_API_KEY"
            return type(found)(found.message, found.remedy.replace("OPENAI_API_KEY", key))
        return found

    def _check_key(self) -> None:
        found = self._litellm.validate_environment(self._model)
        missing = [str(name) for name in found.get("missing_keys", ())]
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
