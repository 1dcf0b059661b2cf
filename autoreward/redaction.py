"""Cuts keys out of texts before they are stored, shown or sent: the run's own, and whatever has the form of one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

KEY = "[key]"
_SHORTEST = 8  # characters; a shorter secret would be cut out of ordinary words
_DUMMY = re.compile(r"(?!sk-|pk-)[a-z-]{1,19}")  # "lm-studio", "not-needed": what servers of one's own are given
_FORMS = re.compile(
    r"\b(?:sk|pk)-(?=[\w*.-]*[\d*])[\w*.-]{8,}"
    r"|\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}"
    r"|\b(?:gsk|hf|r8|fw|tgp)_[A-Za-z0-9_-]{20,}"
    r"|\b(?:xai|nvapi|pplx|csk)-[A-Za-z0-9_-]{20,}"
    r"|\bAIza[\w-]{20,}"
    r"|\bya29\.[\w.-]{20,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\bxox[abeprs]-[\w-]{10,}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|\bBearer[ \t]+[\w.~+/=*-]{6,}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]{0,20000}-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with `[key]` in place of every secret, plain or encoded, and of everything in the form of a key.

    Args:
        secrets: the keys that this run has.
    """
    for secret in secrets:
        for form in _forms(secret):
            text = text.replace(form, KEY)
    return _FORMS.sub(KEY, text)


def _forms(secret: str) -> list[str]:
    """A secret as it may stand in a text."""
    if len(secret) < _SHORTEST or _DUMMY.fullmatch(secret):
        return []
    raw = secret.encode("utf-8", "replace")
    coded = [base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(), raw.hex(), quote(secret, safe="")]
    return sorted({secret, secret[::-1], *(one.rstrip("=") for one in coded)}, key=len, reverse=True)
