"""Where a model server is: checked before anything is asked, so that a slip of the pen is no outage."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from autoreward.errors import ConfigError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})
OPENAI_ADDRESS = "api.openai.com:443"
_LOOPBACK_ADDRESS = re.compile(r"127(\.\d{1,3}){1,3}")  # not 127.0.0.1.example.com
_KEY_CHARACTERS = re.compile(r"[\x21-\x7e]+")  # what a header of HTTP can carry


def checked_url(url: str, origin: str = "--base-url") -> str:
    """An address that can be asked.

    Raises:
        ConfigError: it cannot be read, or is not one of the web.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise ConfigError(f"{origin} {url!r} cannot be read ({error}).", _example()) from None
    if parts.scheme not in ("http", "https") or "://" not in url:
        raise ConfigError(f"{origin} {url!r} needs http:// or https:// in front.", f"{origin} http://{url}")
    if not host or (port is not None and not 0 < port < 65536) or any(character.isspace() for character in url):
        raise ConfigError(f"{origin} {url!r} names no server.", _example())
    return url


def checked_key(key: str | None, origin: str = "OPENAI_API_KEY") -> str | None:
    """A key without the blanks and line ends around it.

    Raises:
        ConfigError: it has characters that no key has; they are named, the key is not.
    """
    trimmed = (key or "").strip()
    if not trimmed:
        return None
    if not _KEY_CHARACTERS.fullmatch(trimmed):
        place, wrong = next((i, one) for i, one in enumerate(trimmed) if not _KEY_CHARACTERS.fullmatch(one))
        raise ConfigError(
            f"{origin} is no key: its character {place + 1} is {wrong!a}, which cannot be sent.",
            "Set it again, without quotation marks and line breaks.",
        )
    return trimmed


def address_of(base_url: str | None) -> str:
    """Host and port, for a person."""
    if base_url is None:
        return OPENAI_ADDRESS
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def is_loopback(base_url: str | None) -> bool:
    """Whether a server is on this machine: it is asked without a proxy, and gets no key that was not meant for it."""
    host = urlsplit(base_url or "").hostname or ""
    return host in LOOPBACK or _LOOPBACK_ADDRESS.fullmatch(host) is not None


def check_way(base_url: str | None) -> None:
    """Whether the HTTP client can be made here: its proxies and certificates are those of the environment.

    Raises:
        ConfigError: with the variable and the cure.
    """
    import httpx

    try:
        httpx.Client(trust_env=not is_loopback(base_url)).close()
    except ImportError:
        raise ConfigError(
            "ALL_PROXY (or HTTPS_PROXY, HTTP_PROXY) names a SOCKS proxy, which needs the package socksio.",
            "pip install 'httpx[socks]', or unset the variable.",
        ) from None
    except (ValueError, httpx.InvalidURL) as error:
        message = f"A proxy of the environment (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY) cannot be used: {error}."
        raise ConfigError(message, "Correct the variable, or unset it.") from None
    except OSError as error:
        raise ConfigError(
            f"SSL_CERT_FILE or SSL_CERT_DIR names certificates that cannot be read: {error.strerror or error}.",
            "Correct the variable, or unset it.",
        ) from None


def _example() -> str:
    return "--base-url http://127.0.0.1:11434/v1"
