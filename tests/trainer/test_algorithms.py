"""Which algorithm can act where."""

from __future__ import annotations

import pytest

from autoreward.environment.random_rollout import open_environment
from autoreward.errors import UsageError
from autoreward.records import Algo
from autoreward.trainer.algorithms import require_algo, wrong_actions


@pytest.mark.parametrize(
    ("algo", "choices", "free", "wrong"),
    [
        ("ppo", (), True, None),
        ("ppo", (3, 2), False, None),
        ("sac", (), False, None),
        ("td3", (), False, None),
        ("sac", (3,), False, "choices"),
        ("td3", (), True, "no limits"),
        ("dqn", (3,), False, None),
        ("dqn", (), False, "numbers"),
        ("dqn", (3, 2), False, "2 choices at once"),
    ],
)
def test_what_each_takes(algo: Algo, choices: tuple[int, ...], free: bool, wrong: str | None) -> None:
    problem = wrong_actions(algo, choices, free)
    assert (problem is None) == (wrong is None) and (wrong or "") in (problem or "")


def test_the_error_names_the_environment_and_what_fits() -> None:
    with pytest.raises(UsageError, match="inverted_pendulum: its actions are numbers, and dqn") as caught:
        require_algo("dqn", open_environment("inverted_pendulum"))
    assert caught.value.remedy == "--algo ppo or sac or td3"


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = open_environment("inverted_pendulum")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="not installed") as caught:
        require_algo("sac", environment)
    assert "autoreward[sb3]" in caught.value.remedy
