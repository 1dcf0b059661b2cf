"""What `compose` writes passes the critic, in every environment, over many seeds and generations."""

from __future__ import annotations

import numpy as np
import pytest

from autoreward.critic import check, check_static
from autoreward.designer.compose.compose import proposals
from autoreward.records import Brief, EnvSpec, Transitions
from autoreward.reward.sandbox.sandbox import Sandbox
from tests.designer.compose.test_compose import brief, later
from tests.designer.env_specs import ENV_SPECS, TEXTS
from tests.thorough import every, packs


def transitions(env: EnvSpec, count: int = 64) -> Transitions:
    """Random numbers within the declared ranges."""
    rng = np.random.default_rng(0)

    def draw(shape: tuple[int, ...], low: float | None, high: float | None) -> np.ndarray:
        bounds = (-1.0 if low is None else low, 1.0 if high is None else high)
        return rng.uniform(*bounds, size=(count, *shape)).astype(np.float32)

    after = {field.name: draw(field.shape, field.low, field.high) for field in env.fields}
    if "terminated" in after:
        after["terminated"] = (after["terminated"] > 0.9).astype(np.float32)
    before = {f.name: draw(f.shape, f.low, f.high) for f in env.fields if not f.next_state_only}
    return Transitions(before, draw((env.action_size,), env.action_low[0], env.action_high[0]), after)


ABOUT = dict(zip(("runner", "rotated", "balancer", "arm"), TEXTS, strict=False))


@pytest.mark.parametrize("env", ENV_SPECS.values(), ids=ENV_SPECS.keys())
@pytest.mark.parametrize("seed", every(3, range(5)))
def test_the_static_rules_have_nothing_against_them(env: EnvSpec, seed: int) -> None:
    for text in TEXTS:
        drawn: Brief = brief(env, text, seed=seed, candidates=16)
        for source in [*(program.source() for program in proposals(drawn)), *later(env, text, 3, seed)]:
            errors = [one for one in check_static(source, env) if one.severity == "error"]
            assert not errors, f"{errors}\n{source}"


@pytest.mark.parametrize("name", packs(list(ABOUT), ("runner", "arm")))
def test_the_probe_accepts_them(name: str, sandbox: Sandbox) -> None:
    env, text = ENV_SPECS[name], ABOUT[name]
    sources = [*(program.source() for program in proposals(brief(env, text)))][:3] + later(env, text, 3)[:2]
    files = [(f"{name}{slot}", source) for slot, source in enumerate(sources)]
    verdicts = check(files, env, transitions(env), sandbox)
    assert [verdict.candidate for verdict in verdicts] == [label for label, _ in files]
    assert {verdict.status for verdict in verdicts} == {"accepted"}, [verdict.findings for verdict in verdicts]
