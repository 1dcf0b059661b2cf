"""`autoreward bench fields`: what the fields of a pack cost in a rollout, where nothing reads them and where all are.

Rollouts of the whole pack and of one that has only what observation, ends and controls need take turns, and processor
time is counted: so what else the machine does moves both alike. An array that only fields read is copied at each step
even so, and memory that only fields read is kept up to date: that is the cost where nothing is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from autoreward.bench.machine import this_machine
from autoreward.environment.pack import Pack, load_pack
from autoreward.environment.random_rollout import draw_actions, draw_noise
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.errors import UsageError
from autoreward.views import FieldCostRow, FieldsBenchView, ProgressEvent, Spread

NUM_ENVS, NUM_STEPS = 64, 100
TARGETS: Mapping[str, float] = {"unread": 0.05, "read": 0.15}  # of a rollout, at most


def bench_fields(env: str, rounds: int, on_event: Callable[[Any], None]) -> FieldsBenchView:
    """Measure the cost of a pack's fields, as shares of a rollout of the same pack without them.

    Args:
        env: a pack, by name or folder.
        rounds: of one rollout of each kind.

    Raises:
        UsageError: it is somebody else's environment.
    """
    pack = load_pack(env)
    if pack.foreign is not None:
        raise UsageError(f"bench fields: {env} is no pack.", "Name a pack, or the folder of one: ./my_robot.")
    envs = [VectorEnv(one, NUM_ENVS, num_threads=1) for one in (without_fields(pack), pack)]
    costs: dict[str, list[float]] = {"unread": [], "read": []}
    for one in envs:
        _timed(one, read=True)  # what is done once is done
    for turn in range(rounds):
        on_event(ProgressEvent(stage=f"fields: round {turn + 1} of {rounds}"))
        bare = _timed(envs[0], read=False)
        for kind in costs:
            costs[kind].append(_timed(envs[1], read=kind == "read") / bare - 1.0)
    spreads = {kind: Spread.of(ratios) for kind, ratios in costs.items()}
    rows = tuple(
        FieldCostRow(kind=kind, cost=cost, target=TARGETS[kind], met=cost.median <= TARGETS[kind])
        for kind, cost in spreads.items()
    )
    return FieldsBenchView(
        env=pack.name,
        machine=this_machine(),
        rounds=rounds,
        fields=len(pack.fields_declared),
        rows=rows,
        passed=all(row.met for row in rows),
    )


def without_fields(pack: Pack) -> Pack:
    """The pack with only those arrays and that memory which observation, ends, controls and value networks need.

    Memory of which these need no more than the last action and what a reset draws is kept without its memory(); else
    all of it is.
    """
    rollout, drawn = _one_step(pack)
    arrays: set[str] = set()
    entries: set[str] = set()
    data, memory = _Told(rollout.after, arrays), _Read(rollout.memory_after, entries)
    for call in (pack.observation, pack.terminated, pack.privileged):
        if call is not None:
            call(np, data, memory)
    if pack.control is not None:
        pack.control(np, data, memory, rollout.action)
    simple = entries <= {"last_action", *drawn}
    if pack.memory is not None and not simple:
        pack.memory(np, None, data, None)
        pack.memory(np, rollout.memory_after, data, rollout.action)
    shapes = {name: rollout.memory_after[name].shape[2:] for name in entries}
    return replace(
        pack,
        data=tuple(name for name in pack.data if name in arrays),
        memory=_kept(shapes) if simple else pack.memory,
        fields=lambda xp, data, memory: {},
        fields_declared=(),
    )


def _kept(shapes: Mapping[str, tuple[int, ...]]) -> Callable[..., dict[str, Any]]:
    """memory() for the last action and what a reset draws."""

    def memory(xp: Any, previous: Any, data: Any, action: Any) -> dict[str, Any]:
        if previous is None:
            return {name: xp.zeros((*data.qpos.shape[:-1], *shape)) for name, shape in shapes.items()}
        return {name: action.astype(data.qpos.dtype) if name == "last_action" else previous[name] for name in shapes}

    return memory


def _one_step(pack: Pack) -> tuple[Rollout, frozenset[str]]:
    """A step of two environments, and the names of what a reset draws."""
    rng, env = np.random.default_rng(0), VectorEnv(pack, 2, num_threads=1)
    noise = draw_noise(rng, 2, env.noise_size)
    env.reset(noise)
    rollout = env.new_rollout(1)
    env.step(draw_actions(rng, env.actions, 2), rollout, 0, noise)
    env.finish(rollout)
    start: tuple[Any, ...] = pack.reset(np, env.start, noise)
    return rollout, frozenset(start[2] if len(start) == 3 else ())


def _timed(env: VectorEnv, read: bool) -> float:
    """Processor seconds of a rollout, all the same whenever it is called."""
    rng = np.random.default_rng(0)
    actions = [draw_actions(rng, env.actions, NUM_ENVS) for _ in range(NUM_STEPS)]
    noise = [draw_noise(rng, NUM_ENVS, env.noise_size) for _ in range(NUM_STEPS)]
    env.reset(noise[0])
    began = time.process_time()
    rollout = env.new_rollout(NUM_STEPS)
    for t in range(NUM_STEPS):
        env.step(actions[t], rollout, t, noise[t])
    env.finish(rollout)
    if read:
        for after in (False, True):
            fields = env.fields(rollout, after)
            for one in env.pack.fields_declared:
                fields[one.name]
    return time.process_time() - began


class _Told(SimpleNamespace):
    """MuJoCo's arrays by attribute; `read` has the names of those that were asked for."""

    def __init__(self, arrays: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(**arrays)
        self.__dict__["_read"] = read

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            object.__getattribute__(self, "_read").add(name)
        return super().__getattribute__(name)


class _Read(dict[str, Any]):
    """Memory; `read` has the names of the entries that were asked for."""

    def __init__(self, entries: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(entries)
        self._read = read

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return super().__getitem__(name)
