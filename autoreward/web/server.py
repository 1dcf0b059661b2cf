"""Serves the page on this machine, at the wanted port or the next one that is free."""

from __future__ import annotations

import errno
import platform
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autoreward.config import Settings
from autoreward.errors import StorageError
from autoreward.web.app import make_app
from autoreward.web.guard import Access

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
TRIES = 20  # ports that are tried, from the wanted one on


@dataclass(frozen=True)
class Address:
    """Where the page is."""

    port: int
    url: str  # with the token
    ssh: str  # the command that forwards the port from another machine


def serve(settings: Settings, run: Path | None, port: int, on_ready: Callable[[Address], None]) -> None:
    """Serve the page until it is stopped.

    Args:
        settings: say where the runs are.
        run: whose page is opened; None: the list of runs.
        port: the first that is tried.
        on_ready: called once, when it can be opened.

    Raises:
        StorageError: no port is free.
    """
    with bind(port) as listening:
        access = Access(listening.getsockname()[1], secrets.token_urlsafe(24))
        server = make_server(settings, access)
        path = f"/runs/{run.name}" if run is not None else "/"
        on_ready(address_of(access, path))
        server.run(sockets=[listening])


def make_server(settings: Settings, access: Access) -> uvicorn.Server:
    """A server that is not running yet."""
    import uvicorn  # nothing else needs it

    return uvicorn.Server(
        uvicorn.Config(
            make_app(settings, access),
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,  # [s]: pages that listen for events never end by themselves
            lifespan="off",
            server_header=False,
        )
    )


def address_of(access: Access, path: str) -> Address:
    """The address of a page, with the token."""
    forward = f"ssh -N -L {access.port}:{HOST}:{access.port} {platform.node() or 'HOST'}"
    return Address(access.port, f"http://{HOST}:{access.port}{path}?token={access.token}", forward)


def bind(port: int) -> socket.socket:
    """A socket that listens at this port of this machine, or at the next one that is free.

    Raises:
        StorageError: none is.
    """
    last = min(port + TRIES, 65_536)
    for number in range(port, last):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
            listening.listen()
        except OSError as error:
            listening.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise StorageError(f"Cannot listen at {HOST}:{number}: {error.strerror}.", "--port P.") from error
        else:
            return listening
    raise StorageError(f"No port from {port} to {last - 1} is free.", "Name another one: --port P.")
