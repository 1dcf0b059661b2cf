"""`python -m autoreward.environment.foreign.opening_worker`: opens one environment, asked on stdin, answered on stdout.

A process of its own, without keys: the environment is somebody's code, which may print, crash, or never return.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward import wire
from autoreward.child_life import end_with_asker
from autoreward.environment.foreign.copies import FirstCopy, Made
from autoreward.environment.foreign.documented import documentation
from autoreward.environment.foreign.facts import IGNORES_SEEDS, ForeignFacts, pack_of
from autoreward.environment.foreign.foreign_env import ForeignEnv
from autoreward.environment.foreign.info_keys import choose, collect
from autoreward.environment.foreign.layout import HORIZON, Layout
from autoreward.environment.foreign.loading import copies_made, load_foreign
from autoreward.environment.foreign.making import make, quiet, registering, said
from autoreward.environment.foreign.opening import FIELD
from autoreward.environment.foreign.process_copies import in_processes, processes_for
from autoreward.environment.foreign.reference import Reference, parse
from autoreward.environment.pack import FRAMEWORK_FIELDS, Pack
from autoreward.environment.random_rollout import draw_actions, draw_noise, with_range
from autoreward.environment.undirected import COUNTS, Way, foreign_episodes
from autoreward.environment.vector_env import Rollout
from autoreward.errors import AutorewardError
from autoreward.process_environment import cores
from autoreward.records import EnvSpec, FieldSpec

FOREIGN_WAYS: tuple[Way, ...] = ("random", "motionless", "held")
REQUEST_LIMIT = 1 << 20  # [bytes]
SEED = 20_261_120  # far from training and evaluation seeds
COPIES, STEPS, FEWEST_STEPS = 8, 512, 32  # of the random rollouts; the last where steps are slow
FEW = 2  # copies that have to do where steps are slow, or where one
LONG = 1.0  # [s] takes so long to make
MANY = 256  # copies of a training with the default settings: 16 environments of 16 candidates
MAKING = 60.0  # [s] that copies may take to make together, each core making one after the other
TIMED_STEPS = 9
PATIENCE = 15.0  # [s] of random rollouts
INFO_STEPS = 600  # in which `info` is looked at
SAID = 0.2  # [s] to make a copy, from which it is said


def main() -> None:
    """Open one environment."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what somebody's code prints must not mix with the answer
    asked = wire.read(sys.stdin.buffer.read, REQUEST_LIMIT)
    if asked is None:
        raise SystemExit("nothing was asked")
    with tempfile.TemporaryDirectory(prefix="autoreward-open-") as folder:
        end_with_asker(answers.fileno(), folder)
        os.chdir(folder)  # MuJoCo writes its log into the working directory
        try:
            answer = wire.encode(*DO[asked.data["kind"]](parse(asked.data["reference"])))
        except AutorewardError as error:
            said_so = {"type": type(error).__name__, "message": error.message, "remedy": error.remedy}
            answer = wire.encode({"error": said_so})
    with answers:
        answers.write(answer)


def _open(reference: Reference) -> Answer:
    facts, spec, arrays = opened(reference)
    rate = float(arrays.pop("steps_a_second"))
    data = {"facts": facts.model_dump(mode="json"), "spec": spec.model_dump(mode="json"), "steps_a_second": rate}
    return data, wire.pack_arrays(arrays)


