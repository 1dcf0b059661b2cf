"""The learning benchmark: what is stored is complete, is compared at equal steps only, and in the unit of the task."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autoreward.bench import baselines
from autoreward.bench.baselines import SEEDS, SUBJECTS, VARIANTS
from autoreward.bench.sb3_baseline import EVALUATION_EPISODES
from autoreward.environment.pack import load_pack
from autoreward.environment.task import load_task
from autoreward.errors import EnvironmentFailedError

STEPS = 1_000_000
RECORDS = [
    {"variant": "defaults", "seed": seed, "n_timesteps": 10, "steps_per_second": 5.0, **measured}
    for seed, measured in enumerate(
        [
            {"displacement_last": [1.0, 3.0], "displacement_best_checkpoint": [5.0, 7.0]},
            {"displacement_last": [2.0, 2.0], "displacement_best_checkpoint": [3.0, 5.0]},
        ]
    )
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a few trainings in hopper are stored, as `cat` puts them there, and nothing else."""
    text = "".join(json.dumps(record) + "\n" for record in RECORDS)
    (tmp_path / "Hopper-v5.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_stored_baseline_of_half_cheetah_has_every_variant_and_seed() -> None:
    records = baselines.stored(SUBJECTS["half_cheetah"], STEPS)
    found = {(record["variant"], record["seed"]) for record in records}
    assert found == {(variant, seed) for variant in VARIANTS for seed in SEEDS}


@pytest.mark.parametrize("file", sorted(baselines.FOLDER.glob("*.jsonl")), ids=lambda file: file.stem)
def test_stored_trainings_are_complete(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert record["env"] == file.stem
        assert len(record["displacement_last"]) == len(record["displacement_best_checkpoint"]) == EVALUATION_EPISODES
        assert {"stable-baselines3", "torch", "gymnasium", "mujoco"} <= set(record["versions"])


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=lambda subject: subject.env)
def test_both_sides_are_measured_in_the_unit_of_the_task(subject: baselines.Subject) -> None:
    pack = load_pack(subject.env)
    metric = load_task(pack, subject.task).metric
    assert metric is not None
    assert pack.mirrors == subject.gymnasium_id
    duration = pack.horizon * pack.control_period
    assert subject.per == {"m": 1.0, "m/s": pytest.approx(duration)}[metric.unit]


def test_a_row_shows_the_better_kind_of_policy() -> None:
    row = baselines.row(SUBJECTS["hopper"], RECORDS, "defaults")
    assert row.fitness.mean == 5.0  # best checkpoints: means 6 and 4; last policies: 2 and 2
    assert row.fitness.seeds == 2
    assert row.env_steps == 10
    assert row.seconds == 4.0


def test_a_mean_speed_is_the_displacement_over_the_whole_time() -> None:
    row = baselines.row(SUBJECTS["ant"], RECORDS, "defaults")
    assert row.fitness.mean == pytest.approx(0.1)  # 5 m in 50 s


def test_fewer_seeds_and_variants_are_shown_as_what_they_are(folder: Path) -> None:
    records = baselines.stored(SUBJECTS["hopper"], 10, folder)
    rows = baselines.rows(SUBJECTS["hopper"], records)
    assert [(row.trainer, row.fitness.seeds) for row in rows] == [(VARIANTS["defaults"], 2)]


def test_other_steps_are_not_compared() -> None:
    with pytest.raises(EnvironmentFailedError, match="trained for 1000000 steps, not 5"):
        baselines.stored(SUBJECTS["half_cheetah"], 5)


def test_what_is_not_stored_is_named_with_the_way_to_make_it(folder: Path) -> None:
    with pytest.raises(EnvironmentFailedError, match=r"ant: no .* is stored for Ant-v5") as caught:
        baselines.check_stored(SUBJECTS.values(), _with(folder, "HalfCheetah-v5"))
    assert "autoreward bench learn --env ant --fresh-baseline" in caught.value.remedy


def _with(folder: Path, name: str) -> Path:
    (folder / f"{name}.jsonl").touch()
    return folder
