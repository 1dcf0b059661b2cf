"""Errors of jax become remedies."""

from __future__ import annotations

import pytest

from autoreward.critic.translate import TRANSLATIONS, translate
from autoreward.reward.sandbox.replies import Failure

INCONCLUSIVE = ("InconclusiveDimensionOperation", "Symbolic dimension comparison 'b' > '1' is inconclusive.")


@pytest.mark.parametrize(
    ("failure", "line", "rule", "remedy"),
    [
        (INCONCLUSIVE, "x = max(0.0, speed)", "trace.builtin", "jnp.maximum"),
        (INCONCLUSIVE, "x = sorted(speed)", "trace.builtin", "jnp.sort"),
        (INCONCLUSIVE, "x = jnp.where(0 < speed < 1, a, b)", "trace.bool", "(low < x) & (x < high)"),
        (INCONCLUSIVE, "for x in speed:", "trace.loop", "x[..., i]"),
        (INCONCLUSIVE, "if speed > 0:", "trace.bool", "jnp.where"),
        (INCONCLUSIVE, "x = a > 0 and b > 0", "trace.bool", "jnp.logical_and"),
        (INCONCLUSIVE, "x = y.reshape(3)", "trace.rows", "one transition"),
        (("TracerBoolConversionError", "..."), "if params['p'] > 1:", "trace.bool", "jnp.where"),
        (("TypeError", "Only scalar arrays can be converted"), "x = float(speed)", "trace.number", "Keep it an array"),
        (("KeyError", "'x'"), "x = params['x']", "trace.key", "PARAMS"),
        (("RecursionError", "maximum recursion depth"), "f()", "trace.recursion", "loop"),
        (("Surprise", "something new"), "x = 1", "trace.error", "autoreward guide"),
    ],
)
def test_translation(failure: tuple[str, str], line: str, rule: str, remedy: str) -> None:
    finding = translate(Failure("raised", *failure, line=2), f"first\n    {line}\n")
    assert (finding.rule, finding.severity, finding.line) == (rule, "error", 2)
    assert remedy in finding.remedy
    assert line in finding.message


@pytest.mark.parametrize("kind", ["deadline", "crash", "reply"])
def test_ends_of_a_child(kind: str) -> None:
    finding = translate(Failure(kind, kind, "what was seen"), "")  # type: ignore[arg-type]
    assert finding.rule == f"run.{kind}"
    assert "what was seen" in finding.message


def test_every_translation_has_a_cure() -> None:
    assert all(entry.remedy.endswith(".") for entry in TRANSLATIONS)
