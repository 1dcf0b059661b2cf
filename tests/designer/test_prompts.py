"""Prompts say all that a designer may know, and nothing else."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from autoreward.designer import prompts
from autoreward.designer.prompts import (
    TOLD_FUNCTIONS,
    render,
    render_again,
    render_repair,
    render_round,
    templates_digest,
)
from autoreward.records import (
    Brief,
    CandidateSummary,
    Finding,
    GenerationSummary,
    IdlePay,
    Note,
    ReachedRange,
    TrainingFacts,
)
from autoreward.reward.language.grammar import JNP_MEMBERS
from autoreward.templates import prompts_directory
from tests.designer.env_specs import BALANCER, ENV_SPECS, RUNNER

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "replies"
PROGRAM = (
    '"""Mine."""\n\nWEIGHTS = {"fast": 1.0}\n\n\ndef reward_terms(state, action, next_state, params):\n    return {}\n'
)


def brief(**changes: object) -> Brief:
    given = {"text": "Run forward.", "env": RUNNER, "generation": 0, "slot": 0, "candidates": 8, "seed": 0}
    return Brief.model_validate({**given, **changes})


def history(count: int) -> tuple[GenerationSummary, ...]:
    def one(index: int) -> GenerationSummary:
        best = CandidateSummary(
            id=f"g{index:02}c00", source=PROGRAM, status="trained", analysis=f"analysis {index}", success=0.5, best=True
        )
        failed = CandidateSummary(id=f"g{index:02}c01", source="?", status="refused", analysis=f"finding {index}")
        return GenerationSummary(index=index, candidates=(best, failed))

    return tuple(one(index) for index in range(count))


@pytest.mark.parametrize("env", ENV_SPECS.values(), ids=ENV_SPECS.keys())
def test_the_system_prompt_shows_contract_and_every_field(env: object) -> None:
    system, user = render(brief(env=env), "g00c00").messages
    assert (system.role, user.role) == ("system", "user")
    for field in brief(env=env).env.fields:
        assert f"| {field.name}" in system.content
    for member in ("arctan2", "where", "logaddexp"):
        assert member in JNP_MEMBERS
        assert f" {member} " in system.content
    assert "def reward_terms(state, action, next_state, params):" in system.content


def test_a_line_of_the_field_table() -> None:
    system = render(brief(env=BALANCER), "g00c00").messages[0].content
    assert "| pole_angle | scalar | rad | world | -0.2 to 0.2 | lean of the pole |" in system
    assert "| terminated (next_state only) | scalar |" in system
    assert "| time ** | scalar | s | - | 0 to 40 | time since reset |" in system
    assert "| last_action * | [2] | 1 | - | -1 to 1 | the action before |" in system
    assert "* is not in the policy's observation: fine in a reward" in system  # what the marks mean is said once
    assert system.count("of little use in a reward") == 1
    spread = BALANCER.fields[0].model_copy(
        update={"shape": (2,), "components": ("x", "z"), "quantiles": ((-1.0, 0.25, 2.0), (0.0, 0.0, 0.0))}
    )
    spec = BALANCER.model_copy(update={"fields": (spread, *BALANCER.fields[1:])})
    system = render(brief(env=spec), "g00c00").messages[0].content
    assert "| x -1 0.25 2; z | " in system  # z is always 0
    assert 'Directions in the world frame: "up" (0, 0, 1).' in system


def test_what_is_the_same_for_all_actions_is_told_once() -> None:
    assert "torques. Each from -1.0 to 1.0." in render(brief(), "g00c00").messages[0].content
    uneven = BALANCER.model_copy(update={"action_low": (-1.0, -2.0)})
    told = render(brief(env=uneven), "g00c00").messages[0].content
    assert "Least -1.0, -2.0; greatest" in told


def test_the_functions_that_are_told_exist() -> None:
    told = TOLD_FUNCTIONS.split()
    assert set(told) <= JNP_MEMBERS and len(told) == len(set(told))
    written = "".join(file.read_text() for file in RECORDED.glob("rewards/*/*.md")) if RECORDED.is_dir() else ""
    used = set(re.findall(r"\bjnp\.([a-z]\w*)", written)) - {"linalg"}
    assert used - set(told) <= {"expand_dims"}


def test_a_leader_is_told_with_what_it_pays_for_nothing_and_how_far_it_came() -> None:
    best = (
        history(1)[0]
        .candidates[0]
        .model_copy(update={"analysis": "TABLES", "idle": IdlePay(slack=0.5, random=1.234), "best_second": 80.6})
    )
    far = ReachedRange(entry="torso_velocity.x", unit="m/s", quantiles=(0.1, 4.0, 6.123))
    asked = brief(generation=1, history=history(1), parent=best, leaders=(best,), reached=(far,))
    text = render(asked, "g01c00").messages[1].content
    assert (
        "In a second it pays 0.5 with slack motors and 1.2 under random actions; its best second so far paid 81."
        in text
    )
    assert "beyond random motion (5, 50, 95 % of their evaluation episodes): torso_velocity.x 0.1 4 6.1 m/s." in text
    assert "Reached by" not in render(brief(generation=1, history=history(1)), "g01c00").messages[1].content


def test_the_first_prompt_has_the_task_and_an_angle_of_its_own_per_slot() -> None:
    texts = [render(brief(slot=slot), f"g00c{slot:02}").messages[1].content for slot in range(8)]
    assert all(text.startswith("Task: Run forward.\n") for text in texts)
    assert len(set(texts)) == 8
    assert "proposal 3 of 8" in texts[2]
    assert "proposal" not in render(brief(candidates=1), "g00c00").messages[1].content


def test_a_later_prompt_has_history_parent_analysis_and_notes() -> None:
    told = history(4)
    best = told[0].candidates[0]
    asked = brief(
        generation=4,
        history=told,
        leaders=(best,),
        parent=best,
        notes=(Note(id=1, text="it limps", candidate="g03c00"),),
    )
    text = render(asked, "g04c00").messages[1].content
    for expected in ("## Generation 0", "## Generation 3", "g03c01: refused", "weights: fast 1.0"):
        assert expected in text
    assert f"```python\n{PROGRAM}```" in text  # the parent's source, blank lines and all
    assert "analysis 0" in text  # of the parent
    assert "finding 3" in text  # of the last generation
    assert "g02c01" not in text  # of older ones only the best
    assert "about g03c00: it limps" in text
    assert "\n\n\n" not in text.replace(PROGRAM, "")


def test_a_note_at_a_moment_is_told_with_what_the_terms_paid_then_and_preferences_follow() -> None:
    note = Note(id=1, text="it falls", candidate="g00c01", step=48, seconds=2.4, income=(("fast", 1.25), ("up", -0.5)))
    early = Note(id=2, text="and here", candidate="g00c01", step=3)
    said = ("g00c01 is preferred to g00c02: smoother",)
    text = render(brief(generation=1, history=history(1), notes=(note, early), preferences=said), "g01c00").messages[1]
    assert "- about g00c01 at 2.40 s: it falls\n  (its terms paid in that second: fast 1.25, up -0.5)\n" in text.content
    assert "- about g00c01 at step 3: and here\n" in text.content
    assert "\n- g00c01 is preferred to g00c02: smoother\n" in text.content
    assert "People compared" not in render(brief(), "g00c00").messages[1].content


def summary(name: str, **changes: object) -> CandidateSummary:
    given = {"id": name, "source": PROGRAM.replace("Mine", name), "status": "trained", "analysis": "", "success": 1.0}
    return CandidateSummary.model_validate({**given, **changes})


FACTS = TrainingFacts(
    n_timesteps=300_000, num_envs=16, seeds=3, evaluation_episodes=10, norm_reward=True, unit="m", reference=14.0
)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"combine": "episodic"}, "a function of your terms is fitted to what whole episodes come to"),
        (
            {"combine": "ranked", "rank": "forward 0.5 > -effort", "ranked": ("forward", "effort")},
            "forward 0.5 > -effort. So every program has terms of exactly these names: forward, effort.",
        ),
        ({"combine": "aligned"}, "All weights start at 0"),
        ({"adapt": True}, "each weight moves within a factor of 4"),
        ({"require": ("torso_pitch <= 0.3 in 95 %",)}, "every policy has to keep to this: torso_pitch <= 0.3 in 95 %."),
    ],
)
def test_the_designer_is_told_how_weights_come_about_and_what_is_required(how: dict[str, object], said: str) -> None:
    told = render(brief(training=FACTS.model_copy(update=how)), "g00c00").messages[0].content
    assert said in told
    assert said not in render(brief(training=FACTS), "g00c00").messages[0].content


def test_a_plan_comes_back_beside_what_happened() -> None:
    told = summary(
        "g01c01", success=40.0, parent="g00c00", parent_success=12.0, plan="Lift the foot. Expected: 30 m",
        gist="Lifts. Main term lift (90% of the income): x", symptoms=("plateau: it stands.",), within_noise=True,
        by_seed=(39.0, 41.0), progress=0.5,
    )  # fmt: skip
    past = (GenerationSummary(index=1, candidates=(told,)),)
    best = summary("g00c00", analysis="tables of the best")
    asked = brief(generation=2, history=past, leaders=(best, summary("g00c01")), parent=best, training=FACTS)
    text = render(asked, "g02c00").messages[1].content
    assert (
        "- g01c01: trained, success 40 m (seeds 39, 41), progress 0.5; within noise of the best; weights: fast 1.0\n"
        "  Lifts. Main term lift (90% of the income): x.\n"
        "  Its plan: Lift the foot. Expected: 30 m. Happened: success 12 m (g00c00) -> 40 m.\n"
        "  Symptoms: plateau: it stands.\n"
    ) in text
    assert "## The best so far: g00c00, success 1 m" in text and "tables of the best" in text
    assert "## The runner-up: g00c01" in text and '"""g00c01."""' in text


def test_slots_share_all_but_the_end_of_their_question() -> None:
    best, second = summary("g00c00"), summary("g00c01")
    past = (GenerationSummary(index=0, candidates=(best, second)),)
    shared = {"generation": 1, "history": past, "leaders": (best, second), "candidates": 4}
    starts = (best, best, second, None)
    asked = [render(brief(slot=slot, parent=one, **shared), f"g01c0{slot}") for slot, one in enumerate(starts)]
    assert len({prompt.messages[0] for prompt in asked}) == 1
    heads, ends = zip(*(prompt.messages[1].content.split("\n# Your reward program\n") for prompt in asked), strict=True)
    assert len(set(heads)) == 1
    assert "Start from g00c00, the best so far" in ends[0] and "Start from g00c01" in ends[2]
    assert "Start afresh" in ends[3]
    question = render_round(asked)
    assert question.count("Start afresh") == 1 and "- g01c03: Start afresh" in question


@pytest.mark.parametrize("afresh", [False, True])
def test_angles_rotate_over_generations(afresh: bool) -> None:
    best = summary("g00c00")
    past = (GenerationSummary(index=0, candidates=(best,)),)
    parent = None if afresh else best
    texts = [
        render(brief(generation=g, slot=0, history=past, leaders=(best,), parent=parent), "x").messages[1].content
        for g in range(1, 9)
    ]
    ideas = [text.rsplit("Yours: ", 1)[1] for text in texts]
    assert len(set(ideas)) == 8
    assert not afresh or "Keep it as simple" in "".join(ideas)
    assert afresh or "simple as it can be" not in "".join(ideas)


def test_the_system_prompt_says_how_it_is_trained_and_measured() -> None:
    system = render(brief(training=FACTS), "g00c00").messages[0].content
    for words in ("3 policies", "300000 environment steps", "16 environments", "clipped at +-10", "in 10 episodes",
                  "`success`, in m, higher is better; 14 m is a good value"):  # fmt: skip
        assert words in system
    raw = render(brief(training=FACTS.model_copy(update={"norm_reward": False})), "g00c00").messages[0].content
    assert "clipped at" not in raw


def test_a_persons_program_without_history_is_shown_as_the_start() -> None:
    parent = CandidateSummary(id="g00c00", source=PROGRAM, status="seed", analysis="")
    text = render(brief(parent=parent), "g00c01").messages[1].content
    assert "Earlier generations" not in text
    assert PROGRAM in text


def test_repairs_count_up_and_hold_the_last_attempt_only() -> None:
    prompt = render(brief(), "g00c05")
    finding = Finding(rule="static.name", severity="error", line=7, message="There is no speed.", remedy="Use v.")
    first = render_repair(prompt, PROGRAM, [finding])
    second = render_repair(first, "", [])
    assert (first.id, second.id) == ("g00c05r1", "g00c05r2")
    assert [message.role for message in first.messages] == ["system", "user", "assistant", "user"]
    assert first.messages[:2] == second.messages[:2] == prompt.messages
    assert first.messages[2].content == f"```python\n{PROGRAM}```"
    assert "line 7: There is no speed. Use v. [static.name]" in first.messages[3].content
    assert (first.repair_of, first.findings) == (PROGRAM, (finding,))
    assert "No program was found" in second.messages[3].content


def finding(message: str, severity: str = "error") -> Finding:
    return Finding.model_validate({"rule": "static.name", "severity": severity, "message": message})


def test_the_second_repair_says_what_the_first_did_not_mend() -> None:
    first = render_repair(render(brief(), "g00c05"), PROGRAM, [finding("no speed"), finding("no height")])
    second = render_repair(first, PROGRAM, [finding("no mass"), finding("no speed")])
    assert "did not mend" not in first.messages[3].content
    text = second.messages[3].content
    unmended, new = text.index("did not mend them:"), text.index("These are new:")
    assert unmended < text.index("no speed") < new < text.index("no mass")
    assert "no height" not in text


def test_findings_in_a_repair_are_few_short_lines_without_control_characters() -> None:
    many = [finding("careful", "warning"), finding("a\x1b[31m\nb\x00" + "c" * 10_000)]
    many += [finding(f"number {number}") for number in range(40)]
    prompt = render_repair(render(brief(), "g00c05"), f"{PROGRAM}# \x1b[2J\x07", many)
    text = prompt.messages[3].content
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert (len(lines), len(prompt.findings)) == (13, 12)
    assert "and 30 more" in lines[-1]
    assert lines[0].startswith("- a bccc") and len(lines[0]) < 700
    assert not set(prompt.messages[2].content + text) & set("\x1b\x00\x07")


def test_a_reply_that_was_cut_off_is_asked_for_once_more_shorter_and_with_more_room() -> None:
    prompt = render(brief(), "g00c05")
    again = render_again(prompt, "cut")
    assert again is not None
    assert (again.id, again.room, again.messages[:2]) == ("g00c05+", 2, prompt.messages)
    assert "shorter" in again.messages[2].content


def test_a_prompt_that_is_too_long_loses_its_older_history_once() -> None:
    asked = render(brief(generation=4, history=history(3)), "g04c05")
    again = render_again(asked, "too_long")
    assert again is not None
    assert "## Generation 1" not in again.messages[1].content
    assert "## Generation 2" in again.messages[1].content
    assert len(again.messages[1].content) < len(asked.messages[1].content)
    assert render_again(render(brief(), "g00c05"), "too_long") is None
    assert render_again(asked, "refused") is None


def test_the_digest_is_of_names_and_texts() -> None:
    digest = hashlib.sha256()
    for file in sorted(prompts_directory().glob("*.j2")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    assert templates_digest() == digest.hexdigest() == render(brief(), "g00c00").templates


def test_no_prompt_text_stands_in_the_code() -> None:
    names = {file.name for file in prompts_directory().glob("*.j2")}
    assert {"system.j2", "initial.j2", "revise.j2", "repair.j2"} <= names
    assert "Task:" not in str(prompts.__doc__)


def test_parents_are_said_to_be_parents() -> None:
    one, other = history(2)[0].candidates[0], history(2)[1].candidates[0]
    mutated = render(brief(generation=2, parent=one, leaders=(one,), shown_as="parents"), "g02c00").messages[1].content
    assert "## A parent: g00c00" in mutated and "Start from g00c00: keep what works" in mutated
    assert "best so far" not in mutated and "What was tried" not in mutated
    crossed = brief(generation=2, parent=other, leaders=(other, one), shown_as="parents")
    asked = render(crossed, "g02c00").messages[1].content
    assert "## The other parent: g00c00" in asked and "Cross g01c00 with g00c00" in asked


def test_a_parent_of_another_behaviour_is_said_to_be_one() -> None:
    best, other = history(2)[0].candidates[0], history(2)[1].candidates[0]
    asked = brief(generation=2, parent=other, leaders=(best, other), shown_as="behaviours", history=history(2))
    said = render(asked, "g02c00").messages[1].content
    assert "## The best that behaves otherwise: g01c00" in said
    assert "Start from g01c00, whose policies behave otherwise" in said
