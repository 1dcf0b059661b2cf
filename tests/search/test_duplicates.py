"""Near-duplicates: what leaves optimal policies as they are makes no distance, a bonus for survival does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autoreward import api
from autoreward.config import DesignSettings, Settings, load_settings
from autoreward.critic import check
from autoreward.environment.random_rollout import open_environment
from autoreward.ledger import Run
from autoreward.records import Candidate, CompiledReward, Prompt, Verdict
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.candidates import distance_apart
from autoreward.search.duplicates import RULE, reward_distances, screen_duplicates
from autoreward.search.events import CANDIDATE, PROMPTS, VERDICT, PromptSet
from autoreward.views import NoteEvent
from tests.loopback import LoopbackServer, Recorded, says
from tests.search.test_loop import TINY

TERMS = """WEIGHTS = {"x": WEIGHT}


def reward_terms(state, action, next_state, params):
    return {"x": TERM}
"""


def program(term: str, weight: float = 1.0) -> str:
    return TERMS.replace("WEIGHT}", f"{weight}}}").replace("TERM}", f"{term}}}")


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """Rewards for a pole that falls, and the distances between them."""
    environment = open_environment("inverted_pendulum", "balance")
    upright = "jnp.cos(next_state.pole_angle)"
    sources = {
        "upright": program(upright),
        "scaled": program(upright, 5.0),
        "alive": program(f"{upright} + 100.0"),
        "shaped": program(upright) + "\n\ndef potential(state, params):\n    return 3.0 * jnp.cos(state.pole_angle)\n",
        "effort": program("jnp.sum(jnp.square(action), axis=-1)", -1.0),
    }
    with Sandbox("basic") as sandbox:
        verdicts = check(list(sources.items()), environment.spec, environment.transitions, sandbox)
        rewards = {one.candidate: one.reward for one in verdicts if one.reward is not None}
        assert rewards.keys() == sources.keys()
        names, distances = reward_distances(rewards, environment.transitions, 0.99, sandbox)
    return {"names": names, "distances": distances, "rewards": rewards, "environment": environment}


@pytest.mark.thorough
def test_scale_and_shaping_make_no_distance_and_survival_does(measured: dict[str, Any]) -> None:
    names, distances = measured["names"], measured["distances"]
    apart = {name: float(distances[names.index("upright"), names.index(name)]) for name in names}
    assert apart["upright"] == 0.0 and apart["scaled"] < 1e-6 and apart["shaped"] < 1e-6
    assert apart["effort"] > 0.3
    assert np.allclose(distances, distances.T)
    assert apart["alive"] > 0.0  # a pole that falls ends the episode: 100 a step pay for something else


def test_a_near_duplicate_is_refused_with_its_numbers(measured: dict[str, Any]) -> None:
    rewards, environment = measured["rewards"], measured["environment"]

    def screened(last: bool, *names: str, earlier: tuple[str, ...] = ()) -> list[Verdict]:
        verdicts = [
            Verdict(candidate=name, status="accepted", tier="basic", findings=(), reward=rewards[name])
            for name in names
        ]
        known: dict[str, CompiledReward] = {name: rewards[name] for name in earlier}
        with Sandbox("basic") as sandbox:
            return screen_duplicates(verdicts, known, environment.transitions, 0.99, sandbox, 0.05, last)

    first, second, other = screened(False, "upright", "scaled", "effort")
    assert [one.status for one in (first, second, other)] == ["accepted", "refused", "accepted"]
    (finding,) = second.findings
    assert finding.rule == RULE and "scaled pays nearly what upright pays" in finding.message
    assert "is 0.000" in finding.message and second.reward is None
    (told,) = screened(True, "scaled", earlier=("upright",))
    assert told.status == "accepted" and [one.severity for one in told.findings] == ["warning"]
    assert screened(False, "upright")[0].findings == ()


def test_the_embedded_designers_programs_are_a_tenth_apart_and_a_models_are_not_asked_for_twice() -> None:
    def apart(designer: str, distinct: float | None) -> float:
        settings = Settings(design=DesignSettings(distinct=distinct))
        session: Any = SimpleNamespace(settings=settings, designer=SimpleNamespace(name=designer))
        return distance_apart(session)

    assert apart("compose", None) == 0.1 and apart("compose", 0.0) == 0.0
    assert apart("openai/gpt-5", None) == 0.0 and apart("openai/gpt-5", 0.05) == 0.05


@pytest.mark.thorough
def test_the_slot_goes_to_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")
    upright, effort = program("jnp.cos(next_state.pole_angle)"), program("jnp.sum(jnp.square(action), axis=-1)", -1.0)

    def answer(request: Recorded) -> Any:
        asked_again = "pays nearly what" in str(request.body["messages"][-1]["content"])
        return says(f"```python\n{effort if asked_again else upright}```")

    notes: list[str] = []
    with LoopbackServer(default=answer) as server:
        settings = load_settings(
            {**TINY, "n_timesteps": 256, "generations": 1, "distinct": 0.05, "runs": str(tmp_path), "properties": 0,
             "model": "openai/scripted", "base_url": server.url}
        ).settings  # fmt: skip
        view = api.design(
            env="inverted_pendulum", task="balance", settings=settings,
            on_event=lambda event: notes.append(event.text) if isinstance(event, NoteEvent) else None,
        )  # fmt: skip
    with Run.open(Path(view.folder), write=False) as run:
        verdicts = {event.key: event.record(Verdict) for event in run.events(VERDICT)}
        sources = {event.key: event.record(Candidate).source for event in run.events(CANDIDATE)}
        asked: list[Prompt] = [one for event in run.events(PROMPTS) for one in event.record(PromptSet).prompts]
    assert {key: one.status for key, one in verdicts.items() if key.startswith("g")} == {
        "g00c00": "accepted", "g00c01": "refused", "g00c01r1": "accepted",
    }  # fmt: skip
    assert sources["g00c01r1"].strip() == effort.strip()
    assert [one.id for one in asked] == ["g00c00", "g00c01", "g00c01r1"]
    assert any("g00c01 pays nearly what g00c00 pays" in note and "another program" in note for note in notes)
