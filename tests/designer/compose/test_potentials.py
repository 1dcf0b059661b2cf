"""What `compose` writes for `--shaping-only`: potentials and nothing else, all different, and the best varied."""

from __future__ import annotations

import ast

import pytest

from autoreward.designer.compose.compose import Compose
from autoreward.designer.compose.potentials import potential_programs
from autoreward.designer.prompts import render
from autoreward.records import Brief, CandidateSummary, EnvSpec, GenerationSummary
from tests.designer.compose.test_compose import brief
from tests.designer.env_specs import ENV_SPECS, RUNNER, TEXTS


def shaping(env: EnvSpec, text: str = "Run forward.", **changes: object) -> Brief:
    return brief(env, text).model_copy(update={"shaping_only": True, "candidates": 6, **changes})


def functions(source: str) -> list[str]:
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("env", ENV_SPECS.values(), ids=ENV_SPECS.keys())
@pytest.mark.parametrize("text", TEXTS)
def test_every_slot_has_a_potential_of_its_own(env: EnvSpec, text: str) -> None:
    sources = potential_programs(shaping(env, text), further=6)
    assert len(set(sources)) == 12
    for source in sources:
        assert functions(source) == ["potential"]
        assert "next_state" not in source
        assert "action" not in source.partition('"""\n\n')[2]


def test_running_forward_is_first_of_all_the_way_gone() -> None:
    # torso_position is within -2..2 m in random rollouts
    assert 'params["size_0"] * (state.torso_position[..., 0] / 2.0)' in potential_programs(shaping(RUNNER))[0]


def test_later_generations_vary_the_best_and_go_on_with_what_is_new() -> None:
    first = potential_programs(shaping(RUNNER))
    told = tuple(
        CandidateSummary(id=f"g00c0{slot}", source=source, status="trained", analysis="", success=float(slot))
        for slot, source in enumerate(first)
    )
    history = (GenerationSummary(index=0, candidates=told),)
    later = potential_programs(shaping(RUNNER, history=history, parent=told[5], generation=1))
    assert not set(first) & set(later)
    best = first[5].rpartition("def potential")[2]
    assert [best in source for source in later] == [True, False, True, False, True, False]


def test_the_designer_answers_with_it_and_with_another_after_a_refusal() -> None:
    prompt = render(shaping(RUNNER), "g00c00")
    assert "Write a potential for it." in prompt.messages[1].content
    assert "You write shaping potentials" in prompt.messages[0].content
    first = Compose().complete(prompt).text
    again = Compose().complete(prompt.model_copy(update={"id": "g00c00r1", "repair_of": "x"})).text
    assert first != again
    assert "def potential(state, params):" in again
