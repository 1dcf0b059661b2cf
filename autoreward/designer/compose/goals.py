"""The main terms that `compose` can choose from, for each aim, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from autoreward.designer.compose.complements import alive, posture_guides, upright_gate
from autoreward.designer.compose.declared import (
    along,
    errors,
    flip_axis,
    gaps,
    heights,
    ranked,
    reach_of,
    tilts,
    travel_velocities,
    words_of,
)
from autoreward.designer.compose.ingredients import Ingredient, bell, from_rest, goal, scaled, square_size
from autoreward.designer.compose.words import Aims
from autoreward.designer.program import grouped, short
from autoreward.records import EnvSpec

WHOLE_TURN = 6.2832  # [rad]


def goals_for(aim: str, env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    """The goals that serve one aim, as far as the declared fields allow."""
    makers = {
        "flip": _flip,
        "follow": _follow,
        "travel": _travel,
        "reach": _reach,
        "height": _height,
        "turn": _turn,
        "posture": _posture,
        "still": _still,
    }
    return makers[aim](env, aims)


def plain_goals(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    """What is left where the words ask for nothing that the fields tell: last, keep upright, each field both ways."""
    for one in (*posture_guides(env, aims, 1.0), *alive(env, 1.0)):
        yield goal("posture", one.term.name, 1.0, one.term.expression, one.params)
    states = [one for one in env.fields if not one.next_state_only and one.name != "last_action"]
    usable = [one for one in states if one.inferable and len(one.shape) < 2]
    for source in sorted(usable, key=lambda one: -len(words_of(one) & aims.stems)):
        weight = 1.0 / reach_of(source, 1.0)
        for index in range(min(3, source.shape[-1]) if source.shape else 1):
            name = f"{source.name}_{index}" if source.shape else source.name
            entry = f"next_state.{source.name}" + (f"[..., {index}]" if source.shape else "")
            yield goal("still", f"more_{name}", weight, entry)
            yield goal("still", f"less_{name}", -weight, entry)
    yield goal("thrift", "rest", -1.0, "jnp.mean(jnp.square(action), axis=-1)")


def goal_scale(first: Ingredient, env: EnvSpec, aims: Aims) -> float:
    """What a goal is worth a step when it goes well: a bounded one its weight, a speed what random rollouts reach."""
    if first.aim == "travel" and aims.speed is None:
        return abs(first.term.weight) * reach_of(travel_velocities(env, aims)[0][0], 1.0)
    return abs(first.term.weight)


def _follow(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    """Keep to what is commanded: near it, and near it at whatever distance."""
    for source, size in errors(env, aims)[:3]:
        width, reach = short(f"{source.name}_width"), reach_of(source, 1.0)
        yield goal("follow", f"kept_{source.name}", 1.0, bell(scaled(size, width)), {width: max(0.1, 0.25 * reach)})
        yield goal("follow", f"off_{source.name}", -1.0 / reach, size)


def _travel(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    label = aims.direction_name or "any_way"
    for rank, (source, reading) in enumerate(travel_velocities(env, aims)[:2]):
        suffix = "" if rank == 0 else f"_{rank + 1}"
        scale = reach_of(source, 1.0)
        if aims.speed is not None:
            yield from _held_speed(aims.speed, f"held_speed_{label}{suffix}", reading)
        yield goal("travel", f"speed_{label}{suffix}", 1.0, reading)
        if rank == 0:
            yield from _other_speeds(env, aims, label, reading, scale)


def _other_speeds(env: EnvSpec, aims: Aims, label: str, reading: str, scale: float) -> Iterator[Ingredient]:
    """Speed that pays more the faster it is, so that early bursts are worth keeping; only while upright; bounded."""
    rising = f"{reading} + {scaled(f'jnp.square(jnp.maximum({reading}, 0.0))', 'burst_speed')}"
    burst = {"burst_speed": 0.5 * scale}
    gate, width = upright_gate(env, aims) or ("", {})
    if gate:
        yield goal("travel", f"upright_rising_speed_{label}", 1.0, f"({rising}) * {gate}", {**burst, **width})
    yield goal("travel", f"rising_speed_{label}", 1.0, rising, burst)
    if gate:
        yield goal("travel", f"upright_speed_{label}", 1.0, f"{grouped(reading)} * {gate}", width)
    bounded = f"jnp.tanh({scaled(reading, 'speed_scale')})"
    yield goal("travel", f"bounded_speed_{label}", scale, bounded, {"speed_scale": 2 * scale})


def _held_speed(speed: float, name: str, reading: str) -> Iterator[Ingredient]:
    """A stated speed: as near as possible to it."""
    error = f'{reading} - params["wanted_speed"]'
    params = {"wanted_speed": speed, "speed_width": max(0.25, 0.3 * speed)}
    yield goal("travel", name, 1.0, bell(scaled(error, "speed_width")), params)


def _reach(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    potentials: Mapping[str, str] = dict(gaps(env, aims, "state"))
    for name, gap in gaps(env, aims)[:3]:
        width = short(f"{name}_width")
        near = goal("reach", f"near_{name}", 1.0, f"jnp.exp(-{scaled(gap, width)})", {width: 0.2})
        yield replace(near, potential=f"-{potentials[name]}")
        yield goal("reach", f"far_{name}", -1.0, gap)


def _height(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    for source, reading in heights(env, aims)[:2]:
        yield goal("height", f"height_of_{source.name}", 1.0 / reach_of(source, 1.0), reading)
    for source in ranked(env, aims, "m/s", ((3,), (2,), ())):
        rise = along(source, aims.up, env)
        if rise is not None:
            yield goal("height", f"rise_of_{source.name}", 0.3 / reach_of(source, 1.0), rise)


def _flip(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    """Turn over: the rate, the rate up to a bound so that it is not all that counts, and the angle turned so far."""
    axis = flip_axis(env, aims)
    for source in ranked(env, aims, "rad/s", ((3,), ()))[:2]:
        rate = along(source, axis, env)
        if rate is not None:
            reach = reach_of(source, 1.0)
            yield goal("flip", f"flip_{source.name}", 1.0 / reach, rate)
            bounded = f"jnp.clip({grouped(rate)}, -{reach:.3g}, {reach:.3g})"
            yield goal("flip", f"bounded_flip_{source.name}", 1.0 / reach, bounded)
    for source in ranked(env, aims, "rad", ((),))[:2]:
        angle = along(source, axis, env)
        if angle is not None:
            yield goal("flip", f"turned_{source.name}", 1.0, f"jnp.clip({grouped(angle)} / {WHOLE_TURN}, -1.0, 1.0)")


def _turn(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    for source in ranked(env, aims, "rad/s", ((3,), ()))[:2]:
        rate = along(source, aims.up, env) or (f"next_state.{source.name}" if not source.shape else None)
        if rate is not None:
            yield goal("turn", f"turn_{source.name}", 1.0 / reach_of(source, 1.0), rate)


def _posture(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    for one in posture_guides(env, aims, 1.0)[:3]:
        led = goal("posture", one.term.name, 1.0, one.term.expression, one.params)
        yield replace(led, potential=one.potential)
    for source in tilts(env, aims)[:1]:
        lean = f"jnp.square({from_rest(source)})"
        yield goal("posture", f"lean_{source.name}", -1.0 / reach_of(source, 1.0) ** 2, lean)
    for one in alive(env, 1.0):
        yield goal("posture", one.term.name, 1.0, one.term.expression)


def _still(env: EnvSpec, aims: Aims) -> Iterator[Ingredient]:
    for unit in ("m/s", "rad/s"):
        for source in ranked(env, aims, unit, ((3,), (2,), (1,), ()))[:1]:
            width = short(f"{source.name}_width")
            expression = f'jnp.exp(-{square_size(source)} / jnp.square(params["{width}"]))'
            size = max(0.03, 0.3 * reach_of(source, 1.0))
            yield goal("still", f"still_{source.name}", 1.0, expression, {width: size})
