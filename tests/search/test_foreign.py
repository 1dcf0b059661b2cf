"""A whole search on somebody else's environment: none of its own reward in a prompt, and an export that runs alone."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from autoreward import api
from autoreward.errors import UntrustedError
from autoreward.ledger import Run, list_runs
from autoreward.ledger.recordings import read_recordings
from autoreward.ledger.trust import remember_own
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.trainer.client import TrainerWorker
from autoreward.views import RunReport
from tests.conftest import lending
from tests.loopback import LoopbackServer, says
from tests.search.test_loop import tiny

OWN = Path(__file__).parent.parent / "environment" / "foreign"
PROGRAM = """```python
WEIGHTS = {"near": 1.0, "calm": -0.05}


def reward_terms(state, action, next_state, params):
    apart = next_state.achieved_goal - next_state.desired_goal
    return {"near": -jnp.sqrt(jnp.sum(jnp.square(apart), axis=-1)), "calm": jnp.sum(jnp.square(action), axis=-1)}
```"""


@dataclass(frozen=True)
class Searched:
    """A search, and all that the model was asked."""

    folder: Path
    view: RunReport
    asked: str
    pack: str  # what was named on this machine


@pytest.fixture(scope="module")
def searched(
    tmp_path_factory: pytest.TempPathFactory, warm_processes: tuple[Sandbox, TrainerWorker]
) -> Iterator[Searched]:
    folder = tmp_path_factory.mktemp("foreign")
    lent = lending(*warm_processes)
    with lent, pytest.MonkeyPatch.context() as patch, LoopbackServer(default=says(PROGRAM)) as server:
        patch.chdir(OWN)
        patch.setenv("OPENAI_API_KEY", "sk-canary-key")
        env = api.gymnasium_environment("own_envs:Reach", kwargs={"max_episode_steps": 40})
        settings = tiny(folder, model="openai/scripted", base_url=server.url, clips=True, generations=1, final_seeds=1)
        view = api.design("Bring the point to its goal.", env=env, metric="info:is_success", settings=settings)
        asked = json.dumps([request.body for request in server.requests])
        (path,) = list_runs(folder / "runs")
        with Run.open(path, write=False) as run:
            yield Searched(folder, view, asked, run.task.env_path or "")


def test_the_search_is_measured_by_what_the_designer_never_sees(searched: Searched) -> None:
    best = searched.view.candidates[0]
    assert best.status == "trained"
    assert best.fitness is not None and 0.0 <= best.fitness.mean <= 1.0
    assert len(searched.asked) > 10_000
    assert "desired_goal" in searched.asked and "info_power" in searched.asked
    for told in ("reward_near", "is_success", "closeness", "info_far", "env_reward", "own reward"):
        assert told not in searched.asked


def test_recordings_tell_nothing_hidden(searched: Searched) -> None:
    (path,) = list_runs(searched.folder / "runs")
    with Run.open(path, write=False) as run:
        (recording,) = read_recordings(run, "g00c00", ["trajectory", "clip", "path"], missing_ok=True)
    names = {name for trajectory in recording.trajectories.values() for name in trajectory.fields}
    assert "achieved_goal" in names
    assert not [name for name in {*names, *recording.paths} if "reward" in name or "success" in name or "far" in name]
    assert recording.clips["first"].shape[1] == 1 + 2  # seed and action


def test_the_export_pays_what_training_paid(searched: Searched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(searched.folder)
    monkeypatch.syspath_prepend(str(searched.folder))
    monkeypatch.syspath_prepend(str(OWN))
    remember_own(pack=searched.pack)  # every test has a configuration of its own
    api.export(searched.view.folder, searched.folder / "best_of_run")
    wrapper, policy = (importlib.import_module(f"best_of_run.{name}") for name in ("wrapper", "policy"))
    env, act = wrapper.make_env(), policy.Policy()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*different from the unwrapped")
        check_env(env, skip_render_check=True)
    observation, _ = env.reset(seed=5)
    for _ in range(40):
        action = act(observation)
        observation, reward, terminated, truncated, info = env.step(action)
        apart = np.float32(observation["achieved_goal"]) - np.float32(observation["desired_goal"])
        assert reward == pytest.approx(-np.linalg.norm(apart) - 0.05 * np.square(action).sum(), abs=1e-5)
        assert set(info["reward_terms"]) == {"near", "calm"}
    assert (terminated, truncated) == (False, True)
    assert info["env_reward"] < 0.0
    assert "autoreward.environment" not in {name for name in sys.modules if name.startswith("best_of_run")}


def test_a_run_of_somebody_else_is_asked_about(searched: Searched) -> None:
    assert api.show(searched.view.folder).env == "own_envs:Reach"  # reading it runs nothing
    with pytest.raises(UntrustedError, match=r"own_envs:Reach with the modules of .*, Python that runs"):
        api.export(searched.view.folder, searched.folder / "never")
