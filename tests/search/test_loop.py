"""What a search promises: no leak into prompts, repairs, notes, budgets, targets, honest ends."""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.environment.pack import packs_directory
from autoreward.errors import (
    BudgetReachedError,
    EnvironmentFailedError,
    NoValidCandidateError,
    RunLockedError,
    TargetNotMetError,
    UnknownNameError,
    UsageError,
)
from autoreward.ledger import Run, list_runs
from autoreward.records import Analysis, Candidate, RewardSpec, TrainingResult, Verdict
from autoreward.search.events import ANALYSIS, CANDIDATE, PROGRAM_FAILED, PROMPTS, REPLY, TRAINING
from autoreward.search.leaderboard import read_leaderboard
from autoreward.trainer.jobs import TrainingSetup
from autoreward.views import CandidateEvent, ProgressEvent
from tests.loopback import PROGRAM, Answer, LoopbackServer, Recorded, program_for, says
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("warm")

TINY: dict[str, Any] = {
    "model": "compose",
    "candidates": 2,
    "distinct": 0.0,
    "generations": 2,
    "properties": 0,
    "seeds": 1,
    "n_timesteps": 1024,
    "final_seeds": 2,
    "evaluation_episodes": 1,
    "clips": False,
    "num_envs": 4,
    "num_steps": 64,
    "num_minibatches": 2,
    "hidden": [8],
}


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key")
    return "sk-canary-key"


def tiny(tmp_path: Path, **changes: Any) -> Settings:
    return load_settings({**TINY, "runs": str(tmp_path / "runs"), **changes}).settings


def asking(server: LoopbackServer, tmp_path: Path, **changes: Any) -> Settings:
    return tiny(tmp_path, model="openai/scripted", base_url=server.url, **changes)


def design(settings: Settings, **wanted: Any) -> Any:
    return api.design(**{"env": "inverted_pendulum", "task": "balance", **wanted}, settings=settings)


def opened(tmp_path: Path) -> Run:
    (path,) = list_runs(tmp_path / "runs")
    return Run.open(path, write=False)


