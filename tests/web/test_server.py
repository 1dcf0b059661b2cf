"""The port is the wanted one, or the next that is free."""

from __future__ import annotations

import socket

import pytest

from autoreward.errors import StorageError
from autoreward.web import server
from autoreward.web.guard import Access
from autoreward.web.server import HOST, address_of, bind


def test_a_port_in_use_is_passed_over() -> None:
    with bind(21_000) as first, bind(first.getsockname()[1]) as second:
        assert second.getsockname()[0] == HOST
        assert second.getsockname()[1] > first.getsockname()[1]


def test_where_none_is_free_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TRIES", 1)
    with bind(22_000) as taken, pytest.raises(StorageError, match="is free"):
        bind(taken.getsockname()[1])


def test_the_address_holds_the_token_and_the_port_is_forwarded() -> None:
    address = address_of(Access(8765, "secret"), "/runs/x")
    assert address.url == "http://127.0.0.1:8765/runs/x?token=secret"
    assert address.ssh == f"ssh -N -L 8765:127.0.0.1:8765 {socket.gethostname()}"
