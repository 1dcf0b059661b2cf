"""Nobody else gets an answer, and what is answered cannot be turned against the person who looks at it."""

from __future__ import annotations

import httpx
import pytest

from tests.web.serving import TOKEN, Served


def test_the_token_becomes_a_cookie_and_leaves_the_address(served: Served) -> None:
    answer = httpx.get(f"{served.of_run()}?token={TOKEN}&q=x")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{served.run.name}?q=x")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], "\u00e9"])
def test_without_the_token_there_is_no_page(served: Served, token: str | None) -> None:
    for path in ("/", f"/runs/{served.run.name}", "/assets/page.js"):
        answer = httpx.get(served.base + path, params={} if token is None else {"token": token})
        assert answer.status_code == 403 and served.run.name not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:80", ""])
def test_another_host_is_refused_with_the_cookie_too(person: httpx.Client, host: str) -> None:
    assert person.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://127.0.0.1"])
def test_nothing_is_changed_for_another_site(person: httpx.Client, served: Served, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    answer = person.post(f"/runs/{served.run.name}/delete", headers=headers)
    assert answer.status_code == 403 and served.run.is_dir()


def test_every_answer_keeps_the_page_in_its_place(person: httpx.Client, served: Served) -> None:
    for path in ("/", f"/runs/{served.run.name}", "/assets/page.css", "/nothing"):
        headers = person.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert httpx.get(served.base).headers["content-security-policy"]
