"""Keys are cut out of every text, and nothing else is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.redaction import KEY, redacted

FORMS = [
    "sk-proj-0123456789abcdefABCDEF",
    "sk-ant-api03-abcdefghij0123456789",
    "sk-or-v1-0123456789abcdef0123456789abcdef",
    "sk-proj-****cdef",
    "gsk_abcdefghijklmnopqrstuvwx",
    "hf_abcdefghijklmnopqrstuvwx",
    "xai-abcdefghijklmnopqrstuvwx",
    "AIzaSyA0123456789abcdefghijklmnopqrstu",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "glpat-abcdefghij0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "Bearer abcdef0123456789",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", ["{}", "the key is {}, use it", '"{}"', "a={}\n", "({})."])
def test_known_forms(form: str, around: str) -> None:
    text = redacted(around.format(form))
    assert form.removeprefix("Bearer ")[4:] not in text
    assert KEY in text


@pytest.mark.parametrize(
    "text",
    [
        "the task-oriented robot asks for disk-0.25 and risk-averse walking",
        "key_frame_position_1 = state.key_frame_2[..., 0]",
        "WEIGHTS = {'a': 1.0}  # sk - 0.125",
        "a desk-mounted arm",
        "Bearer of loads",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redacted(text, ["lm-studio", "ollama", "none"]) == text


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=20, max_size=60), st.text(), st.text())
def test_the_runs_own_key_is_nowhere_plain_or_encoded(secret: str, before: str, after: str) -> None:
    coded = (secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex(), secret[::-1])
    for form in coded:
        assert form not in redacted(f"{before} {form} {after}", [secret]).replace(before, "").replace(after, "")


def test_a_private_key_goes_whole() -> None:
    text = f"-----BEGIN RSA PRIVATE KEY-----\n{'abcd' * 100}\n-----END RSA PRIVATE KEY-----"
    assert redacted(f"x {text} y") == f"x {KEY} y"
