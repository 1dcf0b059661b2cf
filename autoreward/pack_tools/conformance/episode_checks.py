"""Checks of whole episodes: what a pack does under random and extreme actions, over resets and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from autoreward.environment.pack import Pack, data_view
from autoreward.environment.random_rollout import draw_actions
from autoreward.environment.simulation.model import refusal
from autoreward.environment.vector_env import Rollout, VectorEnv
from autoreward.pack_tools.conformance.subject import Subject, draw, error, warning
from autoreward.records import Finding

ENVS, STEPS = 8, 64
HORIZON = 24  # short, so that episodes begin anew within the rollout
OFTEN = 0.02  # share of steps in which a simulation may diverge before it is an error


@dataclass(frozen=True)
class Played:
    """A rollout with its fields."""

    env: VectorEnv
    rollout: Rollout
    state: dict[str, Float32[np.ndarray, "T N ..."]]
    next_state: dict[str, Float32[np.ndarray, "T N ..."]]


def check_episodes(subject: Subject) -> Iterator[Finding]:
    """All findings of whole episodes.

    Raises:
        EnvironmentFailedError: the pack cannot be stepped at all.
    """
    played = play(subject.pack, "random")
    yield from _diverged(subject.pack, played, "random actions")
    yield from _finite(subject.pack, played)
    yield from _constant(subject.pack, played)
    yield from _memory_is_carried(subject.pack, played)
    yield from _memory_in_step(subject.pack, played)
    yield from _repeats(subject.pack, played)
    for extreme in ("low", "high"):
        held = play(subject.pack, extreme)
        yield from _diverged(subject.pack, held, f"the {extreme}est actions")
        yield from _finite(subject.pack, held)
    yield from _randomised(subject.pack, played)


def play(pack: Pack, actions: str, models: float | None = None) -> Played:
    """A rollout under "random", or always the "low" or "high" actions.

    Args:
        models: where in the pack's ranges all models lie, 0 low and 1 high; None: the nominal model.
    """
    env = VectorEnv(pack, ENVS, horizon=min(HORIZON, pack.horizon), num_threads=1)
    rng = np.random.default_rng(3)
    if models is not None:
        env.randomise(np.full((ENVS, env.model_numbers), models))
    env.reset(draw(ENVS, env.noise_size, seed=0))
    rollout = env.new_rollout(STEPS)
    held = {"low": env.actions.low, "high": env.actions.high}
    for t in range(STEPS):
        drawn = draw_actions(rng, env.actions, ENVS)
        action = np.tile(held[actions], (ENVS, 1)) if actions in held else drawn
        env.step(action, rollout, t, draw(ENVS, env.noise_size, seed=1 + t))
    env.finish(rollout)
    return Played(env, rollout, dict(env.fields(rollout, after=False)), dict(env.fields(rollout, after=True)))


def _diverged(pack: Pack, played: Played, actions: str) -> Iterator[Finding]:
    share = float(played.rollout.diverged.mean())
    if share > 0:
        message = f"the simulation diverged in {share:.1%} of the steps under {actions}"
        if refused := played.env.refused:
            failure = refusal(pack.name, next(iter(refused.values())))
            yield Finding(rule="pack.simulation", severity="error", message=failure.message, remedy=failure.remedy)
            return
        remedy = "Try a smaller timestep, integrator='implicitfast', more joint damping, or a narrower ACTION_RANGE."
        yield (error if share > OFTEN else warning)(pack, "diverged", message, remedy)


def _randomised(pack: Pack, nominal: Played) -> Iterator[Finding]:
    """At both ends of the declared ranges the simulation stays sound, and each of them changes how the robot moves."""
    for one in pack.randomise:
        ends = [play(replace(pack, randomise=(one,)), "random", end).rollout for end in (0.0, 1.0)]
        what = f"RANDOMISE: {one.quantity} of {', '.join(one.of)}"
        if one.quantity != "push" and not any(_differ(rollout, nominal.rollout) for rollout in ends):
            message = f"{what} changes nothing in {STEPS} random steps"
            remedy = "Does it act at all? A contact takes the greater friction of its two geoms: name both, or all."
            yield warning(pack, "randomise", message, remedy)
        if one.kind == "scale" and not one.low <= 1.0 <= one.high:
            message = f"{what} is scaled by {one.low:g} to {one.high:g}, which leaves the model's own number out"
            yield warning(pack, "randomise", message, "Exports have the model's own: let the range contain 1.")
    for end, name in ((0.0, "lowest"), (1.0, "highest")) if pack.randomise else ():
        played = play(pack, "random", end)
        yield from _diverged(pack, played, f"random actions with the {name} numbers of RANDOMISE")
        yield from _finite(pack, played)


def _differ(one: Rollout, other: Rollout) -> bool:
    """Whether the robots moved, or saw, otherwise."""
    moved = not np.array_equal(one.after["qpos"], other.after["qpos"])
    return moved or not np.array_equal(one.next_observation, other.next_observation)


def _finite(pack: Pack, played: Played) -> Iterator[Finding]:
    for name, array in played.next_state.items():
        if not np.isfinite(array).all():
            function = "observation" if name == "observation" else "fields"
            message = f"{function}() gives {name} values that are not finite after some steps"
            yield error(pack, function, message, "Guard divisions, roots and logarithms: xp.maximum(x, 1e-6).")


def _constant(pack: Pack, played: Played) -> Iterator[Finding]:
    for field in pack.fields_declared:
        array = played.next_state[field.name]
        if array.size and np.ptp(array) == 0 and not field.constant:
            message = f"fields() gives {field.name} the same value {float(array.flat[0]):g} in {STEPS} random steps"
            yield warning(pack, "constant", message, "Is it read from the right place? A reward gains nothing from it.")


def _memory_is_carried(pack: Pack, played: Played) -> Iterator[Finding]:
    """Within an episode memory goes from step to step; after a reset it begins anew."""
    if pack.memory is None:
        return
    rollout = played.rollout
    drawn = _drawn(pack, played)
    for name, before in rollout.memory_before.items():
        after, going = rollout.memory_after[name], ~rollout.ended[:-1]
        if not np.array_equal(before[1:][going], after[:-1][going]):
            yield error(pack, "memory", f"the memory's {name} is lost between two steps", "Return new arrays only.")
        fresh = pack.memory(np, None, data_view(rollout.before), None)[name]
        begun = rollout.elapsed == 0
        if name not in drawn and not np.allclose(before[begun], np.broadcast_to(fresh, before.shape)[begun]):
            message = f"the memory's {name} does not begin anew after a reset"
            yield error(pack, "memory", message, "Where `previous` is None, make it from data alone.")


def _drawn(pack: Pack, played: Played) -> set[str]:
    """The entries of the memory that reset() draws."""
    start = pack.reset(np, played.env.start, draw(ENVS, played.env.noise_size))
    return set(start[2]) if len(start) == 3 else set()


def _memory_in_step(pack: Pack, played: Played) -> Iterator[Finding]:
    """Where observation or termination read the memory, MEMORY_IN_STEP says so."""
    if pack.memory is None or pack.memory_in_step:
        return
    view, memory = data_view(played.rollout.after), played.rollout.memory_after
    other = {name: array + 1 for name, array in memory.items()}
    for function in ("observation", "terminated"):
        call = getattr(pack, function)
        if not np.array_equal(call(np, view, memory), call(np, view, other)):
            message = f"{function}() reads the memory, but MEMORY_IN_STEP is False"
            yield error(pack, "memory", message, "Set MEMORY_IN_STEP = True.")
    stepped = play(replace(pack, memory_in_step=True), "random").rollout.memory_after
    for name, array in memory.items():
        if not np.array_equal(array, stepped[name]):
            message = f"the memory's {name} differs when it is kept at every step and when it is scanned afterwards"
            yield error(pack, "memory", message, "memory() may depend on previous, data and action only.")


def _repeats(pack: Pack, played: Played) -> Iterator[Finding]:
    again = play(pack, "random")
    for name in played.next_state:
        if not np.array_equal(played.next_state[name], again.next_state[name]):
            message = f"two rollouts with the same seeds and actions differ in {name}"
            yield error(pack, "repeats", message, "Draw nothing yourself: all randomness comes as `noise`.")
            return