def test_no_prompt_has_the_human_reward_or_the_metric(tmp_path: Path, key: str) -> None:
    pack = tmp_path / "balancer"
    shutil.copytree(packs_directory() / "inverted_pendulum", pack)
    human, metric = pack / "tasks/balance/human.py", pack / "tasks/balance/metric.py"
    human.write_text(human.read_text().replace('"alive": 1.0', '"alive": 1.0271828'))
    metric.write_text(metric.read_text().replace('"max_angle": 0.2', '"max_angle": 0.2314159'))
    with LoopbackServer(default=program_for) as server:
        design(asking(server, tmp_path), env=str(pack))
        sent = json.dumps([request.body for request in server.requests])
    with opened(tmp_path) as run:
        stored = "".join(event.text for event in run.events(PROMPTS))
        everything = "".join(event.text for event in run.events())
        folder = run.path
    assert len(sent) > 10_000 and len(stored) > 10_000
    for canary in ("0271828", "2314159"):
        assert canary not in sent
        assert canary not in stored
    assert "0271828" in everything  # the human reward was a baseline of this very run
    assert "2314159" in (folder / "task.yaml").read_text()
    assert not any(key.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_refused_candidate_goes_back_twice_and_stays_visible(tmp_path: Path, key: str) -> None:
    broken = "```python\nWEIGHTS = {'up': 1.0}\n\n\ndef reward_terms(state, action, next_state, params):\n"
    broken += "    return {'up': next_state.height}\n```"

    def reply(request: Recorded) -> Any:
        asks_for_first = "candidate 1 of 2" in json.dumps(request.body) or len(server.requests) == 1
        return (
            says(broken) if asks_for_first or "next_state.height" in json.dumps(request.body) else program_for(request)
        )

    with LoopbackServer(default=reply) as server:
        view = design(asking(server, tmp_path, generations=1, parallel_requests=1))
    by_id = {candidate.id: candidate for candidate in view.candidates}
    assert by_id["g00c00"].status == "refused"
    assert any("height" in finding.message for finding in by_id["g00c00"].findings)
    assert by_id["g00c01"].status == "trained"
    with opened(tmp_path) as run:
        attempts = [event.record(Candidate) for event in run.events(CANDIDATE)]
        asked = [event.key for event in run.events(REPLY)]
    assert [one.attempts for one in attempts if one.id == "g00c00"] == [1, 2, 3]
    assert [name for name in asked if name.startswith("g00c00")] == ["g00c00", "g00c00r1", "g00c00r2"]
    assert (Path(view.folder) / "candidates/g00c00/verdict.json").is_file()


def test_the_next_prompt_tells_duplicates_and_what_changed_in_the_parent(tmp_path: Path, key: str) -> None:
    same = "```python\n" + PROGRAM.replace("NUMBER", "0.5") + "```"
    with LoopbackServer(default=says(same)) as server:
        design(asking(server, tmp_path))
        asked = server.requests[-1].body["messages"][-1]["content"]
    with opened(tmp_path) as run:
        found = {event.key: event.record(Analysis) for event in run.events(ANALYSIS)}
    duplicates = {name: [s.evidence for s in one.symptoms if s.name == "duplicate"] for name, one in found.items()}
    assert duplicates["g00c00"] == []
    text = "it pays the same as g00c00: the program and its parameters are the same."
    assert duplicates["g00c01"] == duplicates["g01c00"] == [text]
    assert f"duplicate: {text}" in asked
    comparison = found["g01c00"].comparison
    assert comparison is not None and {term.change for term in comparison.terms} == {"kept"}
    assert all(one.difference.mean == 0.0 for one in comparison.differences)  # equal rewards, equal seeds
    assert text in (api.show("last:g00c01", settings=tiny(tmp_path)).analysis or "")


def test_a_plan_is_kept_through_repairs_and_comes_back_beside_what_happened(tmp_path: Path, key: str) -> None:
    program = PROGRAM.replace("NUMBER", "0.5")
    broken = program.replace("next_state.", "next_state.no_such_")

    def reply(request: Recorded) -> Any:
        repairs = len(request.body["messages"]) > 2
        return says(
            f"Mended.\n\n```python\n{program}```" if repairs else f"Stay up. Expected: 7.\n```python\n{broken}```"
        )

    with LoopbackServer(default=reply) as server:
        design(asking(server, tmp_path, candidates=1))
        asked = [request.body["messages"][1]["content"] for request in server.requests]
    assert "Its plan: Stay up. Expected: 7. Happened: success " in asked[-1]
    assert "Its plan" not in asked[0]
    shown = json.loads(api.show("last:g01c00", settings=tiny(tmp_path)).as_json())
    assert shown["plan"] == "Stay up. Expected: 7." and shown["source"] == program
    assert shown["analysis"].startswith("Success ") and shown["unit"]


def test_a_reply_without_a_program_is_a_finding(tmp_path: Path, key: str) -> None:
    with LoopbackServer(default=says("I would rather not.")) as server, pytest.raises(NoValidCandidateError):
        design(asking(server, tmp_path, generations=1, repairs=0))
    view = api.show("last", settings=tiny(tmp_path))
    assert view.status == "no_valid_candidate"
    assert [one.findings[0].rule for one in view.candidates] == ["reply.no_program"] * 2


@pytest.mark.thorough
def test_a_note_stands_in_the_next_prompt_and_adds_a_generation(tmp_path: Path, key: str) -> None:
    with LoopbackServer(default=program_for) as server:
        settings = asking(server, tmp_path, generations=1)
        first = design(settings)
        server.requests.clear()
        second = api.refine("last", "the cart drifts to the left", settings=settings)
        assert len(server.requests) == 2
        assert all("the cart drifts to the left" in json.dumps(request.body) for request in server.requests)
    assert {one.generation for one in first.candidates} == {0}
    assert {one.generation for one in second.candidates} == {0, 1}
    assert second.status == "done"
    with opened(tmp_path) as run:
        trainings = [event.record(TrainingResult).job for event in run.events(TRAINING)]
    assert trainings[:2] == ["g00", "final-g00c00+human+sparse"] or trainings[0] == "g00"
    assert len([name for name in trainings if "human" in name]) == 1  # baselines are measured once


@pytest.mark.parametrize("halving", every(2, [True, False]))
def test_the_estimate_counts_whole_rollouts(tmp_path: Path, halving: bool) -> None:
    settings = tiny(tmp_path, candidates=3, generations=1, n_timesteps=1300, halving=halving)  # 6 rollouts of 256
    planned = api.estimate(env="inverted_pendulum", task="balance", settings=settings)
    assert design(settings).spent.env_steps == planned.env_steps


@pytest.mark.thorough
def test_a_search_with_halving_says_who_was_stopped_and_what_it_saved(tmp_path: Path) -> None:
    settings = tiny(tmp_path, candidates=4, seeds=2, generations=1, halving=True, n_timesteps=1536)
    planned = api.estimate(env="inverted_pendulum", task="balance", settings=settings)
    view = design(settings)
    status = [one.status for one in view.candidates]
    assert (status.count("trained"), status.count("stopped")) == (2, 2)
    # 6 iterations of 256 steps: 2 candidates x 2 seeds are stopped after the second one
    assert view.spent.saved_steps == 2 * 2 * 4 * 256
    final = 6 * 1536  # winner, human and sparse on two fresh seeds
    assert view.spent.env_steps == final + 2 * 2 * 6 * 256 + 2 * 2 * 2 * 256 == planned.env_steps
    stopped = next(one for one in view.candidates if one.status == "stopped")
    assert stopped.fitness is not None
    assert [one.rule for one in stopped.findings if one.rule.startswith("training.")] == ["training.stopped"]
    with opened(tmp_path) as run:
        told = api.show(f"last:{stopped.id}", settings=settings)
        assert told.analysis is not None and "Stopped after 512 of 1,536 steps" in told.analysis
        assert run.read_arrays(f"candidates/{stopped.id}/policy.npz")
    assert api.resume("last", settings=settings).candidates == view.candidates


def test_the_winner_is_measured_on_fresh_seeds_beside_the_baselines(tmp_path: Path) -> None:
    view = design(tiny(tmp_path))
    assert view.best is not None and view.best.fitness is not None and view.selection is not None
    assert view.best.fitness.seeds == 2
    for baseline in (view.baselines.human, view.baselines.sparse, view.baselines.random):
        assert baseline is not None and baseline.seeds == 2
    assert Path(view.best.file).is_file()
    assert view.best.over_random is not None and view.best.over_random.fitness.seeds == 2
    assert view.files.learning is not None and Path(view.files.learning).read_bytes().startswith(b"\x89PNG")
    with opened(tmp_path) as run:
        seeds = {
            event.key: {member.seed for member in event.record(TrainingResult).members}
            for event in run.events(TRAINING)
        }
    selection = set().union(*(found for name, found in seeds.items() if name.startswith("g")))
    reporting = set().union(*(found for name, found in seeds.items() if name.startswith("final")))
    assert selection and reporting and not selection & reporting


def test_equal_settings_give_equal_runs(tmp_path: Path) -> None:
    first = design(tiny(tmp_path / "one"))
    second = design(tiny(tmp_path / "two"))
    assert first.candidates == second.candidates
    assert first.baselines == second.baselines
    assert Path(first.best.file).read_text() == Path(second.best.file).read_text()


def test_a_step_budget_ends_before_it_is_exceeded_and_can_be_raised(tmp_path: Path) -> None:
    with pytest.raises(BudgetReachedError, match="max_steps") as ended:
        design(tiny(tmp_path, max_steps=3_000, halving=True))
    view = api.show("last", settings=tiny(tmp_path))
    assert view.status == "budget"
    *command, larger = shlex.split(view.next[0])
    assert command == ["autoreward", "resume", view.folder, "--set"] and view.next[0] in ended.value.remedy
    budget = load_settings(sets=[larger], environ={}).settings.budget
    assert budget.max_steps is not None and budget.max_steps >= view.spent.env_steps + 1024 + 512  # a generation
    assert view.best is not None and Path(view.best.file).is_file()
    # 4 iterations of 256 steps, and one of two candidates is stopped after the second; all of both would not fit again
    assert view.spent.env_steps == 1024 + 512
    events: list[Any] = []
    settings = tiny(tmp_path, max_steps=1_000_000, halving=True)
    more = api.resume("last", settings=settings, on_event=events.append)
    assert more.status == "done" and more.next[0].startswith("autoreward show ")
    assert [event.id for event in events if isinstance(event, CandidateEvent)] == ["g01c00", "g01c01"]  # what is new
    assert {event.generation for event in events if isinstance(event, ProgressEvent)} <= {1, None}
    assert [one.id for one in view.candidates] == ["g00c00", "g00c01"]
    assert [one.id for one in more.candidates] == ["g00c00", "g00c01", "g01c00", "g01c01"]


def test_a_token_budget_counts_what_the_server_says_and_is_not_exceeded(tmp_path: Path, key: str) -> None:
    def large(request: Recorded) -> Answer:
        return replace(program_for(request), input_tokens=5000, output_tokens=50)

    with LoopbackServer(default=large) as server:
        with pytest.raises(BudgetReachedError, match="max_tokens = 20000 does not hold the next request"):
            design(asking(server, tmp_path, max_tokens=20_000, parallel_requests=1, max_output_tokens=64))
        calls = len(server.requests)
    view = api.show("last", settings=tiny(tmp_path))
    assert calls >= 1
    assert (view.spent.calls, view.spent.tokens) == (calls, 5050 * calls)
    assert view.spent.tokens <= 20_000


def test_a_cost_budget_needs_a_known_price(tmp_path: Path, key: str) -> None:
    with LoopbackServer(default=program_for) as server, pytest.raises(UsageError, match="price of openai/scripted"):
        design(asking(server, tmp_path, max_cost=1.0))
    assert not list_runs(tmp_path / "runs")


def test_a_missing_key_or_a_broken_metric_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        design(tiny(tmp_path, model="openai/gpt-5"))
    metric = tmp_path / "metric.py"
    metric.write_text("def success(trajectory, params):\n    return {'success': trajectory.pole_angle[-1]}\n")
    with pytest.raises(UsageError, match="metric for inverted_pendulum cannot be used"):
        design(tiny(tmp_path), metric=str(metric))
    assert not list_runs(tmp_path / "runs")


@pytest.mark.parametrize("seen", ["cpu", "nothing: it cannot be imported"])
def test_a_gpu_that_is_not_there_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: str
) -> None:
    monkeypatch.setattr("autoreward.trainer.graphics.jax_platform", lambda: seen)
    settings = tiny(tmp_path).model_copy(update={"device": "cuda"})
    with pytest.raises(EnvironmentFailedError, match="--device cuda: jax sees no GPU here") as caught:
        design(settings)
    assert "--device cpu" in caught.value.remedy
    with pytest.raises(EnvironmentFailedError, match="jax sees no GPU"):
        api.train(["human"], "inverted_pendulum/balance", settings=settings)
    assert not list_runs(tmp_path / "runs")


