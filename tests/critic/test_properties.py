"""Tests of meaning on a pendulum: what each side is paid, by hand, and what that says of a reward."""

from __future__ import annotations

import dataclasses

import pytest

from autoreward.critic import check, check_metric
from autoreward.critic.properties import MeaningTests
from autoreward.critic.property_sides import Stage, prepare_tests
from autoreward.environment.environment import Environment
from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task
from autoreward.records import Finding, Property, Side
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.critic.measure_meaning import TASKS, caught, judge, written

UPRIGHT = Side(words="upright")
LEANING = Side(words="leaning", pose={"hinge": 0.15})
FALLING = Side(words="falling", pose={"hinge": (0.0, 1.0)})
PAIR = Property(better=UPRIGHT, worse=LEANING, why="keep it upright")
HEAD = "def reward_terms(state, action, next_state, params):\n"
ALIVE = "WEIGHTS = {'alive': 2.0}\n" + HEAD + "    return {'alive': 1.0 - next_state.terminated}\n"
LEAN = "WEIGHTS = {'alive': 1.0, 'lean': 4.0}\n" + HEAD
LEAN += "    return {'alive': 1.0 - next_state.terminated, 'lean': jnp.abs(next_state.pole_angle)}\n"
POTENTIAL = "def potential(state, params):\n    return SIGN * jnp.abs(state.pole_angle)\n"


@pytest.fixture(scope="module")
def pendulum() -> Environment:
    return open_environment("inverted_pendulum", "balance")


def stage_of(pendulum: Environment, sandbox: Sandbox, metric: bool = False) -> Stage:
    spec = load_task(pendulum.pack, "balance").metric
    assert spec is not None
    compiled = check_metric(spec.code, pendulum.spec, pendulum.spec.horizon, sandbox) if metric else None
    return Stage(pendulum.pack, pendulum.spec, sandbox, compiled)


def ready(pendulum: Environment, sandbox: Sandbox, *pairs: Property, metric: bool = False) -> MeaningTests:
    verdicts, tests = prepare_tests(pairs, stage_of(pendulum, sandbox, metric))
    assert tests is not None and all(one.status == "kept" for one in verdicts)
    return tests


def said(
    source: str, pendulum: Environment, sandbox: Sandbox, tests: MeaningTests, shaping_only: bool = False
) -> list[Finding]:
    (verdict,) = check([("x", source)], pendulum.spec, pendulum.transitions, sandbox, shaping_only, tests)
    return [finding for finding in verdict.findings if finding.rule == "critic.property"]


def test_a_reward_that_pays_the_worse_side_more_is_told_both_numbers(pendulum: Environment, sandbox: Sandbox) -> None:
    """25 steps of 40 ms: 25 upright; 25 + 25 x 4 x 0.15 = 40 leaning."""
    (finding,) = said(LEAN, pendulum, sandbox, ready(pendulum, sandbox, PAIR))
    assert finding.severity == "error"
    assert finding.message == (
        'it pays 25 in all for "upright" and 40 for "leaning": the first must be paid more (keep it upright)'
    )
    assert finding.remedy == "Term 'lean' pays 0 and 15: mend that."


def test_what_ends_the_episode_is_paid_no_more(pendulum: Environment, sandbox: Sandbox) -> None:
    falls = Property(better=UPRIGHT, worse=FALLING)
    assert said(ALIVE, pendulum, sandbox, ready(pendulum, sandbox, falls)) == []
    (finding,) = said(ALIVE.replace("2.0", "-2.0"), pendulum, sandbox, ready(pendulum, sandbox, falls))
    assert "it pays -50 in all" in finding.message and "and -10 for" in finding.message  # 5 steps to 0.2 rad


def test_equal_pay_refuses_only_where_the_metric_tells_the_sides_apart(pendulum: Environment, sandbox: Sandbox) -> None:
    (warned,) = said(ALIVE, pendulum, sandbox, ready(pendulum, sandbox, PAIR, metric=True))
    assert warned.severity == "warning"  # within 0.2 rad all counts as balanced
    blind = "WEIGHTS = {'small': 1.0}\n" + HEAD + "    return {'small': action[..., 0]}\n"
    tests = ready(pendulum, sandbox, Property(better=UPRIGHT, worse=FALLING), metric=True)
    assert [one.severity for one in said(blind, pendulum, sandbox, tests)] == ["error"]


@pytest.mark.parametrize(("sign", "refused"), [("-20.0", 0), ("20.0", 1)])
@pytest.mark.parametrize("shaping_only", [False, True])
def test_a_potential_counts_by_where_a_side_ends(
    pendulum: Environment, sandbox: Sandbox, sign: str, refused: int, shaping_only: bool
) -> None:
    source = POTENTIAL.replace("SIGN", sign) if shaping_only else ALIVE + "\n\n" + POTENTIAL.replace("SIGN", sign)
    tests = ready(pendulum, sandbox, PAIR)
    found = said(source, pendulum, sandbox, tests, shaping_only)
    assert [one.severity for one in found] == ["error"] * refused
    if refused:
        assert "potential pays 0 and 3" in found[0].remedy.lower()


def test_shaping_is_paid_beside_the_progress_of_the_task(pendulum: Environment, sandbox: Sandbox) -> None:
    """Upright for 25 of 1000 steps is a progress of 0.025; a fall after 4 of them 0.004 or 0.005."""
    tests = ready(pendulum, sandbox, Property(better=UPRIGHT, worse=FALLING), metric=True)
    assert tests.progress[0] == pytest.approx(0.025) and tests.progress[1] < 0.006
    assert said(POTENTIAL.replace("SIGN", "-0.001"), pendulum, sandbox, tests, shaping_only=True) == []


def test_where_they_do_not_bind_nothing_is_refused(pendulum: Environment, sandbox: Sandbox) -> None:
    tests = dataclasses.replace(ready(pendulum, sandbox, PAIR), binding="none")
    (finding,) = said(LEAN, pendulum, sandbox, tests)
    assert finding.severity == "warning"


def test_where_the_metric_has_to_confirm_them_the_others_are_told(pendulum: Environment, sandbox: Sandbox) -> None:
    pair, source = Property(better=UPRIGHT, worse=FALLING), LEAN.replace("'alive': 1.0", "'alive': 0.1")
    for metric, severity in ((False, "warning"), (True, "error")):
        tests = dataclasses.replace(ready(pendulum, sandbox, pair, metric=metric), binding="judged")
        (finding,) = said(source, pendulum, sandbox, tests)
        assert finding.severity == severity


def test_rewards_of_a_task_that_mean_something_else_are_caught(sandbox: Sandbox) -> None:
    verdicts = judge("inverted_pendulum", "balance", written("inverted_pendulum", "balance"), sandbox)
    for name, verdict in verdicts.items():
        assert caught(verdict) == name.startswith("sabotaged"), (name, verdict.findings)


@pytest.mark.thorough
def test_of_forty_rewards_the_wrong_ones_are_caught_and_the_honest_ones_pass(sandbox: Sandbox) -> None:
    found = {
        f"{env}/{task}/{name}": verdict
        for env, task in TASKS
        for name, verdict in judge(env, task, written(env, task), sandbox).items()
    }
    sabotaged = [name for name in found if "/sabotaged" in name]
    honest = [name for name in found if "/honest" in name]
    assert (len(sabotaged), len(honest)) == (20, 20)
    assert sum(caught(found[name]) for name in sabotaged) >= 15
    assert sum(found[name].status != "accepted" for name in honest) <= 1
