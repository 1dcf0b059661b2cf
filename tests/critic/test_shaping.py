"""The critic on potentials alone: what is accepted, and what is said where more or less was written."""

from __future__ import annotations

import pytest

from autoreward.critic import check
from autoreward.designer.compose.potentials import potential_programs
from autoreward.records import Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.designer.compose.test_compose import brief
from tests.designer.env_specs import ENV_SPECS, RUNNER, TEXTS
from tests.designer.test_accepted import transitions
from tests.thorough import packs

GOOD = """
PARAMS = {"scale": 2.0}


def potential(state, params):
    return params["scale"] * state.torso_position[..., 0]
"""
TERMS = "\n\ndef reward_terms(state, action, next_state, params):\n    return {}\n"


def verdict(source: str, sandbox: Sandbox) -> Verdict:
    return check([("mine", source)], RUNNER, transitions(RUNNER), sandbox, shaping_only=True)[0]


def test_a_potential_alone_is_accepted(sandbox: Sandbox) -> None:
    found = verdict(GOOD, sandbox)
    assert found.status == "accepted", found.findings
    assert found.reward is not None
    assert (found.reward.has_potential, dict(found.reward.params)) == (True, {"scale": 2.0})
    assert {"state.torso_position", "next_state.torso_position"} <= set(found.reward.inputs)


@pytest.mark.parametrize(
    ("source", "rule", "line"),
    [
        (GOOD + TERMS, "shaping.terms", 9),
        ('WEIGHTS = {"a": 1.0}\n' + GOOD, "shaping.terms", 1),
        ("PARAMS = {}\n", "shaping.potential", None),
        (GOOD.replace("torso_position", "torso_place"), "contract.unknown_field", 6),
        (GOOD.replace("state.torso_position[..., 0]", "jnp.ones_like(state.time)"), "probe.constant", None),
        (GOOD.replace("* state", "/ jnp.log(state").replace("0]", "0])"), "probe.finite", None),
        ("def potential(state):\n    return state.time\n", "contract.potential", 1),
        ("def potential(state, params)\n", "static.syntax", 1),
    ],
)
def test_what_is_refused(source: str, rule: str, line: int | None, sandbox: Sandbox) -> None:
    found = verdict(source, sandbox)
    assert found.status == "refused"
    assert (rule, line) in {(finding.rule, finding.line) for finding in found.findings}


@pytest.mark.parametrize("name", packs(list(ENV_SPECS), ("runner", "arm")))
def test_what_compose_writes_is_accepted(name: str, sandbox: Sandbox) -> None:
    env = ENV_SPECS[name]
    asked = brief(env, TEXTS[0], candidates=4).model_copy(update={"shaping_only": True})
    files = [(f"{name}{slot}", source) for slot, source in enumerate(potential_programs(asked))]
    verdicts = check(files, env, transitions(env), sandbox, shaping_only=True)
    assert {one.status for one in verdicts} == {"accepted"}, [one.findings for one in verdicts]
