"""What can stand beside a goal: bonuses for posture and for staying alive, costs of effort and unrest.

A side term's weight is set by what it is worth at its typical size, as a share of the goal's scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from autoreward.designer.compose.declared import along, contacts, ranked, reach_of, tilts, up_vectors
from autoreward.designer.compose.ingredients import Ingredient, bell, cost, from_rest, guide, scaled, square_size
from autoreward.designer.compose.words import Aims, stem, stems
from autoreward.designer.program import short
from autoreward.records import EnvSpec, FieldSpec

SLIGHT, SMALL, CLEAR = 0.02, 0.05, 0.3  # shares of the goal's scale
_LEAPS = frozenset(map(stem, ("hop", "jump", "leap", "bounce", "gallop")))
RIGHT_ANGLE = 1.6  # [rad]; a lean beyond it is none any more


def guides_for(env: EnvSpec, aims: Aims, scale: float) -> list[Ingredient]:
    """Every bonus, the likeliest first."""
    return [*posture_guides(env, aims, scale), *alive(env, scale), *_airborne(env, aims, scale)]


def costs_for(env: EnvSpec, aims: Aims, scale: float) -> list[Ingredient]:
    """Every cost, the likeliest first."""
    return [
        *_effort(env, aims, scale),
        *_unrest(env, aims, scale),
        *_joint_haste(env, scale),
        *_drift(env, aims, scale),
    ]


def posture_guides(env: EnvSpec, aims: Aims, scale: float) -> list[Ingredient]:
    """Bonuses in [0, 1] for being upright: by an angle, by the height of an up vector."""
    guides = []
    # Where the task is to get somewhere, a bonus for posture must not make standing still worth while.
    weight = (SMALL if aims.main in ("travel", "reach") else CLEAR) * scale
    for source in tilts(env, aims)[:2]:
        width = short(f"{source.name}_width")
        params = {width: max(0.02, 0.5 * lean_reach(source))}
        upright = guide("posture", f"upright_{source.name}", weight, bell(scaled(from_rest(source), width)), params)
        lean = f"jnp.abs({from_rest(source, 'state')})"
        guides.append(replace(upright, potential=f"-{scaled(lean, width)}"))
    for source in up_vectors(env, aims)[:1]:
        reading = along(source, aims.up, env)
        if reading is not None:
            guides.append(guide("posture", f"level_{source.name}", weight, reading))
    return guides


def upright_gate(env: EnvSpec, aims: Aims) -> tuple[str, dict[str, float]] | None:
    """A factor in [0, 1] that is 1 while upright, with its parameter; None where no field tells a lean.

    It is wide: learning to move needs some leaning.
    """
    for source in tilts(env, aims):
        return bell(scaled(from_rest(source), "gate_width")), {"gate_width": max(0.02, 0.75 * lean_reach(source))}
    for source in up_vectors(env, aims):
        reading = along(source, aims.up, env)
        if reading is not None:
            return f"jnp.maximum({reading}, 0.0)", {}
    return None


def lean_reach(source: FieldSpec) -> float:
    """How far an angle goes in random rollouts [rad], a right angle at most."""
    return min(reach_of(source, 1.0), RIGHT_ANGLE)


def alive(env: EnvSpec, scale: float) -> Iterator[Ingredient]:
    """A bonus a step, where episodes can end early at all; elsewhere it would be a constant."""
    ended = env.field("terminated")
    if ended is not None and ended.high != 0.0 and not env.termination.lower().startswith("never"):
        yield guide("alive", "alive", CLEAR * scale, "1.0 - next_state.terminated")


def _airborne(env: EnvSpec, aims: Aims, scale: float) -> Iterator[Ingredient]:
    """A bonus in [0, 1] for feet in the air, where the text asks for hops or leaps."""
    if not aims.stems & _LEAPS:
        return
    for source in contacts(env)[:1]:
        touching = f"next_state.{source.name}"
        share = f"jnp.mean({touching}, axis=-1)" if source.shape else touching
        yield guide("height", "airborne", SMALL * scale, f"1.0 - {share}")


def _effort(env: EnvSpec, aims: Aims, scale: float) -> Iterator[Ingredient]:
    bound = max([abs(value) for value in (*env.action_low, *env.action_high) if 0 < abs(value) < 1e6] or [1.0])
    share = SMALL if "thrift" in aims.aims else SLIGHT
    offset = env.field("joint_offset")
    if offset is not None and "position servo" in env.action_meaning:  # an action is an angle: 0 is no rest
        far = "jnp.mean(jnp.square(next_state.joint_offset), axis=-1)"
        yield cost("thrift", "effort", -share * scale / reach_of(offset, 1.0) ** 2, far)
    else:
        yield cost("thrift", "effort", -share * scale / bound**2, "jnp.mean(jnp.square(action), axis=-1)")
    last = env.field("last_action")
    if last is not None:
        change = "jnp.mean(jnp.square(action - state.last_action), axis=-1)"
        yield cost("smooth", "action_change", -share * scale / (2 * bound**2), change)


def _unrest(env: EnvSpec, aims: Aims, scale: float) -> Iterator[Ingredient]:
    """Turning and bobbing of the body."""
    for source in [one for one in ranked(env, aims, "rad/s", ((), (1,), (3,))) if one.frame != "joint"][:1]:
        weight = -SMALL * scale / reach_of(source, 3.0) ** 2
        yield cost("steady", f"wobble_{source.name}", weight, square_size(source))
    for source in ranked(env, aims, "m/s", ((3,), (2,)))[:1]:
        rise = along(source, aims.up, env) if aims.main != "height" else None
        if rise is not None:
            weight = -SMALL * scale / reach_of(source, 1.0) ** 2
            yield cost("steady", f"bobbing_{source.name}", weight, f"jnp.square({rise})")


def _joint_haste(env: EnvSpec, scale: float) -> Iterator[Ingredient]:
    for source in [one for one in env.fields if one.unit == "rad/s" and one.frame == "joint" and len(one.shape) == 1]:
        weight = -SLIGHT * scale / reach_of(source, 10.0) ** 2
        expression = f"jnp.mean(jnp.square(next_state.{source.name}), axis=-1)"
        yield cost("smooth", f"haste_{source.name}", weight, expression)


def _drift(env: EnvSpec, aims: Aims, scale: float) -> Iterator[Ingredient]:
    """Where the task is to stay: leaving the middle, and moving."""
    if aims.main not in ("posture", "still", "turn"):
        return
    for unit, name, share in (("m", "off_middle", SMALL), ("m/s", "moving", SLIGHT)):
        for source in ranked(env, aims, unit, ((), (1,)))[:1]:
            if not stems(source.name) & stems("height"):
                weight = -share * scale / reach_of(source, 1.0) ** 2
                yield cost("steady", f"{name}_{source.name}", weight, square_size(source))