def test_a_target_that_is_missed_says_so_and_keeps_the_best(tmp_path: Path) -> None:
    with pytest.raises(TargetNotMetError, match=r"the target is 0.99"):
        design(tiny(tmp_path, generations=1, target=0.99))
    view = api.show("last", settings=tiny(tmp_path))
    assert view.status == "target_not_met"
    assert view.best is not None


def test_a_text_without_a_task_borrows_no_metric(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no task's metric is borrowed") as caught:
        api.design("Keep the cart in the middle.", env="inverted_pendulum", settings=tiny(tmp_path))
    assert "--task balance" in caught.value.remedy
    assert "--metric 'mean(" in caught.value.remedy
    assert not list_runs(tmp_path / "runs")


@pytest.mark.thorough
def test_a_text_with_a_metric_expression(tmp_path: Path) -> None:
    view = api.design(
        "Keep the cart in the middle.",
        env="inverted_pendulum",
        metric="mean(0 - abs(cart_position))",
        settings=tiny(tmp_path, generations=1),
    )
    assert view.best is not None and view.best.fitness is not None
    assert -1.0 < view.best.fitness.mean <= 0.0
    assert view.baselines.human is None


def test_a_run_is_worked_on_by_one_process(tmp_path: Path) -> None:
    design(tiny(tmp_path, generations=1))
    (path,) = list_runs(tmp_path / "runs")
    with Run.open(path, write=True), pytest.raises(RunLockedError):
        api.resume("last", settings=tiny(tmp_path))


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    design(tiny(tmp_path, generations=1))
    with opened(tmp_path) as run:
        before = [event.id for event in run.events()]
    assert api.resume("last", settings=tiny(tmp_path)).status == "done"
    with opened(tmp_path) as run:
        assert [event.id for event in run.events()] == before


def test_unknown_names_say_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'inverted_pendulum'"):
        design(tiny(tmp_path), env="inverted_pendulm")
    with pytest.raises(UnknownNameError, match="Did you mean 'balance'"):
        design(tiny(tmp_path), task="balanc")
    with pytest.raises(UsageError, match="Settings were given twice"):
        api.design(env="inverted_pendulum", task="balance", settings=tiny(tmp_path), candidates=3)


def test_a_program_that_fails_in_training_fails_alone_and_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reward_of = TrainingSetup.reward_of

    def break_one(training: TrainingSetup, verdict: Verdict) -> RewardSpec:
        reward = reward_of(training, verdict)
        assert reward.compiled is not None
        broken = reward.compiled.model_copy(update={"program": b"no program"})
        return reward.model_copy(update={"compiled": broken}) if verdict.candidate == "g00c01" else reward

    monkeypatch.setattr(TrainingSetup, "reward_of", break_one)
    outcome = design(tiny(tmp_path))
    assert outcome.status == "done"
    with opened(tmp_path) as run:
        leaderboard = read_leaderboard(run)
        broken, sound = leaderboard.find("g00c01"), leaderboard.find("g00c00")
        assert broken is not None and sound is not None
        assert (broken.status, sound.status) == ("failed", "trained")
        assert broken.failure is not None and broken.failure.rule == "training.program_raises"
        assert [event.key for event in run.events(PROGRAM_FAILED)] == ["g00c01"]
        assert run.get(ANALYSIS, "g00c01", Analysis) is None
        assert leaderboard.best is not None and leaderboard.best.id != "g00c01"


def test_a_budget_of_time_ends_a_training_that_runs(tmp_path: Path) -> None:
    with pytest.raises(BudgetReachedError, match="max_time"):
        design(tiny(tmp_path, max_time=4, n_timesteps=50_000_000))
