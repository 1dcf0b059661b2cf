"""How texts get into pages."""

from __future__ import annotations

from autoreward.pages.rendering import page_environment


def test_a_forgotten_value_is_an_error_and_text_is_escaped_and_plain() -> None:
    template = page_environment().from_string("{{ said }}")
    assert template.render(said="<b>\x1b[31m\u202e&") == "&lt;b&gt;&amp;"
