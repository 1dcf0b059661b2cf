"""`compose` varies forms: those that fit, which the contract accepts and which come back from their text."""

from __future__ import annotations

from random import Random

from autoreward.designer.compose.forms import fitting_forms, vary_form
from autoreward.designer.program import Program, Term, read_program
from autoreward.reward.form_reading import form_problems

UPRIGHT = Term("upright", 0.1, "jnp.exp(-jnp.square(next_state.torso_pitch))")
PROGRAM = Program(
    (Term("speed", 1.0, "next_state.torso_velocity[..., 0]"), UPRIGHT, Term("effort", -0.1, "action[..., 0]")), {}
)


def test_only_bounded_terms_become_gates_and_a_gate_has_the_exponent_1() -> None:
    gates = {name for form in fitting_forms(PROGRAM) for name in form.factors}
    assert gates == {"upright"}
    varied = [vary_form(PROGRAM, Random(seed)) for seed in range(40)]
    assert {one.form.kind for one in varied} == {"sum", "gate", "product", "centred"}
    for one in varied:
        weights = {term.name: term.weight for term in one.terms}
        assert weights["upright"] == (1.0 if one.form.factors else 0.1)
        assert not one.form.plain and not form_problems(one.form, weights)


def test_a_form_is_read_back_and_two_forms_are_two_programs() -> None:
    for seed in range(10):
        one = vary_form(PROGRAM, Random(seed))
        again = read_program(one.source())
        assert again is not None and again.form == one.form and again.key() == one.key()
        assert one.key() != PROGRAM.key()


def test_without_its_gate_a_program_is_a_sum_again() -> None:
    gated = next(one for seed in range(40) if (one := vary_form(PROGRAM, Random(seed))).form.kind == "gate")
    assert gated.without("upright").form.plain
    assert gated.without("effort").form == gated.form


def test_a_single_term_has_no_other_form() -> None:
    alone = PROGRAM.without("upright").without("effort")
    assert vary_form(alone, Random(0)) == alone
