"""Where a server is: slips of the pen are sentences, and keys are never shown."""

from __future__ import annotations

import pytest

from autoreward.errors import ConfigError
from autoreward.llm.address import OPENAI_ADDRESS, address_of, check_way, checked_key, checked_url, is_loopback


def test_an_address_loses_its_blanks() -> None:
    assert checked_url(" http://127.0.0.1:8000/v1\n") == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("127.0.0.1:8000/v1", "needs http:// or https:// in front"),
        ("ftp://host/v1", "needs http:// or https:// in front"),
        ("http:/host", "needs http:// or https:// in front"),
        ("http://", "names no server"),
        ("http://host:0/v1", "names no server"),
        ("http://a host/v1", "names no server"),
        ("http://host:99999/v1", "cannot be read"),
        ("http://[::1", "cannot be read"),
    ],
)
def test_a_slip_is_named_with_where_it_came_from(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        checked_url(url, "OPENAI_BASE_URL")
    assert error.value.message.startswith("OPENAI_BASE_URL ") and error.value.remedy


@pytest.mark.parametrize(("key", "kept"), [(" sk-abc\n", "sk-abc"), ("", None), (" \n", None), (None, None)])
def test_a_key_is_trimmed(key: str | None, kept: str | None) -> None:
    assert checked_key(key) == kept


def test_a_character_that_no_key_has_is_named_and_the_key_is_not() -> None:
    with pytest.raises(ConfigError) as error:
        checked_key("sk-\u201cabc")
    assert "its character 4 is '\\u201c'" in error.value.message
    assert "abc" not in error.value.message + (error.value.remedy or "")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (None, OPENAI_ADDRESS),
        ("http://host/v1", "host:80"),
        ("https://host/v1", "host:443"),
        ("http://[::1]:8000/v1", "[::1]:8000"),
        ("http://user:secret@host:81", "host:81"),
    ],
)
def test_host_and_port_for_a_person(url: str | None, address: str) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/v1", True), ("http://127.9.9.9/v1", True), ("http://[::1]/v1", True), (None, False),
        ("http://127.0.0.1.example.com", False), ("http://example.com/127.0.0.1", False),
    ],
)  # fmt: skip
def test_what_is_on_this_machine(url: str | None, here: bool) -> None:
    assert is_loopback(url) == here


def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:1")
    with pytest.raises(ConfigError, match="A proxy of the environment"):
        check_way("http://192.0.2.1:8000/v1")
    check_way("http://127.0.0.1:8000/v1")  # asked without it


def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    with pytest.raises(ConfigError, match="SSL_CERT_FILE or SSL_CERT_DIR"):
        check_way("https://192.0.2.1:8000/v1")
