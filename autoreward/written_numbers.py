"""Numbers as people write them: 20k, 1.5M, 1e6 steps; 900, 15m, 2h of time. The same on command lines and in files."""

from __future__ import annotations

import math
import re

_COUNT = re.compile(r"([+-]?[0-9][0-9_]*(?:[.][0-9]+)?(?:e[+-]?[0-9]+)?)([kmg]?)", re.IGNORECASE)
_TIMES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_TIME = re.compile(r"([+-]?[0-9]+(?:[.][0-9]+)?(?:e[+-]?[0-9]+)?)(s|min|m|h|d)?", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
MOST_DIGITS = 30  # of what is read: longer ones take long, and mean nothing here


def read_count(text: str) -> int:
    """A whole number: `300000`, `300_000`, `20k`, `1.5M`, `1e6`.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    expected = "expected a whole number, for instance 300000, 20k, 1.5M or 1e6"
    found = _COUNT.fullmatch(text.strip()) if len(text) <= MOST_DIGITS else None
    if found is None:
        raise ValueError(expected)
    digits, unit = found.group(1).replace("_", ""), found.group(2).lower()
    if digits.lstrip("+-").isdigit():
        return int(digits) * _TIMES[unit]
    value = float(digits) * _TIMES[unit]
    if not math.isfinite(value) or value != round(value):
        raise ValueError(expected)
    return round(value)


def read_seconds(text: str) -> float:
    """A time in seconds: `900`, `900s`, `15m`, `2h`, `1.5d`.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    found = _TIME.fullmatch(text.strip()) if len(text) <= MOST_DIGITS else None
    value = float(found.group(1)) * _SECONDS[(found.group(2) or "").lower()] if found is not None else math.nan
    if not math.isfinite(value):
        raise ValueError("expected seconds, or a number with s, m, h or d: for instance 900, 15m or 2h")
    return value


def read_amount(text: str) -> float:
    """A finite number: `5`, `0.5`, `1e-3`.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    try:
        value = float(text) if len(text) <= MOST_DIGITS else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("expected a number, for instance 5 or 0.5")
    return value