def _play(reference: Reference) -> Answer:
    """Whole episodes that nobody designed."""
    pack = load_foreign(reference.text)
    assert pack.copies is not None  # load_foreign has made them
    with closing(pack.copies) as made:
        few = made.make_seconds > LONG
        ways = tuple(way for way in FOREIGN_WAYS for _ in range(COUNTS[way] // 4 if few else COUNTS[way]))
        episodes = foreign_episodes(ForeignEnv(pack, len(ways)), ways)
    arrays = {f"{FIELD}{name}": array for name, array in episodes.fields.items()}
    arrays |= {"valid": episodes.valid, "movement": episodes.qpos}
    return {"ways": list(ways)}, wire.pack_arrays(arrays)


def _document(reference: Reference) -> Answer:
    """What its author wrote of it, less what tells how it pays."""
    with closing(make(reference)) as env:
        return {"documentation": documentation(env.unwrapped)}, {}


Answer = tuple[dict[str, Any], dict[str, bytes]]
DO: Mapping[str, Callable[[Reference], Answer]] = {"open": _open, "play": _play, "document": _document}


def opened(reference: Reference) -> tuple[ForeignFacts, EnvSpec, dict[str, NDArray[Any]]]:
    """What is found out of an environment by running it at random for a moment.

    Returns:
        The facts; the environment as a success metric sees it, with the hidden fields last; the transitions
        `[T * N, ...]`, as `state/NAME`, `action` and `next_state/NAME`, with `ends [T, N]` and `steps_a_second`.

    Raises:
        UsageError, EnvironmentFailedError: it cannot be made, read or stepped.
    """
    first = FirstCopy.of(reference)
    notes: list[str] = []
    if reference.info is None:
        reference = _pinned(reference, first, notes)
    with closing(copies_made(reference, few=True, first=first)) as made:
        return _looked_at(made, reference, notes)


def _looked_at(
    made: Made, reference: Reference, notes: list[str]
) -> tuple[ForeignFacts, EnvSpec, dict[str, NDArray[Any]]]:
    took = made.make_seconds
    layout = made.layout
    processes = processes_for(0.0, took)  # a training makes many, while `made` is for a few
    how = in_processes(processes) if processes > 1 else made.how(layout.info.most_copies or MANY)
    notes += [f"It is stepped {how}.", *_remarks(layout, took)]
    if not _heeds_seeds(made):
        notes.append(IGNORES_SEEDS)
    facts = layout.describe(notes)
    pack = replace(pack_of(facts), copies=made)
    copies = FEW if took > LONG or _is_slow(pack) else COPIES
    began = time.monotonic()
    vector_env, rollout = _random_rollout(pack, copies)
    rate = rollout.elapsed.size / (time.monotonic() - began)
    state, next_state = vector_env.fields(rollout, after=False), vector_env.fields(rollout, after=True)
    spec = _describe(pack, layout, next_state)
    visible = {field.name for field in spec.fields} - vector_env.hidden
    arrays = {f"state/{name}": array for name, array in state.items() if name in visible}
    arrays |= {f"next_state/{name}": array for name, array in next_state.items() if name in visible}
    arrays["action"] = rollout.action
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in arrays.items()}
    return facts, spec, {**flat, "ends": rollout.ended, "steps_a_second": np.asarray(rate)}


def _pinned(reference: Reference, first: FirstCopy, notes: list[str]) -> Reference:
    """The reference with what of `info` is shown and what is hidden, and how many copies a training makes."""
    env = first.env
    layout, rng = Layout(reference, env), np.random.default_rng(SEED)
    steps: list[Mapping[str, Any]] = []
    resets: list[Mapping[str, Any]] = []
    rewards: list[Any] = []
    begins: list[int] = []  # steps with which episodes begin
    cuts: set[int] = set()  # lengths of the episodes that it cut itself
    began, length, over = time.monotonic(), 0, True
    with quiet(), said(f"{reference.id} cannot be stepped"):
        while len(steps) < INFO_STEPS and (time.monotonic() - began < PATIENCE or not steps):
            if over:
                resets.append(env.reset(seed=len(resets))[1])
                begins.append(len(steps))
                length = 0
            (action,) = layout.actions.actions(draw_actions(rng, layout.actions.range, 1))
            _, reward, terminated, truncated, info = env.step(action)
            steps.append(info)
            rewards.append(reward)
            length, over = length + 1, bool(terminated or truncated)
            cuts |= {length} if truncated else set()
    paid = np.array([np.asarray(reward, np.float64).sum() for reward in rewards])
    if np.asarray(rewards[0]).size > 1:
        notes.append(f"Its reward is a vector of {np.asarray(rewards[0]).size}: env:return measures the sum.")
    seen = collect(steps, resets)
    pinned, why = choose(seen, paid, reference.keep, begins)
    unknown = [key for key in reference.keep if key not in seen.values]
    if why:
        listed = ", ".join(f"{key} ({reason})" for key, reason in why.items())
        notes.append(f"Hidden from designers, of info: {listed}. --show-info KEY shows one.")
    if len(cuts) == 1 and layout.horizon == HORIZON:
        pinned = pinned.model_copy(update={"horizon": cuts.pop()})
    if reference.source == "gymnasium":
        pinned = pinned.model_copy(update={"most_copies": most_copies(first.make_seconds)})
    if seen.missing:
        notes.append(f"Not in every step, and left out of info: {', '.join(seen.missing)}.")
    if unknown:
        notes.append(f"--show-info: {', '.join(unknown)} is no number in every info; there are {sorted(seen.values)}.")
    packages = registering(reference) if reference.source == "gymnasium" else ()
    return reference.model_copy(update={"info": pinned, "packages": packages})


def _remarks(layout: Layout, took: float) -> list[str]:
    """What a person should know of it."""
    remarks = []
    if layout.period_origin in ("", "render_fps"):
        known = "is not known: time is counted in steps" if not layout.period_origin else "is taken from its render_fps"
        remarks.append(f"How long a step lasts {known}.")
    unknown = [spec.name for spec in layout.specs if spec.unit == "unknown"]
    if unknown:
        remarks.append(f"Units that nothing tells, and that designers are told are unknown: {', '.join(unknown)}.")
    if layout.observation.left_out:
        remarks.append(f"Texts of its observation are left out: {', '.join(layout.observation.left_out)}.")
    if took > SAID:
        remarks.append(f"A copy of it takes {took:.1f} s to make. {_copies_in_words(layout.info.most_copies)}")
    return remarks


def _copies_in_words(most: int | None) -> str:
    """How many copies a training makes."""
    if most is None:
        return (
            "A training makes one for each of its environments, once: ppo.num_envs x candidates x seeds "
            "(--set ppo.num_envs=4 makes fewer)."
        )
    return (
        f"So a training makes at most {most}, or one a policy: it steps fewer environments a policy for longer, and "
        "plays evaluation episodes one after the other (a ppo.num_envs of your own is taken as it is)."
    )


def most_copies(make_seconds: float) -> int | None:
    """How many copies a training makes of what takes so long to make; None: as many as its settings say.

    A power of two, so that what is measured again is the same as a rule.
    """
    if make_seconds <= LONG:
        return None
    fitting = int(MAKING * cores() / make_seconds)
    return 1 << max(0, fitting.bit_length() - 1) if fitting > 0 else 1


def _heeds_seeds(made: Made) -> bool:
    """Whether two resets with one seed, of one copy and of another, show the same."""
    seeds, copies = np.full(2, 7), made.take(2)
    first = copies.reset(np.arange(2), seeds)
    again = copies.reset(np.arange(2), seeds)
    return np.array_equal(first.rows, again.rows) and np.array_equal(first.rows[0], first.rows[1])


def _is_slow(pack: Pack) -> bool:
    """Whether the shortest random rollout of all copies would take longer than anybody waits."""
    env, rng = ForeignEnv(pack, 1), np.random.default_rng(SEED)
    env.reset(draw_noise(rng, 1, env.noise_size))
    rollout, done, began = env.new_rollout(TIMED_STEPS), 0, time.monotonic()
    while done < TIMED_STEPS and time.monotonic() - began < LONG:
        env.step(draw_actions(rng, env.actions, 1), rollout, done, draw_noise(rng, 1, env.noise_size))
        done += 1
    return (time.monotonic() - began) / done * FEWEST_STEPS * COPIES > PATIENCE


def _random_rollout(pack: Pack, copies: int) -> tuple[ForeignEnv, Rollout]:
    """Uniformly random actions, each held for 1 to 4 steps."""
    env, rng = ForeignEnv(pack, copies), np.random.default_rng(SEED)
    env.reset(draw_noise(rng, copies, env.noise_size))
    rollout = env.new_rollout(STEPS)
    held, action, done = 1 + np.arange(copies) % 4, draw_actions(rng, env.actions, copies), 0
    began = time.monotonic()
    while done < STEPS and (done < FEWEST_STEPS or time.monotonic() - began < PATIENCE):
        fresh = draw_actions(rng, env.actions, copies)
        action = np.where((done % held == 0)[:, None], fresh, action)
        env.step(action, rollout, done, draw_noise(rng, copies, env.noise_size))
        done += 1
    return env, rollout.first(done)


def _describe(pack: Pack, layout: Layout, seen: Mapping[str, NDArray[Any]]) -> EnvSpec:
    """The environment as a success metric sees it, with the ranges of random rollouts."""
    facts = pack.foreign
    assert facts is not None
    actions = len(facts.action_low)
    clock, ending = FRAMEWORK_FIELDS
    if not facts.period_known:
        clock = clock.model_copy(update={"unit": "steps", "meaning": "steps since reset"})
    framework = (
        FieldSpec(
            name="observation", shape=(facts.observation_size,), unit="mixed", meaning="what the policy sees, unscaled"
        ),
        FieldSpec(
            name="last_action",
            shape=(actions,),
            meaning="the action before this state; 0 after reset",
            observable=False,
        ),
        clock,
        ending,
    )
    fields = (*facts.fields, *framework, *facts.hidden)
    flat = {name: array.reshape(-1, *array.shape[2:]) for name, array in seen.items()}
    return EnvSpec(
        name=pack.name,
        title=pack.title,
        description=pack.description,
        fields=tuple(with_range(field, flat[field.name]) for field in fields),
        action_size=actions,
        action_low=facts.action_low,
        action_high=facts.action_high,
        action_meaning=pack.action,
        observation_size=pack.observation_size,
        horizon=pack.horizon,
        control_period=pack.control_period,
        gamma=pack.gamma,
        termination=pack.termination,
    )


if __name__ == "__main__":
    main()
