"""The stable-baselines3 side of `autoreward bench learn`: trained once, stored, and trained again when asked for.

One file a Gymnasium environment in `learn_baseline/`, one line a training; the README there says how they are made.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from autoreward.bench.sb3_baseline import EVALUATION_EPISODES
from autoreward.environment.pack import load_pack
from autoreward.errors import EnvironmentFailedError, StorageError
from autoreward.intervals import interval
from autoreward.process_environment import child_command, cores, worker_environment
from autoreward.records import Fitness
from autoreward.views import LearnRow, ProgressEvent

VARIANTS = {"defaults": "stable-baselines3 PPO, defaults", "vecnormalize": "stable-baselines3 PPO, VecNormalize"}
SEEDS = range(5)
FOLDER = Path(__file__).with_name("learn_baseline")

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """A task that both sides learn.

    The success of an episode is its x displacement [m] over `per`: 1 where the task asks for a displacement, its whole
    duration [s] where it asks for a mean speed. An episode that ends early stands still after it.
    """

    env: str
    gymnasium_id: str
    per: float = 1.0
    task: str = "forward"


SUBJECTS = {
    "half_cheetah": Subject("half_cheetah", "HalfCheetah-v5"),
    "hopper": Subject("hopper", "Hopper-v5"),
    "ant": Subject("ant", "Ant-v5", per=50.0),  # [s], 1000 steps of 0.05 s
}


def check_stored(subjects: Iterable[Subject], folder: Path = FOLDER) -> None:
    """Find out before anything is trained whether there is something to compare with.

    Raises:
        EnvironmentFailedError: nothing is stored for one of them; the remedy says how to make it.
    """
    for subject in subjects:
        if not (folder / f"{subject.gymnasium_id}.jsonl").is_file():
            raise EnvironmentFailedError(
                f"{subject.env}: no stable-baselines3 baseline is stored for {subject.gymnasium_id}.",
                f"Train it (hours; needs the extra sb3): autoreward bench learn --env {subject.env} --fresh-baseline",
            )


def stored(subject: Subject, n_timesteps: int, folder: Path = FOLDER) -> list[Record]:
    """The stored trainings.

    Args:
        n_timesteps: environment steps of each, as on our side.

    Raises:
        EnvironmentFailedError: there are none, or they were made with another number of steps.
    """
    check_stored([subject], folder)
    text = (folder / f"{subject.gymnasium_id}.jsonl").read_text(encoding="utf-8")
    records: list[Record] = [json.loads(line) for line in text.splitlines() if line.strip()]
    steps = {record["n_timesteps"] for record in records}
    if steps != {n_timesteps}:
        raise EnvironmentFailedError(
            f"The stored baseline of {subject.gymnasium_id} was trained for {', '.join(map(str, steps)) or 'no'} "
            f"steps, not {n_timesteps}.",
            "Compare at equal steps: leave -n away, or train the baseline again with --fresh-baseline.",
        )
    return records


def rows(subject: Subject, records: Sequence[Record]) -> list[LearnRow]:
    """A row for each variant that has records."""
    present = [variant for variant in VARIANTS if any(record["variant"] == variant for record in records)]
    return [row(subject, records, variant) for variant in present]


def row(subject: Subject, records: Sequence[Record], variant: str) -> LearnRow:
    """One variant's row: the better of its last policies and of its best checkpoints, so that nothing is held back."""
    trained = [record for record in records if record["variant"] == variant]
    measured = ("displacement_last", "displacement_best_checkpoint")
    best = max((_over_seeds(trained, name, subject.per) for name in measured), key=lambda fitness: fitness.mean)
    seconds = sum(record["n_timesteps"] / record["steps_per_second"] for record in trained)
    return LearnRow(trainer=VARIANTS[variant], fitness=best, env_steps=trained[0]["n_timesteps"], seconds=seconds)


def train_fresh(
    subject: Subject, n_timesteps: int, on_event: Callable[[Any], None], folder: Path = FOLDER
) -> list[Record]:
    """Train every variant and seed, one process each, one a core, and store the records.

    Raises:
        EnvironmentFailedError: a training failed.
        StorageError: the records cannot be written.
    """
    wanted = [(variant, seed) for seed in SEEDS for variant in VARIANTS]
    records: list[Record] = []
    with ThreadPoolExecutor(cores()) as pool:
        for record in pool.map(partial(_train, subject, n_timesteps), wanted):
            records.append(record)
            stage = f"training stable-baselines3 on {subject.gymnasium_id}"
            on_event(ProgressEvent(stage=stage, done=len(records), total=len(wanted), counted="trainings"))
    file = folder / f"{subject.gymnasium_id}.jsonl"
    try:
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.") from error
    return records


def _over_seeds(records: Sequence[Record], kind: str, per: float) -> Fitness:
    means = [sum(record[kind]) / len(record[kind]) / per for record in records]
    fitness = interval(means, EVALUATION_EPISODES * len(means))
    assert fitness is not None  # a variant has records
    return fitness


def _train(subject: Subject, n_timesteps: int, wanted: tuple[str, int]) -> Record:
    variant, seed = wanted
    arguments = json.dumps(dict(load_pack(subject.env).mirror_arguments))
    command = child_command(
        "-m", "autoreward.bench.sb3_baseline", "--env", subject.gymnasium_id, "--env-arguments", arguments,
        "--variant", variant, "--seed", str(seed), "-n", str(n_timesteps),
    )  # fmt: skip
    done = subprocess.run(command, env=worker_environment(OMP_NUM_THREADS="1"), capture_output=True, text=True)
    if done.returncode != 0:
        raise EnvironmentFailedError(
            f"stable-baselines3 ({subject.gymnasium_id}, {variant}, seed {seed}) failed: {done.stderr[-1_000:]}",
            "It needs the extra: pip install 'autoreward[sb3]'.",
        )
    record: Record = json.loads(done.stdout)
    return record
