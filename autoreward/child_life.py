"""How a child process ends when nobody waits for it any more: a parent that is killed can end nobody."""

from __future__ import annotations

import os
import select
import shutil
import threading


def end_with_asker(descriptor: int, folder: str | None = None) -> None:
    """End this process once the other end of a pipe is closed, also in the middle of a program that never returns.

    Args:
        descriptor: of the pipe that is asked through, or of the one that the answer goes into.
        folder: removed then, if there is one.
    """
    closed = select.poll()
    closed.register(descriptor, 0)  # that the other end was closed is told in any case

    def wait() -> None:
        closed.poll()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
