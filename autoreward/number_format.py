"""Numbers as a reader wants them: three digits, no more; the same in tables, analyses, messages and programs."""

from __future__ import annotations

from autoreward.records import Fitness

ABSENT = "-"
NOTHING = 1e-9  # what is smaller in a table is 0


def number(value: float | None) -> str:
    """Three significant digits; whole numbers from 1000 on; "-" for None."""
    if value is None:
        return ABSENT
    if 999.5 <= abs(value) < 1e9:  # what would be written 1e+03
        return f"{value:.0f}"
    return f"{value + 0.0:.3g}"  # + 0.0: never "-0"


def short(value: float | None) -> str:
    """Two significant digits, whole numbers from 100 on: what rounding alone left over is 0; "-" for None."""
    if value is None:
        return ABSENT
    if abs(value) < NOTHING:
        return "0"
    return number(round(value)) if abs(value) >= 99.5 else f"{value:.2g}"


def with_unit(value: float | None, unit: str) -> str:
    """A number and its unit: "12.3 m"; the number alone where it has none."""
    return number(value) if value is None or unit == "1" else f"{number(value)} {unit}"


def with_interval(fitness: Fitness | None) -> str:
    """A mean with its 95 % interval over seeds: "1.2 [0.9, 1.5]"."""
    if fitness is None:
        return ABSENT
    if fitness.low is None or fitness.high is None:
        return number(fitness.mean)
    return f"{number(fitness.mean)} [{number(fitness.low)}, {number(fitness.high)}]"


def float_literal(value: float, digits: int = 3) -> str:
    """A number as a program shows it, always a float: "0.5", "-3.0"."""
    return repr(float(f"{value + 0.0:.{digits}g}"))
