"""Which designer answers, and why: the named model, else a key, else a local server, else the embedded designer.

Nothing is asked of a paid model here. Every choice comes with a line for the person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from autoreward.config import ModelSettings
from autoreward.errors import ConfigError
from autoreward.llm.address import LOOPBACK, check_way, checked_key, checked_url, is_loopback
from autoreward.llm.chat_model import ChatModel
from autoreward.llm.deadline import RedirectedError, stay_on_machine
from autoreward.llm.litellm_model import LiteLLMModel
from autoreward.llm.openai_model import OpenAIModel
from autoreward.llm.price import is_free
from autoreward.llm.retry import RetryPolicy
from autoreward.plain_text import plain_line
from autoreward.process_environment import ModelEnvironment

COMPOSE = "compose"
MANUAL = "manual"
LITELLM = "litellm"  # "litellm/PROVIDER/MODEL" asks any provider through that package
DEFAULT_OPENAI_MODEL = "openai/gpt-5-mini"
_NO_CHAT = re.compile(
    r"embed|(?:^|[/_-])(?:bge|e5|gte|minilm|mpnet|nomic)(?:[-_:/]|$)|rerank|whisper|(?:^|[-_/])tts|dall-e|diffusion"
    r"|moderation|transcribe|clip-vit",
    re.IGNORECASE,
)
"""In the name of a model that answers no questions: it makes vectors, sounds or pictures."""
BASE_URLS = {
    "openai": None,
    "openrouter": "https://openrouter.ai/api/v1",
    "ollama": "http://127.0.0.1:11434/v1",
    "lmstudio": "http://127.0.0.1:1234/v1",
    "vllm": "http://127.0.0.1:8000/v1",
}
LIST_LIMIT = 2**20  # [bytes] of a list of models that are read
_LOCAL = ("ollama", "lmstudio", "vllm")
_HOW_TO = "To use a language model, set OPENAI_API_KEY, start Ollama, or name one with --model (and --base-url)."


@dataclass(frozen=True)
class LocalServer:
    """A place where a language model may be served on this machine."""

    provider: str
    base_url: str


@dataclass(frozen=True)
class Choice:
    """Which designer was chosen, and the line that tells a person."""

    name: str  # "compose", "manual" or "provider/model"
    base_url: str | None
    line: str
    needs_key: bool = False
    litellm: bool = False  # asked through the package litellm, which knows the provider's own protocol and key

    @property
    def is_llm(self) -> bool:
        """Whether it is a language model."""
        return self.name not in (COMPOSE, MANUAL)

    @property
    def may_cost(self) -> bool:
        """Whether asking it may cost money."""
        return self.is_llm and not is_free(self.name)


def choose(
    settings: ModelSettings, environment: ModelEnvironment, servers: Iterable[LocalServer] | None = None
) -> Choice:
    """The designer for these settings.

    Args:
        settings: `model` names one; None looks for a key, then for a local server.
        environment: what the environment of the process says about providers.
        servers: where local servers are looked for, in order; None: the usual ports on this machine.

    Raises:
        ConfigError: a model is named in a form that cannot be used.
    """
    given = checked_url(settings.base_url) if settings.base_url else None
    if settings.model:
        return _named(settings.model, given, environment)
    base_url = given or (
        checked_url(environment.openai_base_url, "OPENAI_BASE_URL") if environment.openai_base_url else None
    )
    if environment.openai_api_key or base_url:
        return _configured(base_url, environment)
    for server in local_servers(environment) if servers is None else servers:
        models = [name for name in listed_models(server.base_url) if can_chat(name)]
        if models:
            name = f"{server.provider}/{models[0]}"
            return Choice(name, server.base_url, f"Designer: {name}, found on this machine at {server.base_url}.")
    line = f"Designer: compose, which is not a language model (no key, no model server on this machine). {_HOW_TO}"
    return Choice(COMPOSE, None, line)


def open_model(
    choice: Choice, settings: ModelSettings, environment: ModelEnvironment, retries: RetryPolicy | None = None
) -> ChatModel:
    """The chosen language model, ready to be asked.

    Raises:
        ConfigError: the model needs a key and there is none, or one that is no key; a package is not installed; a
            proxy or certificates of the environment cannot be used.
    """
    check_way(choice.base_url)
    key = checked_key(environment.openai_api_key)
    if choice.litellm:
        return LiteLLMModel(
            name=choice.name,
            retries=retries or RetryPolicy(settings.outage_budget),
            base_url=choice.base_url,
            temperature=settings.temperature,
            request_timeout=settings.request_timeout,
            output_limit=settings.max_output_tokens,
            secrets=environment.secrets,
        )
    if choice.needs_key and not environment.openai_api_key:
        raise ConfigError(
            f"{choice.name} needs a key, and OPENAI_API_KEY is not set.",
            "Set OPENAI_API_KEY in the environment, or use --model compose, which needs none.",
        )
    return OpenAIModel(
        name=choice.name,
        retries=retries or RetryPolicy(settings.outage_budget),
        base_url=choice.base_url,
        # A server on this machine, found or named by its provider, gets no key.
        api_key=None if is_free(choice.name) else key,
        temperature=settings.temperature,
        request_timeout=settings.request_timeout,
        output_limit=settings.max_output_tokens,
        secrets=environment.secrets,
    )


def can_chat(name: str) -> bool:
    """Whether a model may be one that answers questions, by its name."""
    return _NO_CHAT.search(name) is None


def local_servers(environment: ModelEnvironment) -> list[LocalServer]:
    """The usual places on this machine, Ollama's where OLLAMA_HOST puts it; never another machine."""
    servers = []
    for provider in _LOCAL:
        url = _base_url(provider, environment)
        if url and urlsplit(url).hostname in LOOPBACK:
            servers.append(LocalServer(provider, url))
    return servers


