"""Starts or resumes a tiny search, and kills itself with SIGKILL at the moment it is told.

python tests/search/victim.py FOLDER SERVER_URL [before|after EVENT_KIND]
python tests/search/victim.py FOLDER SERVER_URL stage STAGE       when the search says that it is at this stage
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoreward import api
from autoreward.config import load_settings
from autoreward.ledger import events, list_runs
from autoreward.views import ProgressEvent

SETTINGS = {
    "model": "openai/scripted",
    "candidates": 2,
    "generations": 2,
    "seeds": 1,
    "n_timesteps": 1024,
    "final_seeds": 1,
    "clips": False,
    "evaluation_episodes": 1,
    "parallel_requests": 1,
    "num_envs": 4,
    "num_steps": 64,
    "num_minibatches": 2,
    "hidden": [8],
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at_event_kind(moment: str, kind: str) -> None:
    """Dies before or after the first event of this kind becomes durable."""
    for name in ("append", "append_once"):
        original = getattr(events.EventLog, name)

        def append(self: Any, event_kind: str, key: str, text: str, original: Any = original) -> Any:
            if event_kind == kind and moment == "before":
                die()
            stored = original(self, event_kind, key, text)
            if event_kind == kind:
                die()
            return stored

        setattr(events.EventLog, name, append)


def work(folder: Path, url: str, on_event: Callable[[Any], None] = lambda event: None) -> None:
    """Start the search of a folder, or go on with it."""
    settings = load_settings({**SETTINGS, "runs": str(folder), "base_url": url}).settings
    if list_runs(folder):
        api.resume("last", settings=settings, on_event=on_event)
    else:
        api.design(env="inverted_pendulum", task="balance", settings=settings, on_event=on_event)


def main(folder: str, url: str, moment: str = "", what: str = "") -> None:
    def on_event(event: Any) -> None:
        if moment == "stage" and isinstance(event, ProgressEvent) and event.stage == what:
            die()

    if moment in ("before", "after"):
        kill_at_event_kind(moment, what)
    work(Path(folder), url, on_event)


if __name__ == "__main__":
    main(*sys.argv[1:])
