"""`autoreward bench learn`: does our trainer learn? Our PPO beside stable-baselines3 PPO at equal environment steps.

Both sides get the human-written reward of half_cheetah/forward and the same number of steps a seed, and are measured by
the same metric, x displacement [m] in evaluation episodes under the deterministic policy. The stable-baselines3 side
takes an hour; its numbers are stored in `learn_baseline.json` with the command and the versions that made them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from autoreward.bench.sb3_baseline import EVALUATION_EPISODES
from autoreward.config import Settings, worker_environment
from autoreward.errors import EnvironmentFailedError, StorageError
from autoreward.intervals import interval
from autoreward.physics.world import open_world
from autoreward.records import Fitness
from autoreward.search.final import HUMAN
from autoreward.search.stages import train_files
from autoreward.views import LearnRow, LearnView, ProgressEvent, TrainView

ENV, TASK, GYMNASIUM_ID = "half_cheetah", "forward", "HalfCheetah-v5"
VARIANTS = {"defaults": "stable-baselines3 PPO, defaults", "vecnormalize": "stable-baselines3 PPO, VecNormalize"}
BASELINE_SEEDS = range(5)
BASELINE = Path(__file__).with_name("learn_baseline.json")

OnEvent = Callable[[Any], None]
Record = Mapping[str, Any]


def learn(seeds: int, n_timesteps: int, fresh_baseline: bool, settings: Settings, on_event: OnEvent) -> LearnView:
    """Train our side, and put it beside the stored or freshly trained baseline.

    Args:
        seeds: of our side, from 0 on.
        n_timesteps: environment steps a seed, on both sides.
        fresh_baseline: train stable-baselines3 again and store its numbers.

    Raises:
        EnvironmentFailedError: a baseline training failed, or the stored one has another number of steps.
    """
    stored = _fresh_baseline(n_timesteps, on_event) if fresh_baseline else stored_baseline(n_timesteps)
    design = settings.design.model_copy(update={"seeds": seeds, "n_timesteps": n_timesteps})
    trained = train_files(
        [HUMAN], open_world(ENV, TASK), TASK, None, settings.model_copy(update={"design": design}), on_event
    )
    ours = _our_row(trained, seeds, n_timesteps, settings.design.evaluation_episodes)
    rows = [ours, *(baseline_row(stored, variant) for variant in VARIANTS)]
    passed = ours.fitness.mean >= max(row.fitness.mean for row in rows[1:])
    return LearnView(env=ENV, task=TASK, rows=tuple(rows), passed=passed)


def stored_baseline(n_timesteps: int) -> list[Record]:
    """The committed records of the stable-baselines3 side.

    Raises:
        EnvironmentFailedError: they were made with another number of steps.
    """
    records: list[Record] = json.loads(BASELINE.read_text(encoding="utf-8"))["records"]
    steps = {record["n_timesteps"] for record in records}
    if steps != {n_timesteps}:
        raise EnvironmentFailedError(
            f"The stored baseline was trained for {', '.join(map(str, steps))} steps, not {n_timesteps}.",
            "Compare at equal steps: leave -n away, or train the baseline again with --fresh-baseline.",
        )
    return records


def baseline_row(records: Sequence[Record], variant: str) -> LearnRow:
    """One variant's row: the better of its last policies and of its best checkpoints, so that nothing is held back."""
    own = [record for record in records if record["variant"] == variant]
    kinds = [_over_seeds(own, kind) for kind in ("displacement_last", "displacement_best_checkpoint")]
    best = max(kinds, key=lambda fitness: fitness.mean)
    seconds = sum(record["n_timesteps"] / record["steps_per_second"] for record in own)
    return LearnRow(trainer=VARIANTS[variant], fitness=best, env_steps=own[0]["n_timesteps"], seconds=seconds)


def _our_row(trained: TrainView, seeds: int, n_timesteps: int, episodes: int) -> LearnRow:
    own = [line.success for line in trained.lines if line.seed is not None and line.seed < seeds]
    successes = [success for success in own if success is not None]
    fitness = interval(successes, len(successes) * episodes)
    if fitness is None or len(successes) < seeds:
        raise EnvironmentFailedError(f"Only {len(successes)} of {seeds} members of our side were trained.")
    return LearnRow(
        trainer="autoreward population PPO, defaults", fitness=fitness, env_steps=n_timesteps,
        seconds=trained.totals.seconds,
    )  # fmt: skip


def _over_seeds(records: Sequence[Record], kind: str) -> Fitness:
    means = [sum(record[kind]) / len(record[kind]) for record in records]
    fitness = interval(means, EVALUATION_EPISODES * len(means))
    assert fitness is not None  # a variant has records
    return fitness


def _fresh_baseline(n_timesteps: int, on_event: OnEvent) -> list[Record]:
    """Train every variant and seed, one process each, one a core, and store the records."""
    wanted = [(variant, seed) for seed in BASELINE_SEEDS for variant in VARIANTS]
    records = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for record in pool.map(partial(_baseline_process, n_timesteps), wanted):
            records.append(record)
            on_event(ProgressEvent(stage="training stable-baselines3", done=len(records), total=len(wanted)))
    command = f"autoreward bench learn --fresh-baseline -n {n_timesteps}"
    text = json.dumps({"command": command, "records": records}, indent=1)
    try:
        BASELINE.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{BASELINE} cannot be written: {error.strerror}.") from error
    return records


def _baseline_process(n_timesteps: int, wanted: tuple[str, int]) -> Record:
    variant, seed = wanted
    command = [
        sys.executable, "-m", "autoreward.bench.sb3_baseline", "--env", GYMNASIUM_ID, "--variant", variant,
        "--seed", str(seed), "-n", str(n_timesteps),
    ]  # fmt: skip
    done = subprocess.run(command, env=worker_environment(OMP_NUM_THREADS="1"), capture_output=True, text=True)
    if done.returncode != 0:
        raise EnvironmentFailedError(
            f"stable-baselines3 ({variant}, seed {seed}) failed: {done.stderr[-1_000:]}",
            "It needs the extra: pip install 'autoreward[sb3]'.",
        )
    record: Record = json.loads(done.stdout)
    return record