def listed_models(base_url: str, connect_seconds: float = 0.2, answer_seconds: float = 2.0) -> list[str]:
    """The models that a server lists at /models; [] where nothing answers in the form of the protocol.

    A server on this machine is asked without a proxy, another one through those of the environment.
    """
    import httpx

    timeout = httpx.Timeout(answer_seconds, connect=connect_seconds)
    hooks = {"response": [stay_on_machine]}
    address = f"{base_url.rstrip('/')}/models"
    try:
        with (
            httpx.Client(
                timeout=timeout, trust_env=not is_loopback(base_url), follow_redirects=True, event_hooks=hooks
            ) as client,
            client.stream("GET", address) as reply,
        ):
            reply.raise_for_status()
            listed = json.loads(next(reply.iter_bytes(LIST_LIMIT), b""))["data"]
        return [plain_line(str(entry["id"])) for entry in listed]
    except (httpx.HTTPError, httpx.InvalidURL, RedirectedError, ValueError, KeyError, TypeError):
        return []


def _named(model: str, base_url: str | None, environment: ModelEnvironment) -> Choice:
    if model == COMPOSE:
        return Choice(COMPOSE, None, "Designer: compose, which is not a language model.")
    if model == MANUAL:
        return Choice(MANUAL, None, "Designer: manual. Its questions go to a file, a person gives the answers.")
    name = model if "/" in model else f"openai/{model}"
    provider, _, rest = name.partition("/")
    if not provider or not rest:
        raise ConfigError(f"{model!r} names no model.", 'Write it as "provider/model", "openai/gpt-5".')
    url = base_url or _base_url(provider, environment)
    if provider == LITELLM or (url is None and provider not in BASE_URLS):
        return Choice(name, base_url, f"Designer: {name} through litellm, as named.", litellm=True)
    remote = url is None or urlsplit(url).hostname not in LOOPBACK
    return Choice(
        name, url, f"Designer: {name} at {url or 'OpenAI'}, as named.", needs_key=remote and not is_free(name)
    )


def _configured(base_url: str | None, environment: ModelEnvironment) -> Choice:
    """A key or an address, but no model: OpenAI's usual one, or the first that the given server lists."""
    if base_url is None:
        line = f"Designer: {DEFAULT_OPENAI_MODEL}, because OPENAI_API_KEY is set. Choose another with --model."
        return Choice(DEFAULT_OPENAI_MODEL, None, line, needs_key=True)
    check_way(base_url)
    models = listed_models(base_url, connect_seconds=2.0, answer_seconds=10.0)
    if not models:
        raise ConfigError(
            f"The server at {base_url} does not say which models it has.", "Name one: --model openai/NAME."
        )
    talking = [name for name in models if can_chat(name)]
    if not talking:
        raise ConfigError(
            f"The server at {base_url} lists no model that can chat: {', '.join(models[:5])}.",
            "Load one that can, or name it: --model openai/NAME.",
        )
    name = f"openai/{talking[0]}"
    line = f"Designer: {name}, the first chat model of the server at {base_url}. Choose another with --model."
    return Choice(name, base_url, line)


def _base_url(provider: str, environment: ModelEnvironment) -> str | None:
    """Where a provider is asked; the standard variables come before the usual places."""
    if provider == "openai":
        url = environment.openai_base_url
        return checked_url(url, "OPENAI_BASE_URL") if url else None
    if provider == "ollama" and environment.ollama_host:
        return _ollama_url(environment.ollama_host)
    return BASE_URLS.get(provider)


def _ollama_url(host: str) -> str:
    """OLLAMA_HOST as a base URL: "0.0.0.0" (a server's own setting) means this machine, the port defaults to 11434."""
    address = urlsplit(checked_url(host if "//" in host else f"http://{host}", "OLLAMA_HOST"))
    name = address.hostname or "127.0.0.1"
    name = "127.0.0.1" if name in ("0.0.0.0", "::") else name
    return f"{address.scheme}://{f'[{name}]' if ':' in name else name}:{address.port or 11434}/v1"
