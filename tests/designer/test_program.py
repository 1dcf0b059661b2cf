"""Programs go to text and back; those of others keep their text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.designer.program import Program, Term, grouped, read_program, short, term_at, weights_line
from autoreward.number_format import float_literal
from autoreward.reward.language.grammar import NAME_LIMIT

OWN = Program(
    (Term("fast", 1.0, "next_state.v[..., 0]"), Term("near", -0.25, 'jnp.exp(-next_state.d / params["width"])')),
    {"width": 0.3},
    potential="-jnp.abs(state.d)",
    origin=("g00c01", "g00c02"),
    heard="Heard in the notes: steady.",
)
FOREIGN = '''"""By hand."""

WEIGHTS = {
    "fast": 1.0,
    "cheap": -0.1,  # little
}
PARAMS = {"width": 2}


def reward_terms(state, action, next_state, params):
    speed = next_state.v[..., 0]
    return {"fast": speed, "cheap": jnp.sum(jnp.square(action), axis=-1)}
'''


def test_an_own_program_is_read_back_whole() -> None:
    read = read_program(OWN.source(), "g01c00")
    assert read is not None
    assert (read.terms, read.params, read.potential, read.base) == (OWN.terms, OWN.params, OWN.potential, "")
    assert read.origin == ("g01c00",)
    assert "Composed without an LLM" in OWN.source()
    assert "From g00c01 and g00c02." in OWN.source()


def test_a_foreign_program_keeps_its_text_and_takes_numbers() -> None:
    read = read_program(FOREIGN, "g00c00")
    assert read is not None
    changed = replace(read, terms=(replace(read.terms[0], weight=3.0), read.terms[1]), params={"width": 0.5})
    source = changed.source()
    assert source.startswith("# Numbers changed without an LLM. From g00c00.\n")
    assert 'WEIGHTS = {"fast": 3.0, "cheap": -0.1}' in source
    assert 'PARAMS = {"width": 0.5}' in source
    assert "speed = next_state.v[..., 0]" in source
    again = read_program(source, "g01c00")
    assert again is not None
    assert again.source().count("# Numbers changed") == 1
    assert again.source().startswith("# Numbers changed without an LLM. From g01c00.\n")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "not python (",
        "x = 1",
        "WEIGHTS = 3",
        "WEIGHTS = {'a': 'b'}",
        "WEIGHTS = f()",
        "\0",
        "WEIGHTS = {'a': 1 if x else 2}",
        f"WEIGHTS = {{'a': 1{'0' * 400}}}",
        "(" * 5000,
    ],
)
def test_what_cannot_be_read_is_none(source: str) -> None:
    assert read_program(source) is None
    assert weights_line(source) == ""


@given(st.text(max_size=200))
def test_no_text_raises(source: str) -> None:
    read_program(source)
    term_at(source, 1)


def test_keys_tell_what_pays_the_same() -> None:
    double = replace(OWN, terms=tuple(replace(term, weight=2 * term.weight) for term in OWN.terms))
    assert double.key() != OWN.key()
    assert double.key(scaled=True) == OWN.key(scaled=True)
    assert replace(OWN, origin=("g09c09",), heard="").key() == OWN.key()
    assert replace(OWN, params={"width": 0.4}).key(scaled=True) != OWN.key(scaled=True)


def test_dropped_terms_take_their_parameters_along() -> None:
    assert OWN.without("near").params == {}
    assert OWN.without("fast").params == {"width": 0.3}


def test_the_term_on_a_line() -> None:
    lines = OWN.source().splitlines()
    at = 1 + next(index for index, line in enumerate(lines) if '"near": jnp' in line)
    assert term_at(OWN.source(), at) == "near"
    assert term_at(OWN.source(), 1) is None


def test_small_parts() -> None:
    assert [float_literal(value) for value in (1.0, -0.0123456, 1234.5)] == ["1.0", "-0.0123", "1230.0"]
    assert grouped("state.v[..., 0]") == "state.v[..., 0]"
    assert grouped("-state.v") == "(-state.v)"
    assert grouped("jnp.exp(-(a + b))") == "jnp.exp(-(a + b))"
    assert grouped("jnp.exp(a) + jnp.exp(b)") == "(jnp.exp(a) + jnp.exp(b))"
    assert short("x" * NAME_LIMIT) == "x" * NAME_LIMIT
    long = {short("x" * 60 + end) for end in ("a", "b")}
    assert len(long) == 2
    assert {len(name) for name in long} == {NAME_LIMIT}
