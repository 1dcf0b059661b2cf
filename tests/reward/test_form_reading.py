"""How a FORM is read, and what is said of one that cannot be used."""

from __future__ import annotations

import pytest

from autoreward.python_text import parse_expression
from autoreward.records import Form
from autoreward.reward.form_reading import FormError, form_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"min"', Form(kind="min")),
        ('{"kind": "gate", "gates": ["upright"]}', Form(kind="gate", gates=("upright",))),
        ('{"kind": "sum", "clip": [-1, 1], "delta": ["a"]}', Form(clip=(-1.0, 1.0), delta=("a",))),
    ],
)
def test_a_form_is_read(written: str, expected: Form) -> None:
    form = form_of(parse_expression(written).body, {"a": 1.0, "upright": 1.0})
    assert form == expected
    assert Form(**form.data()) == form


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"gates"', "kind 'gates'"),
        ('{"kind": "gate"}', "no 'gates'"),
        ('{"kind": "gate", "gates": ["uprigt"]}', "'uprigt', which is no term"),
        ('{"kind": "product", "penalties": ["a", "upright"], "terminal": ["cost"]}', "no term that is paid"),
        ('{"kind": "gate", "gates": ["cost"]}', "the weight -1"),
        ('{"kind": "sum", "gates": ["a"]}', "the part 'gates'"),
        ('{"kind": "accumulated", "outcome": ["a"]}', "no 'threshold'"),
        ('{"kind": "sum", "clip": [1, -1]}', "clips to"),
        ('{"kind": "centred", "reference": "a"}', "not of its kind"),
        ("[1]", "neither a kind nor a dict"),
        ("a + b", "not written out"),
    ],
)
def test_what_is_no_form_is_said(written: str, said: str) -> None:
    with pytest.raises(FormError, match=said):
        form_of(parse_expression(written).body, {"a": 1.0, "upright": 1.0, "cost": -1.0})
