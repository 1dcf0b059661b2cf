"""What is looked at again and again, and what a button spends."""

from __future__ import annotations

from autoreward.ledger import Run
from autoreward.pages.state import one_generation, read_state


def test_what_a_button_spends_is_known_before(run: Run) -> None:
    design = run.settings.design
    spends = one_generation(run)
    assert spends.calls == (0, 0) and spends.cost == 0.0 and not spends.running
    assert spends.steps == design.n_timesteps * (design.candidates * design.seeds + design.final_seeds)
    assert read_state(run).status == "done", "what people say afterwards changes no status"
