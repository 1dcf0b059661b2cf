"""Errors of a program become remedies."""

from __future__ import annotations

import pytest

from autoreward.critic.translate import TRANSLATIONS, translate
from autoreward.reward.sandbox.replies import Failure

ROWS = ("RowsError", "the number of rows of the batch is used as a number")
TRUTH = ("TruthError", "an array has no truth of its own")


@pytest.mark.parametrize(
    ("failure", "line", "rule", "remedy"),
    [
        (TRUTH, "x = max(0.0, speed)", "trace.builtin", "jnp.maximum"),
        (TRUTH, "x = sorted(speed)", "trace.builtin", "jnp.sort"),
        (TRUTH, "x = jnp.where(0 < speed < 1, a, b)", "trace.bool", "(low < x) & (x < high)"),
        (ROWS, "for x in speed:", "trace.loop", "x[..., i]"),
        (TRUTH, "if speed > 0:", "trace.bool", "jnp.where"),
        (TRUTH, "x = a > 0 and b > 0", "trace.bool", "jnp.logical_and"),
        (ROWS, "x = y.shape[0] / 3", "program.batch_size", "a size in a shape only"),
        (TRUTH, "if params['p'] > 1:", "trace.bool", "jnp.where"),
        (("PlainNumberError", "..."), "x = float(speed)", "trace.number", "Keep it an array"),
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
