"""A replay in 3-D: one page that loads nothing from elsewhere; where none can be made, it is said why."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from autoreward import process_environment
from autoreward.environment.replays import make_replay
from autoreward.errors import RenderingError

pytest.importorskip("viser", reason="the extra viewer is not installed")


def test_a_replay_is_one_page_without_addresses() -> None:
    moved = np.linspace(0.0, 0.3, 40)[:, None] * np.ones((1, 2))
    page = make_replay("inverted_pendulum", moved.astype(np.float32))
    assert page.lower().startswith(b"<!doctype html>") and b"__VISER_EMBED_DATA__" in page
    head = page[: page.index(b"</head>")].decode(errors="replace")
    assert not re.search(r"""<(script|link|img)[^>]*\b(src|href)=["']?(https?:)?//""", head)


def test_what_has_no_model_is_refused_with_a_reason() -> None:
    with pytest.raises(RenderingError, match="needs a MuJoCo model"):
        make_replay("gymnasium:CartPole-v1", np.zeros((3, 2)))


def test_without_the_viewer_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; sys.exit('the viewer is not installed (viser)')"
    command = [sys.executable, "-c", code]
    monkeypatch.setattr(process_environment, "child_command", lambda *_: command)
    with pytest.raises(RenderingError, match="not installed") as raised:
        make_replay("inverted_pendulum", np.zeros((3, 2)))
    assert raised.value.remedy == "pip install 'autoreward[viewer]'"
