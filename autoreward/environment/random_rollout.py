"""Opening an environment by random rollouts: the transitions that the critic probes rewards on, each field's range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32
from numpy.typing import NDArray

from autoreward.environment.declarations import ActionRange
from autoreward.environment.environment import Environment
from autoreward.environment.foreign.opening import open_foreign
from autoreward.environment.foreign.reference import is_reference
from autoreward.environment.pack import FRAMEWORK_FIELDS, Noise, Pack, load_pack
from autoreward.environment.randomised_ranges import in_words
from autoreward.environment.simulation.model import refusal
from autoreward.environment.start_facts import observation_order, slack_facts, slack_rollout, start_facts
from autoreward.environment.task import pack_for_task
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.records import EnvSpec, FieldSpec, Transitions

NUM_ENVS = 32
NUM_STEPS = 128
SLACK_ENVS = 4  # robots that are left with slack motors
QUANTILES = (0.05, 0.5, 0.95)
SEED = 20_261_120  # far from training and evaluation seeds


def open_environment(env: str, task: str | None = None) -> Environment:
    """Load a pack, as the task wants it, and run it at random for a moment; somebody else's in a process of its own.

    Raises:
        UnknownNameError: there is no such environment or task.
        EnvironmentFailedError: the pack or its model is broken.
    """
    if is_reference(env):
        return open_foreign(env)
    pack = pack_for_task(load_pack(env), task)
    vector_env, rollout = random_rollout(pack)
    transitions = flatten_transitions(vector_env, rollout)
    slack_env = VectorEnv(pack, SLACK_ENVS)
    slack = slack_rollout(slack_env, SEED)
    fields = slack_env.fields(slack, after=True)
    slack_words = slack_facts(slack_env, slack, fields, pack.fields_declared)
    spec = describe_environment(pack, vector_env, transitions, slack_words)
    return Environment(pack, spec, transitions, _first_episodes(slack, flatten_transitions(slack_env, slack)))


def random_rollout(pack: Pack, num_envs: int = NUM_ENVS, num_steps: int = NUM_STEPS) -> tuple[VectorEnv, Rollout]:
    """A rollout under uniformly random actions; each action is held for 1 to 4 steps, so that the robot moves.

    The model is the nominal one, also where the pack randomises it.

    Raises:
        EnvironmentFailedError: MuJoCo computes no step of it.
    """
    env = VectorEnv(pack, num_envs)
    rng = np.random.default_rng(SEED)
    env.reset(draw_noise(rng, num_envs, env.noise_size))
    rollout = env.new_rollout(num_steps)
    held = 1 + np.arange(num_envs) % 4
    action = draw_actions(rng, env.actions, num_envs)
    for t in range(num_steps):
        fresh = draw_actions(rng, env.actions, num_envs)
        action = np.where((t % held == 0)[:, None], fresh, action)
        env.step(action, rollout, t, draw_noise(rng, num_envs, env.noise_size))
    if env.refused and bool(rollout.diverged.all()):
        raise refusal(pack.name, next(iter(env.refused.values())))
    env.finish(rollout)
    return env, rollout


def _first_episodes(rollout: Rollout, transitions: Transitions) -> Transitions:
    """The rows of the first episode of each environment."""
    ends = np.cumsum(rollout.ended, axis=0) - rollout.ended
    kept = (ends == 0).reshape(-1)
    return Transitions(
        state={name: array[kept] for name, array in transitions.state.items()},
        action=transitions.action[kept],
        next_state={name: array[kept] for name, array in transitions.next_state.items()},
    )


def flatten_transitions(env: VectorEnv, rollout: Rollout) -> Transitions:
    """The rollout as flat transitions `[T * N, ...]` in float32."""

    def flat(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        return {name: array.reshape(-1, *array.shape[2:]) for name, array in arrays.items()}

    return Transitions(
        state=flat(env.fields(rollout, after=False)),
        action=rollout.action.reshape(-1, rollout.action.shape[-1]),
        next_state=flat(env.fields(rollout, after=True)),
    )


def describe_environment(pack: Pack, env: VectorEnv, transitions: Transitions, slack: str = "") -> EnvSpec:
    """The environment as a designer sees it, with the range of every field seen in `transitions`.

    Args:
        slack: what becomes of the robot with slack motors, in words.
    """
    framework = (
        FieldSpec(
            name="observation", shape=(pack.observation_size,), unit="mixed", meaning="what the policy sees, unscaled"
        ),
        FieldSpec(
            name="last_action", shape=env.actions.low.shape, meaning="the action before this state; 0 after reset",
            observable=pack.observes_last_action,
        ),
        *FRAMEWORK_FIELDS,
    )  # fmt: skip
    declared = (*pack.fields_declared, *framework)
    order = observation_order(transitions.state, pack.fields_declared, pack.observed)
    return EnvSpec(
        name=pack.name,
        title=pack.title,
        description=pack.description,
        fields=tuple(_measured(field, transitions) for field in declared),
        directions=pack.directions,
        action_size=env.actions.low.size,
        action_low=tuple(env.actions.low.tolist()),
        action_high=tuple(env.actions.high.tolist()),
        action_meaning=pack.action,
        observation_size=pack.observation_size,
        horizon=env.horizon,
        control_period=pack.control_period,
        gamma=pack.gamma,
        termination=pack.termination,
        bounds=pack.bounds,
        body="\n".join(line for line in (env.body, start_facts(env, SEED), slack, order) if line),
        mirrors=pack.mirrors,
        mirror_arguments=pack.mirror_arguments,
        notes=in_words(pack.randomise),
        randomised=pack.randomise,
    )


def draw_noise(rng: Any, rows: int, size: int) -> Noise:
    """Reset noise for `rows` environments."""
    return Noise(rng.uniform(-1.0, 1.0, (rows, size)), rng.standard_normal((rows, size)))


def draw_actions(rng: Any, actions: ActionRange, rows: int) -> Float32[np.ndarray, "{rows} A"]:
    """Uniform actions; one-hot rows of choices, and standard normal numbers where there are no limits."""
    if actions.choices:
        return np.concatenate(
            [np.eye(size, dtype=np.float32)[rng.integers(size, size=rows)] for size in actions.choices], axis=1
        )
    free = actions.free
    drawn = rng.uniform(np.where(free, -1.0, actions.low), np.where(free, 1.0, actions.high), (rows, free.size))
    if free.any():
        drawn = np.clip(np.where(free, rng.standard_normal(drawn.shape), drawn), actions.low, actions.high)
    return np.asarray(drawn, np.float32)


def with_range(field: FieldSpec, values: NDArray[Any]) -> FieldSpec:
    """A field with the range of its `values` `[S, *shape]`."""
    named = len(field.shape) == 1 and len(field.components) == field.shape[0]
    entries = np.quantile(values.reshape(len(values), -1), QUANTILES, axis=0).T if named else ()
    low, high = (_rounded(float(bound)) for bound in (values.min(), values.max()))
    quantiles = tuple((_rounded(float(a)), _rounded(float(b)), _rounded(float(c))) for a, b, c in entries)
    return field.model_copy(update={"low": low, "high": high, "quantiles": quantiles})


def _measured(field: FieldSpec, transitions: Transitions) -> FieldSpec:
    """A field with its range and, a scalar, with its mean where episodes start."""
    field = with_range(field, transitions.next_state[field.name])
    starts = transitions.state["time"] == 0.0
    if field.shape not in ((), (1,)) or field.next_state_only or not starts.any():
        return field
    return field.model_copy(update={"rest": _rounded(float(transitions.state[field.name][starts].mean()))})


def _rounded(value: float) -> float:
    return float(f"{value + 0.0:.3g}")
