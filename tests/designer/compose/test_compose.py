"""The embedded designer: sensible first, different always, the same for the same seed, wired to no environment."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autoreward.designer
from autoreward.designer.compose.complements import costs_for, guides_for
from autoreward.designer.compose.compose import Compose, proposals
from autoreward.designer.compose.declared import ranked
from autoreward.designer.compose.words import read_aims
from autoreward.designer.parse import parse
from autoreward.designer.program import read_program
from autoreward.designer.prompts import render, render_repair
from autoreward.records import (
    Brief,
    Candidate,
    CandidateSummary,
    EnvSpec,
    FieldSpec,
    Finding,
    GenerationSummary,
    Note,
    TrainingFacts,
)  # fmt: skip
from tests.designer.env_specs import ARM, BALANCER, BARE, ENV_SPECS, ROTATED, RUNNER, TEXTS

CHECKOUT = Path(__file__).resolve().parents[3]
FORWARD = "Run forward as fast and as steadily as possible."
HAND_MADE = """WEIGHTS = {"mine": 1.0, "cheap": -0.1}


def reward_terms(state, action, next_state, params):
    value = next_state.torso_velocity[..., 0]
    return {"mine": value, "cheap": jnp.sum(jnp.square(action), axis=-1)}
"""


def brief(env: EnvSpec, text: str, **changes: object) -> Brief:
    given = {"text": text, "env": env, "generation": 0, "slot": 0, "candidates": 8, "seed": 0}
    return Brief.model_validate({**given, **changes})


def summary(name: str, source: str, success: float | None = 1.0, progress: float | None = 0.5) -> CandidateSummary:
    status = "trained" if success is not None else "refused"
    return CandidateSummary(id=name, source=source, status=status, analysis="", success=success, progress=progress)


def answer(asked: Brief, name: str = "g00c00") -> Candidate:
    return parse(Compose().complete(render(asked, name)), name, asked.generation)


def later(env: EnvSpec, text: str, generations: int, seed: int = 0, notes: tuple[Note, ...] = ()) -> list[str]:
    """The programs of the last of several generations, each judged by the length of its text."""
    history: list[GenerationSummary] = []
    sources: list[str] = []
    for index in range(generations):
        asked = brief(env, text, generation=index, seed=seed, history=tuple(history[-4:]), notes=notes)
        sources = [program.source() for program in proposals(asked)]
        told = [summary(f"g{index:02}c{slot:02}", one, float(len(one))) for slot, one in enumerate(sources)]
        history.append(GenerationSummary(index=index, candidates=tuple(told)))
    return sources


def test_running_pays_speed_first_with_a_small_cost() -> None:
    first, second, third, *others = proposals(brief(RUNNER, FORWARD))
    # random rollouts reach 3 m/s; effort costs 2 % of that at full action
    assert [(term.name, term.weight) for term in first.terms] == [
        ("speed_forward", 1.0),
        ("effort", pytest.approx(-0.06)),
    ]
    assert first.terms[0].expression == "next_state.torso_velocity[..., 0]"
    assert second.names()[0] == "upright_rising_speed_forward"
    beside = {"upright_torso_pitch", "wobble_torso_pitch_rate", "bobbing_torso_velocity", "effort"}
    assert set(second.names()[1:]) == beside
    assert second.params["burst_speed"] == 1.5  # half of 3 m/s
    assert second.params["gate_width"] == pytest.approx(1.2)  # three quarters of a right angle
    assert third.names()[0] == "speed_forward"
    assert set(third.names()[1:]) == beside
    assert ("speed_forward",) in [program.names() for program in others]


def test_forward_is_found_in_other_axes_and_under_other_names() -> None:
    first = proposals(brief(ROTATED, FORWARD))[0]
    assert first.terms[0].expression == "-next_state.hull_drift[..., 0]"
    back = proposals(brief(ROTATED, "Run backward."))[0]
    assert back.terms[0].expression == "next_state.hull_drift[..., 0]"


def test_balancing_pays_uprightness_and_being_alive() -> None:
    first = proposals(brief(BALANCER, "Keep the pole upright."))[0]
    assert first.names() == ("upright_pole_angle", "alive", "effort")
    assert first.params == {"pole_angle_width": 0.1}
    assert first.terms[2].weight == pytest.approx(-0.02 / 9)  # actions reach 3


def test_reaching_pays_nearness() -> None:
    first = proposals(brief(ARM, "Reach the goal with the hand."))[0]
    assert "next_state.hand_position - next_state.goal_position" in first.terms[0].expression


def test_a_stated_speed_is_held() -> None:
    first = proposals(brief(RUNNER, "Walk at 1.5 m/s."))[0]
    assert first.params["wanted_speed"] == 1.5


def test_no_alive_bonus_where_nothing_ends() -> None:
    assert all("alive" not in program.names() for program in proposals(brief(RUNNER, FORWARD, candidates=32)))


@pytest.mark.parametrize("env", ENV_SPECS.values(), ids=ENV_SPECS.keys())
@pytest.mark.parametrize("text", TEXTS)
def test_every_slot_is_a_new_valid_program(env: EnvSpec, text: str) -> None:
    for generations in (1, 3):
        sources = later(env, text, generations)
        assert len(set(sources)) == 8
        for source in sources:
            ast.parse(source)
            program = read_program(source)
            assert program is not None
            assert program.base == ""
            assert len(program.terms) >= 1


def test_sixty_four_slots_of_a_bare_environment_differ() -> None:
    keys = {program.key() for program in proposals(brief(BARE, "Qwertz", candidates=64))}
    assert len(keys) == 64


@given(seed=st.integers(0, 10**6), slot=st.integers(0, 7))
@settings(max_examples=20, deadline=None)
def test_the_same_brief_gives_the_same_program(seed: int, slot: int) -> None:
    asked = brief(RUNNER, FORWARD, seed=seed, slot=slot)
    assert answer(asked) == answer(asked)
    assert answer(asked).source == proposals(asked)[slot].source()


def test_programs_do_not_depend_on_the_process() -> None:
    code = (
        "from tests.designer.compose.test_compose import *\n"
        "import sys; sys.stdout.write(''.join(later(RUNNER, FORWARD, 3) + later(BALANCER, TEXTS[2], 3)))"
    )
    outputs = set()
    for hash_seed in ("0", "1"):
        environ = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=True
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_another_seed_draws_other_programs() -> None:
    drawn = [
        {program.key() for program in proposals(brief(RUNNER, FORWARD, seed=seed, candidates=24))} for seed in (0, 1)
    ]
    assert len(drawn[0] - drawn[1]) >= 8


def test_later_generations_go_on_from_the_best_and_name_their_parents() -> None:
    first = [program.source() for program in proposals(brief(RUNNER, FORWARD))]
    told = [summary(f"g00c{slot:02}", source, float(slot == 3)) for slot, source in enumerate(first)]
    history = (GenerationSummary(index=0, candidates=tuple(told)),)
    asked = brief(RUNNER, FORWARD, generation=1, history=history, parent=told[3])
    second = [answer(asked.model_copy(update={"slot": slot})) for slot in range(8)]
    assert second[0].parents == ("g00c03",)
    assert sum("g00c03" in candidate.parents for candidate in second) >= 6
    assert not {candidate.source for candidate in second} & set(first)


def test_progress_decides_where_success_is_equal() -> None:
    sources = [program.source() for program in proposals(brief(RUNNER, FORWARD))]
    told = tuple(summary(f"g00c{slot:02}", one, 0.0, float(slot)) for slot, one in enumerate(sources))
    asked = brief(RUNNER, FORWARD, generation=1, history=(GenerationSummary(index=0, candidates=told),))
    assert answer(asked).parents == ("g00c07",)


def test_a_persons_program_is_taken_up_from_the_start() -> None:
    parent = summary("g00c00", HAND_MADE, None, None)
    programs = proposals(brief(RUNNER, FORWARD, parent=parent))
    assert any("value = next_state.torso_velocity" in program.source() for program in programs)
    assert programs[0].names() == ("speed_forward", "effort")


def test_an_unreadable_history_is_no_obstacle() -> None:
    told = (summary("g00c00", "what is this"), summary("g00c01", "", None, None))
    asked = brief(RUNNER, FORWARD, generation=1, history=(GenerationSummary(index=0, candidates=told),))
    assert len({program.key() for program in proposals(asked)}) == 8


def test_refused_programs_are_not_proposed_again() -> None:
    refused = proposals(brief(RUNNER, FORWARD))[0]
    told = (summary("g00c00", refused.source(), None, None),)
    asked = brief(RUNNER, FORWARD, generation=0, history=(GenerationSummary(index=0, candidates=told),))
    assert refused.key() not in {program.key() for program in proposals(asked)}


def test_repair_drops_the_term_that_a_finding_names() -> None:
    prompt = render(brief(RUNNER, FORWARD, slot=1), "g00c01")
    candidate = parse(Compose().complete(prompt), "g00c01", 0)
    finding = Finding(rule="probe.constant", severity="error", message="g00c01: term 'effort' is constant", remedy="")
    repaired = parse(Compose().complete(render_repair(prompt, candidate.source, [finding])), "g00c01", 0, attempts=2)
    before, after = read_program(candidate.source), read_program(repaired.source)
    assert before is not None
    assert after is not None
    assert set(before.names()) - set(after.names()) == {"effort"}


def test_repair_finds_a_term_by_its_line() -> None:
    prompt = render(brief(RUNNER, FORWARD, slot=1), "g00c01")
    candidate = parse(Compose().complete(prompt), "g00c01", 0)
    line = 1 + next(i for i, text in enumerate(candidate.source.splitlines()) if '"effort": jnp' in text)
    finding = Finding(rule="static.member", severity="error", line=line, message="no such member", remedy="")
    repaired = Compose().complete(render_repair(prompt, candidate.source, [finding])).text
    assert '"effort": jnp' not in repaired


def test_repair_without_a_culprit_draws_again_each_time() -> None:
    finding = Finding(rule="probe.failed", severity="error", message="it failed")
    prompt = render(brief(RUNNER, FORWARD), "g00c00")
    candidate = parse(Compose().complete(prompt), "g00c00", 0)
    sources = [candidate.source]
    for _ in range(2):
        prompt = render_repair(prompt, candidate.source, [finding])
        candidate = parse(Compose().complete(prompt), "g00c00", 0)
        sources.append(candidate.source)
    assert len(set(sources)) == 3
    assert not set(sources[1:]) & {program.source() for program in proposals(brief(RUNNER, FORWARD))}


@pytest.mark.parametrize(
    ("note", "term", "share"),
    [("smoother, please", "wobble_torso_pitch_rate", 0.05 / 64), ("it wastes energy", "effort", 0.02)],
)
def test_notes_raise_what_serves_them(note: str, term: str, share: float) -> None:
    for program in proposals(brief(RUNNER, FORWARD, notes=(Note(id=1, text=note),))):
        weights = {one.name: one.weight for one in program.terms}
        assert weights[term] <= -1.5 * share * 3.0 * 0.999
        assert "Heard in the notes" in program.source()


def test_a_note_said_again_does_not_pile_up() -> None:
    notes = (Note(id=1, text="it falls"), Note(id=2, text="it falls!"))
    for source in later(RUNNER, FORWARD, 4, notes=notes):
        program = read_program(source)
        assert program is not None
        weights = {one.name: one.weight for one in program.terms}
        assert weights["upright_torso_pitch"] <= 3.0  # heeded, the usual 0.15 doubles; more is mutation


def test_it_says_that_it_is_no_llm_and_costs_nothing() -> None:
    completion = Compose().complete(render(brief(RUNNER, FORWARD), "g00c00"))
    assert "not a language model" in completion.text
    assert "Composed without an LLM" in completion.text
    assert (Compose.is_llm, completion.usage.calls, completion.usage.cost) == (False, 0, 0.0)


def test_no_environment_or_task_is_named_in_the_code() -> None:
    folder = Path(autoreward.designer.__path__[0])
    text = "\n".join(file.read_text() for file in folder.glob("*.py")).lower()
    envs = folder.parent.parent / "envs"
    names = {entry.name for entry in envs.glob("*") if entry.is_dir()} if envs.is_dir() else set()
    words = {"cheetah", "pendulum", "hopper", "humanoid", "ant", "swimmer", "walker", "reacher", "pusher", "cartpole"}
    for word in names | words:
        assert not re.search(rf"\b{word}\b", text), word


def test_contacts_that_no_policy_sees_are_used_where_the_text_asks_for_hops() -> None:
    feet = FieldSpec(name="foot_contact", shape=(2,), unit="1", observable=False, meaning="1 where a foot touches")
    counter = feet.model_copy(update={"name": "step_contact", "inferable": False})
    robot = RUNNER.model_copy(update={"fields": (counter, feet, *RUNNER.fields)})
    offered = [one.term.expression for one in guides_for(robot, read_aims("Hop forward.", robot.directions), 1.0)]
    assert "1.0 - jnp.mean(next_state.foot_contact, axis=-1)" in offered
    assert not any("step_contact" in one for one in offered)
    assert not any(
        "foot_contact" in one.term.expression for one in guides_for(robot, read_aims("Run.", robot.directions), 1.0)
    )


def test_a_quantity_is_used_though_the_policy_does_not_see_it_and_one_it_cannot_infer_is_not() -> None:
    hidden = [one.model_copy(update={"observable": False}) for one in RUNNER.fields]
    robot = RUNNER.model_copy(update={"fields": tuple(hidden)})
    assert ranked(robot, read_aims("Run forward.", robot.directions), "m/s", ((3,),))[0].name == "torso_velocity"
    beyond = RUNNER.model_copy(update={"fields": tuple(one.model_copy(update={"inferable": False}) for one in hidden)})
    assert ranked(beyond, read_aims("Run forward.", beyond.directions), "m/s", ((3,),)) == []


FOLLOWER = RUNNER.model_copy(
    update={
        "fields": (
            *RUNNER.fields,
            FieldSpec(name="command", shape=(3,), unit="mixed", meaning="commanded speeds"),
            FieldSpec(name="command_error", shape=(3,), unit="mixed", meaning="actual minus commanded", low=-2, high=2),
            FieldSpec(name="velocity_error", unit="m/s", meaning="size of command_error", low=0, high=2),
        )
    }
)


def test_a_commanded_robot_is_paid_for_following() -> None:
    text = "Move as commanded: keep the velocity error small, forward, to the left and in turning."
    programs = [one.source() for one in proposals(brief(FOLLOWER, text))]
    assert sum("velocity_error" in one or "command_error" in one for one in programs) >= 6


def test_effort_is_the_distance_from_home_where_actions_are_angles() -> None:
    offset = FieldSpec(name="joint_offset", shape=(2,), unit="rad", frame="joint", meaning="from home", low=-1, high=1)
    servos = RUNNER.model_copy(
        update={"fields": (*RUNNER.fields, offset), "action_meaning": "control of each actuator: hip (position servo)"}
    )
    efforts = [
        one for one in costs_for(servos, read_aims(FORWARD, servos.directions), 1.0) if one.term.name == "effort"
    ]
    assert [one.term.expression for one in efforts] == ["jnp.mean(jnp.square(next_state.joint_offset), axis=-1)"]


def test_what_no_field_tells_is_said() -> None:
    reply = Compose().complete(render(brief(RUNNER, "Run forward and juggle three apples quickly."), "g00c00"))
    assert "It knows no field or aim for: juggle, three, apples." in reply.text
    plain = Compose().complete(render(brief(RUNNER, "Run forward."), "g00c00"))
    assert "It knows no field" not in plain.text


def test_where_parents_are_shown_it_goes_on_from_them() -> None:
    plain, other = (program.source() for program in proposals(brief(RUNNER, FORWARD))[:2])
    parents = summary("g00c00", plain, 1.0), summary("g00c01", other, 9.0)
    asked = {"generation": 1, "shown_as": "parents", "parent": parents[0]}
    mutated = [program.origin for program in proposals(brief(RUNNER, FORWARD, **asked, leaders=parents[:1]))]
    assert mutated[:5] == [("g00c00",)] * 5 and set(mutated) <= {
        ("g00c00",),
        (),
    }  # drawn where a way leads to nothing new
    crossed = [set(program.origin) for program in proposals(brief(RUNNER, FORWARD, **asked, leaders=parents))]
    assert crossed[:5] == [{"g00c00", "g00c01"}] * 5


def test_without_sight_of_the_others_every_generation_draws_anew() -> None:
    drawn = [program.key() for index in range(4) for program in proposals(brief(RUNNER, FORWARD, generation=index))]
    assert len(set(drawn)) == len(drawn)


def test_every_program_has_the_terms_that_are_ranked_under_the_names_that_a_person_gave() -> None:
    training = TrainingFacts(
        n_timesteps=1, num_envs=1, seeds=1, evaluation_episodes=1, norm_reward=True, unit="m",
        combine="ranked", rank="forward > effort", ranked=("forward", "effort"),
    )  # fmt: skip
    asked = brief(RUNNER, FORWARD, training=training)
    later = brief(
        RUNNER, FORWARD, training=training, generation=1, leaders=(summary("g00c00", proposals(asked)[0].source()),)
    )
    for program in (*proposals(asked), *proposals(later)):
        assert {"forward", "effort"} <= set(program.names())
        assert "speed_forward" not in program.names()
    plain = proposals(brief(RUNNER, FORWARD))
    assert any("speed_forward" in program.names() for program in plain)
    assert not any("forward" in program.names() for program in plain)
