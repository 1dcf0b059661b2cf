"""The speed measurements: real processes, tiny amounts; the numbers mean nothing here, that they are there does."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from autoreward import views
from autoreward.bench import train
from autoreward.bench.contest import Entry, Measured, _Process, measure, run_once
from autoreward.bench.shapes import bench_population, shape, shape_rows
from autoreward.bench.train import LABELS, RATIOS, TARGETS, TASKS, Plan, bench_train, equal_work
from autoreward.config import Settings
from autoreward.errors import EnvironmentFailedError, UnknownNameError, UsageError
from autoreward.records import PPOSettings
from tests.cli.conftest import autoreward

SMALL = ("--set", "candidates=1", "--set", "seeds=1", "--set", "num_envs=8", "--set", "num_steps=64")


def settings(**design: int) -> Settings:
    made = Settings()
    return made.model_copy(update={"design": made.design.model_copy(update=design)})


def test_a_file_of_the_working_folder_takes_the_place_of_no_module(folder_of_shadows: Path) -> None:
    run_once("the child", ["-c", "import queue, random, numpy"])
    gate = "import queue, random, numpy, sys; [print('{}', flush=True) for line in sys.stdin]"
    with _Process("the measured child", ["-c", gate], one_thread=True) as process:
        process.go()
        assert process.answer() == {}
    assert not list(folder_of_shadows.glob("imported_*"))


@pytest.mark.thorough
def test_ours_and_the_physics_are_measured_with_a_profile(tmp_path: Path) -> None:
    rows = ("--rows", "physics,ours", "--profile", "--quick", "--json")
    done = autoreward(tmp_path, "bench", "train", "--env", "inverted_pendulum", *rows)
    assert done.code == 2  # it has no counterpart on the other side
    done = autoreward(tmp_path, "bench", "train", "--env", "hopper", *rows, *SMALL)
    view = json.loads(done.out)
    jsonschema.validate(view, views.schemas()["bench.train"])
    assert done.code == (0 if view["passed"] else 4), done.err
    assert [row["name"] for row in view["rows"]] == ["physics", "ours"]
    assert all(row["rate"]["median"] > 0 and row["peak_memory"] > 2**20 for row in view["rows"])
    assert [(ratio["of"], ratio["to"], ratio["target"]) for ratio in view["ratios"]] == [("ours", "physics", 0.88)]
    assert view["env_steps"] % (8 * 64) == 0
    assert sum(view["profile"].values()) == pytest.approx(1.0, abs=0.01)
    assert {"physics", "policy", "update"} <= {name for name, share in view["profile"].items() if share > 0}
    assert set(view["left_out"]) == {"ours_equal", "sb3", "sb3_tuned"}
    assert view["machine"]["versions"]["mujoco"] == "3.11.0"
    assert view["command"] == "autoreward bench train --env hopper --rounds 1 --rows physics,ours --quick --profile"


@pytest.mark.thorough
@pytest.mark.skipif(find_spec("stable_baselines3") is None, reason="stable-baselines3 is not installed")
def test_stable_baselines3_is_measured_with_one_process_a_core() -> None:
    plan = Plan("hopper", 1, ("ours_equal", "sb3", "sb3_tuned"), quick=True)
    seen: list[str] = []
    view = bench_train(plan, settings(candidates=1, seeds=1), lambda event: seen.append(event.stage))
    rows = {row.name: row for row in view.rows}
    assert rows["sb3"].processes == rows["sb3_tuned"].processes == view.machine.cores
    assert all(row.rate.median > 0 for row in view.rows)
    assert view.env_steps % (view.machine.cores * 2048) == 0
    assert [(ratio.of, ratio.to) for ratio in view.ratios] == [("ours_equal", "sb3_tuned")]
    assert view.passed  # hopper has a target against the physics only, which was not asked for
    assert "hopper: round 1 of 1: sb3" in seen


def test_without_torch_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "find_spec", lambda name: None)
    left_out = train._left_out(Plan("hopper", 1))
    assert set(left_out) == {"sb3", "sb3_tuned"}
    assert "pip install 'autoreward[sb3]'" in left_out["sb3"]


def test_what_cannot_be_measured_is_named() -> None:
    with pytest.raises(UsageError, match="no row torch"):
        bench_train(Plan("hopper", 1, ("torch",)), Settings(), print)
    with pytest.raises(UnknownNameError, match="hoper"):
        bench_train(Plan("hoper", 1, ("ours",)), Settings(), print)
    with pytest.raises(UsageError, match="cpu, not on 'cpu-mjx'"):
        bench_train(Plan("hopper", 1, ("ours",)), Settings(device="cpu-mjx"), print)


def test_a_ratio_is_taken_round_by_round() -> None:
    measured = {
        "ours": Measured((80.0, 45.0, 90.0), 1, None),
        "physics": Measured((100.0, 50.0, 100.0), 1, None),
        "sb3": Measured((5.0, 5.0, 5.0), 1, None),
    }
    ratios = {ratio.to: ratio for ratio in train._ratios("half_cheetah", measured)}
    assert ratios["physics"].ratio == views.Spread(median=0.9, low=0.8, high=0.9)
    assert ratios["physics"].met is True  # 0.9 is at least 0.85
    assert ratios["sb3"].ratio.median == 16.0
    assert set(ratios) == {"physics", "sb3"}


def test_every_target_belongs_to_a_ratio_that_is_shown() -> None:
    assert {(of, to) for _, of, to in TARGETS} <= set(RATIOS)
    assert {env for env, _, _ in TARGETS} == set(TASKS)
    assert {name for pair in RATIOS for name in pair} == set(LABELS)


def test_equal_work_is_ten_epochs_of_minibatches_of_256() -> None:
    same = equal_work(PPOSettings(num_envs=16, num_steps=128, hidden=(32,)))
    assert (same.update_epochs, same.num_minibatches, same.hidden) == (10, 8, (64, 64))  # 2048 / 256 = 8


def test_a_window_divides_evenly_among_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan("ant", 1)
    monkeypatch.setattr(train, "cores", lambda: 2)
    assert plan.iterations(PPOSettings(), 24) == 2  # 24 x 2048 steps each
    assert plan.iterations(PPOSettings(), 1) == 2  # 2 x 2048 is 2 processes x 2048
    monkeypatch.setattr(train, "cores", lambda: 5)
    assert plan.iterations(PPOSettings(), 24) == 5  # 5 x 24 x 2048


@pytest.mark.thorough
def test_few_and_many_candidates_share_the_same_environments() -> None:
    heard: list[str] = []
    small = settings(seeds=1).model_copy(update={"ppo": PPOSettings(num_steps=32)})
    view = bench_population(1, True, small, lambda event: heard.append(event.stage), candidates=(1, 4))
    jsonschema.validate(view.model_dump(mode="json"), views.schemas()["bench.train.population"])
    assert [(row.candidates, row.members, row.num_envs) for row in view.rows] == [(1, 1, 128), (4, 4, 32)]
    assert view.env_steps == 128 * 32
    assert "population: round 1 of 1: 4 candidates" in heard


def test_a_shape_costs_what_it_takes_over_the_median_of_all() -> None:
    shapes = {count: shape(count, PPOSettings()) for count in (1, 8, 32)}
    assert [ppo.num_envs for ppo in shapes.values()] == [128, 16, 4]
    rates = {1: (100.0, 50.0), 8: (80.0, 50.0), 32: (50.0, 25.0)}
    rows = shape_rows({count: Measured(own, 1, None) for count, own in rates.items()}, shapes, seeds=3)
    assert [row.cost.median for row in rows] == [pytest.approx(0.9), pytest.approx(1.0), pytest.approx(1.8)]
    assert [row.met for row in rows] == [True, True, False]
    with pytest.raises(UsageError, match="cannot be divided among 3 candidates"):
        shape(3, PPOSettings())


def test_a_process_that_dies_is_quoted() -> None:
    entry = Entry("broken", [["-c", "raise SystemExit('no such luck')"]], 1)
    with pytest.raises(EnvironmentFailedError, match="'broken' ended with status 1: no such luck"):
        measure([entry], 1, lambda turn: None)
