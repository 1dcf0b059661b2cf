"""The batches a program is probed on: real transitions, and states wider than any that was seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from autoreward.records import EnvSpec, FieldSpec, Transitions

REAL_ROWS = 192
WIDE_ROWS = 128
MANY_ROWS = 3_000  # beyond the size of any probe a program may know of
SEED = 20_240_229


def probe_rows(transitions: Transitions, env: EnvSpec) -> tuple[Transitions, int]:
    """Real rows followed by wide rows, float32, and the number of real ones.

    Wide rows draw each entry uniformly from the field's range, widened by its width to both sides. A field that is
    never negative stays so, and one that is only ever 0 or 1 stays 0 or 1.
    """
    generator = np.random.default_rng(SEED)
    count = transitions.action.shape[0]
    rows = np.arange(count) if count <= REAL_ROWS else np.sort(generator.choice(count, REAL_ROWS, replace=False))
    wide = {field.name: _wide(np.asarray(transitions.next_state[field.name]), field, generator) for field in env.fields}
    later = {name: _wide(np.asarray(array), env.field(name), generator) for name, array in transitions.state.items()}
    low, high = np.asarray(env.action_low), np.asarray(env.action_high)
    action = generator.uniform(low, high, (WIDE_ROWS, env.action_size))
    joined = Transitions(
        state={name: _join(transitions.state[name][rows], later[name]) for name in later},
        action=_join(transitions.action[rows], action),
        next_state={name: _join(transitions.next_state[name][rows], wide[name]) for name in wide},
    )
    return joined, len(rows)


def _wide(seen: NDArray[Any], field: FieldSpec | None, generator: Generator) -> NDArray[Any]:
    shape = (WIDE_ROWS, *seen.shape[1:])
    if np.isin(seen, (0.0, 1.0)).all() and (field is None or field.low in (None, 0.0)):
        return generator.integers(0, 2, shape).astype(np.float32)
    low, high = float(seen.min()), float(seen.max())
    if field is not None and field.low is not None and field.high is not None:
        low, high = min(low, field.low), max(high, field.high)
    width = max(high - low, 1e-3)
    wide_low = low - width if low < 0.0 else max(low - width, 0.0)
    return generator.uniform(wide_low, high + width, shape).astype(np.float32)


def _join(real: NDArray[Any], wide: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([np.asarray(real, np.float32), np.asarray(wide, np.float32)])
