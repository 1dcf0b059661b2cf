"""Verdicts as a whole: order, ids, failures, and all findings at once."""

from __future__ import annotations

from autoreward.critic import check, check_static
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.reward.robot import FORWARD, ROBOT, transitions

HEAD = "WEIGHTS = {'a': 1.0}\ndef reward_terms(state, action, next_state, params):\n"
CRASH = HEAD + "    b = [1.0] * 50000000\n    return {'a': sum([sum(b) for c in [0] * 900]) * action[:, 0]}"


def test_one_verdict_a_file_under_its_own_name_and_in_order(sandbox: Sandbox) -> None:
    files = [("b", FORWARD), ("a", "nonsense ="), ("c", FORWARD.replace("torso_velocity", "torso_velocty"))]
    verdicts = check(files, ROBOT, transitions(), sandbox)
    assert [(one.candidate, one.status) for one in verdicts] == [("b", "accepted"), ("a", "refused"), ("c", "refused")]
    assert {one.tier for one in verdicts} == {sandbox.tier}
    assert verdicts[2].findings[0].remedy.startswith("Fields: torso_velocity")


def test_no_files_no_verdicts(sandbox: Sandbox) -> None:
    assert check([], ROBOT, transitions(), sandbox) == []


def test_the_same_program_twice_gives_the_same_verdict(sandbox: Sandbox) -> None:
    first, second = check([("x", FORWARD), ("x", FORWARD)], ROBOT, transitions(), sandbox)
    assert first.reward == second.reward
    assert first.findings == second.findings


def test_all_findings_of_a_file_at_once() -> None:
    source = (
        "import os\n"
        "WEIGHTS = {'a': 'x', 'c': 1.0}\n"
        "def reward_terms(state, action, next_state):\n"
        "    print(state.torso_upp, params['k'], state.terminated)\n"
        "    return {'a': jnp.sigmoid(action), 'b': 1.0}\n"
        "def potential(state):\n"
        "    return state.time\n"
    )
    found = {(finding.rule, finding.line) for finding in check_static(source, ROBOT)}
    assert found >= {
        ("static.import", 1),
        ("contract.weights", 2),
        ("contract.reward_terms", 3),
        ("static.name", 4),
        ("contract.unknown_field", 4),
        ("contract.params", 4),
        ("static.member", 5),
        ("contract.potential", 6),
        ("contract.unobservable", 7),
    }


def test_a_program_that_does_not_end_fails(sandbox: Sandbox) -> None:
    trace = sandbox.trace_reward
    sandbox.trace_reward = lambda source, env, rows: trace(source, env, rows, deadline=1.5)  # type: ignore[method-assign]
    try:
        (verdict,) = check([("slow", CRASH)], ROBOT, transitions(), sandbox)
    finally:
        del sandbox.trace_reward  # type: ignore[method-assign]
    assert verdict.status == "failed"
    assert [finding.rule for finding in verdict.findings] == ["run.deadline"]
