"""What a program pays for doing nothing, by hand: a cost of squared actions, on a cart with actions from -3 to 3."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from autoreward.config import Settings
from autoreward.critic import check
from autoreward.environment.random_rollout import open_environment
from autoreward.records import Candidate
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.entry import Entry
from autoreward.search.events import IDLE_PAY
from autoreward.search.idle_pay import idle_pay
from autoreward.search.session import Session
from tests.search.stored_run import new_run

SOURCE = """WEIGHTS = {"effort": -2.0, "still": 1.0}
PARAMS = {"pay": 0.5}


def reward_terms(state, action, next_state, params):
    return {"effort": jnp.square(action[..., 0]), "still": params["pay"] + 0.0 * next_state.cart_position}
"""


def test_slack_motors_and_random_actions(tmp_path: Path, sandbox: Sandbox) -> None:
    opened = open_environment("inverted_pendulum", "balance")
    with new_run(tmp_path) as run:
        (verdict,) = check([("g00c00", SOURCE)], opened.spec, opened.transitions, sandbox)
        session = SimpleNamespace(
            run=run, settings=Settings(), environment=opened, env=opened.spec, transitions=opened.transitions,
            sandbox=sandbox,
        )  # fmt: skip
        candidate = Candidate(id="g00c00", generation=0, parents=(), source=SOURCE, designer="compose")
        entry = cast(Entry, SimpleNamespace(id="g00c00", candidate=candidate, verdict=verdict))
        paid = idle_pay(cast(Session, session), entry)
        assert paid is not None
        # 25 steps a second: 0.5 each for being there; a uniform action in -3..3 has a mean square of 3
        assert paid.slack == pytest.approx(25 * 0.5)
        assert paid.random == pytest.approx(25 * (0.5 - 2.0 * 3.0), rel=0.05)
        session.sandbox = None  # what is stored is not asked for again
        assert idle_pay(cast(Session, session), entry) == paid
        assert [event.key for event in run.events(IDLE_PAY)] == ["g00c00"]
