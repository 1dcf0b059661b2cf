"""The parts that a reward program and a metric must have, rule by rule, without a sandbox."""

from __future__ import annotations

import ast

import pytest

from autoreward.critic.contract_rules import constant_number, metric_findings, reward_findings
from tests.reward.robot import FORWARD, ROBOT

METRIC = "def success(trajectory, params):\n    return {'success': trajectory.valid, 'progress': trajectory.time}\n"


def told(source: str) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in reward_findings(ast.parse(source), ROBOT)]


def test_an_honest_program_has_no_findings() -> None:
    assert told(FORWARD) == []
    assert metric_findings(ast.parse(METRIC), ROBOT) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        ("def reward_terms", "def reward", "contract.reward_terms", "there is no function reward_terms"),
        ("(state, action, next_state, params)", "(state, action)", "contract.reward_terms", "takes (state, action)"),
        ("(state, params)", "(state, params, more=1)", "contract.potential", "takes (state, params, more=1)"),
        ("WEIGHTS =", "W =", "contract.weights", "WEIGHTS is missing"),
        ('"effort": -0.1', '"efort": -0.1', "contract.weights", "term 'effort' has no weight"),
        ('{"forward": 1.0', '{"top": 1.0, "forward": 1.0', "contract.weights", "which reward_terms does not return"),
        ('"forward": 1.0, "effort": -0.1', '"forward": 0.0, "effort": 1e-60', "contract.weights", "weights are zero"),
        ('"effort": -0.1', '"effort": 1e39', "contract.weights", "finite in float32"),
        ('"effort": -0.1', '"effort": x', "contract.weights", "WEIGHTS['effort'] is x"),
        ('"effort": -0.1', '"effort": 1, "effort": 2', "contract.weights", "has 'effort' twice"),
        ('{"forward": 1.0, "effort": -0.1}', "dict(forward=1.0)", "contract.weights", "not a dict with names written"),
        ('params["scale"]', 'params["skale"]', "contract.params", "params['skale'] is not in PARAMS"),
        ('params["scale"]', "params.scale", "contract.params", "params is a dict"),
        ("PARAMS =", "WEIGHTS = {}\nPARAMS =", "contract.weights", "WEIGHTS is defined twice"),
        ("state.goal_offset", "state.terminated", "contract.unknown_field", "exists on next_state only"),
        ("state.goal_offset", "state.gole_offset", "contract.unknown_field", "which robot does not have"),
        ("state.goal_offset", "state.time", "contract.unobservable", "which the policy can never infer"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(old: str, new: str, rule: str, words: str) -> None:
    assert old in FORWARD
    found = told(FORWARD.replace(old, new, 1))
    assert any(one == rule and words in message for one, message in found), found


def test_a_metric_needs_success() -> None:
    (finding,) = metric_findings(ast.parse(METRIC.replace("success(", "sucess(")), ROBOT)
    assert finding.rule == "contract.success"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0), ("-2.5", -2.5), ("+3", 3.0), ("1 / 4 + 2 * 3", 6.25), ("True", None), ("1 / 0", None), ("x", None),
        ("2 ** 3", None), ("'a'", None),
    ],
)  # fmt: skip
def test_constant_arithmetic(text: str, number: float | None) -> None:
    assert constant_number(ast.parse(text, mode="eval").body) == number


@pytest.mark.parametrize("name", ["FORMS", "Form", "FROM"])
def test_a_form_by_nearly_its_name_is_warned_of(name: str) -> None:
    source = FORWARD + f'\n{name} = {{"kind": "gate", "gates": ["forward"]}}\n'
    (finding,) = [one for one in reward_findings(ast.parse(source), ROBOT) if one.rule == "contract.form"]
    assert finding.severity == "warning" and f"{name} means nothing" in finding.message
