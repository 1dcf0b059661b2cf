"""Every answer of the page."""

from __future__ import annotations

import httpx

from tests.web.serving import Served


def test_what_models_write_is_shown_as_text(person: httpx.Client, served: Served) -> None:
    page = person.get(f"/runs/{served.run.name}/candidates/g00c00").text
    assert "&lt;script&gt;" in page and "<script>document" not in page and "<img src=x" not in page
    assert "&lt;/video&gt;" in page and "it &lt;b&gt;stands" in page
