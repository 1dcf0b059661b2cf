"""Stored and hand-made trajectories as metrics see them: fields `[T, N, ...]` of next_state, and valid `[T, N]`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from autoreward.critic import check_metric
from autoreward.environment.environment import Environment
from autoreward.environment.lazy_fields import computed
from autoreward.environment.pack import data_view
from autoreward.environment.simulation.model import load_model
from autoreward.environment.task import load_task
from autoreward.reward.program import MetricProgram
from autoreward.reward.sandbox.sandbox import Sandbox

DATA = Path(__file__).resolve().parent.parent / "data"
Array = Any


def stored_states(name: str) -> dict[str, dict[str, Array]]:
    """Cases of a file: qpos `[1 + T, nq]` and qvel `[1 + T, nv]`, row 0 being the state after the reset."""
    cases: dict[str, dict[str, Array]] = {}
    with np.load(DATA / f"{name}.npz") as file:
        for key in file.files:
            case, _, array = key.partition("/")
            cases.setdefault(case, {})[array] = file[key].astype(np.float64)
    return cases


def fields_of(environment: Environment, states: Mapping[str, Array]) -> dict[str, Array]:
    """The pack's own fields `[T, 1, ...]` float32 of the states after row 0, computed with its memory."""
    rows = [data_view({name: array[None] for name, array in row.items()}) for row in _rows(environment, states)]
    memory = environment.pack.memory(np, None, rows[0], None) if environment.pack.memory else {}
    made = []
    for row in rows[1:]:
        memory = environment.pack.memory(np, memory, row, None) if environment.pack.memory else {}
        made.append(computed(environment.pack.fields(np, row, memory)))
    fields = {name: np.stack([one[name] for one in made]).astype(np.float32) for name in made[0]}
    return fields | {"terminated": np.zeros((len(made), 1), np.float32)}


class Measure:
    """Success and progress of single episodes under a task's metric, checked and compiled as in a run."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._metrics: dict[tuple[str, str, int], MetricProgram] = {}

    def __call__(
        self, environment: Environment, task: str, fields: Mapping[str, Array], length: int | None = None
    ) -> tuple[float, float]:
        """Measure one episode of `length` steps (all by default); fields are `[T, 1, ...]`."""
        steps = len(next(iter(fields.values())))
        metric = self._metric(environment, task, steps)
        arrays = {**fields, "valid": (np.arange(steps)[:, None] < (length or steps)).astype(np.float32)}
        success, progress = metric({name: arrays[name] for name in metric.inputs})
        return float(success[0]), float(progress[0])

    def _metric(self, environment: Environment, task: str, steps: int) -> MetricProgram:
        key = (environment.pack.name, task, steps)
        if key not in self._metrics:
            spec = load_task(environment.pack, task).metric
            assert spec is not None
            self._metrics[key] = MetricProgram(check_metric(spec.code, environment.spec, steps, self._sandbox))
        return self._metrics[key]


def _rows(environment: Environment, states: Mapping[str, Array]) -> list[dict[str, Array]]:
    """The MuJoCo arrays that the pack reads, derived from every qpos and qvel."""
    model = load_model(environment.pack)
    data = mujoco.MjData(model)
    rows = []
    for qpos, qvel in zip(states["qpos"], states["qvel"], strict=True):
        data.qpos[:], data.qvel[:] = qpos, qvel
        mujoco.mj_forward(model, data)
        rows.append({name: np.array(getattr(data, name)) for name in environment.pack.data})
    return rows
