"""Reads the field declarations: which field tells what, and how to write it in a reward program.

Everything is decided by unit, frame, shape, components and the words of name and meaning, so a copy of an
environment with other names and other axes gives the same rewards.
"""

from __future__ import annotations

from collections.abc import Sequence

from autoreward.designer.compose.words import Aims, Vector, stem, stems
from autoreward.records import EnvSpec, FieldSpec

_BODY = frozenset(map(stem, ("torso", "body", "base", "root", "trunk", "pelvis", "center", "centre", "mass", "com")))
_LIMB = frozenset(map(stem, ("foot", "feet", "hand", "leg", "arm", "finger", "wheel", "joint", "ankle", "knee", "hip")))
_TILT = frozenset(map(stem, ("pitch", "tilt", "roll", "lean", "angle", "inclination", "slope", "upright")))
_GOAL = frozenset(map(stem, ("goal", "target", "destination")))
_REACHED = frozenset(map(stem, ("achieved", "reached", "current")))
_APART = frozenset(map(stem, ("offset", "distance", "error", "delta", "relative", "difference")))
_AXES = "xyz"
NEARLY = 0.02  # of what a field reaches: a rest nearer to 0 is 0


def words_of(field: FieldSpec) -> frozenset[str]:
    """The stems of all words in a field's name and meaning."""
    return stems(field.name) | stems(field.meaning)


def ranked(env: EnvSpec, aims: Aims, unit: str, shapes: Sequence[tuple[int, ...]]) -> list[FieldSpec]:
    """The fields of one unit and some shape that a policy can act on, seen or not, the likeliest to be meant first."""
    known = [field for field in env.fields if field.inferable and not field.next_state_only and not field.constant]
    chosen = [field for field in known if field.unit == unit and field.shape in shapes]
    return sorted(chosen, key=lambda field: -_likelihood(field, aims))


def _likelihood(field: FieldSpec, aims: Aims) -> float:
    """How likely a field is the one that a task text means: named in the text, the body, not a limb."""
    named = stems(field.name)
    score = 3.0 * len(named & aims.stems)
    score += 2.0 * bool(named & _BODY) - 2.0 * bool(named & _LIMB)
    score += 1.0 * bool(words_of(field) & _BODY) - 1.0 * bool(words_of(field) & _LIMB)
    score += 1.0 * (field.frame == "world") - 1.0 * (field.frame == "joint")
    return score + 0.5 * bool(named & {stem("mean"), stem("average")})  # over the whole step, not one moment of it


def travel_velocities(env: EnvSpec, aims: Aims) -> list[tuple[FieldSpec, str]]:
    """Velocity fields that can be read along the wanted direction, with that reading of `next_state`."""
    velocities = []
    for field in ranked(env, aims, "m/s", ((3,), (2,), (1,), ())):
        reading = along(field, aims.direction, env) if aims.direction else speed_of(field)
        if reading is not None:
            velocities.append((field, reading))
    return velocities


def along(field: FieldSpec, direction: Vector, env: EnvSpec) -> str | None:
    """The component of a field along a world direction, or None where the declaration does not tell it."""
    if field.shape in ((), (1,)):
        sign = _sign_of_scalar(field, direction, env)
        entry = f"next_state.{field.name}" + ("[..., 0]" if field.shape else "")
        return None if sign == 0 else _signed(sign, entry)
    vectors = _component_vectors(field, env)
    if vectors is None:
        return None
    parts = []
    for index, vector in enumerate(vectors):
        size = round(sum(a * b for a, b in zip(vector, direction, strict=True)), 6)
        if size:
            parts.append(_signed(size, f"next_state.{field.name}[..., {index}]"))
    return " + ".join(parts) if parts else None


def speed_of(field: FieldSpec) -> str:
    """The size of a velocity, where no direction is wanted."""
    if field.shape:
        return f"jnp.sqrt(jnp.sum(jnp.square(next_state.{field.name}), axis=-1))"
    return f"jnp.abs(next_state.{field.name})"


def _signed(size: float, entry: str) -> str:
    if size == 1:
        return entry
    return f"-{entry}" if size == -1 else f"{size:g} * {entry}"


def _component_vectors(field: FieldSpec, env: EnvSpec) -> list[Vector] | None:
    """The world direction of each entry of a vector field; None where it is not declared."""
    if not field.components:
        return [_axis(name) for name in _AXES] if field.shape == (3,) else None
    vectors = [_vector_of(name, env) for name in field.components]
    if len(vectors) != field.shape[-1] or not any(any(vector) for vector in vectors):
        return None
    return vectors


def _vector_of(component: str, env: EnvSpec) -> Vector:
    """ "x", "along y" or the name of a direction; (0, 0, 0) for an entry that is something else."""
    for word in component.lower().replace("_", " ").split():
        if word in _AXES:
            return _axis(word)
        if word in env.directions:
            return env.directions[word]
    return (0.0, 0.0, 0.0)


def _axis(name: str) -> Vector:
    index = _AXES.index(name)
    return (float(index == 0), float(index == 1), float(index == 2))


def _sign_of_scalar(field: FieldSpec, direction: Vector, env: EnvSpec) -> int:
    """1 or -1 where a scalar's words name the direction, its axis or its opposite; else 0."""
    words = f"{field.name.replace('_', ' ')} {field.meaning}".lower().replace(",", " ").replace(";", " ").split()
    for word in words:
        name = word.lstrip("+-")
        vector = env.directions.get(word) or (_axis(name) if len(name) == 1 and name in _AXES else None)
        if vector is not None:
            size = sum(a * b for a, b in zip(vector, direction, strict=True))
            if abs(size) > 0.9:
                return 1 if (size > 0) != word.startswith("-") else -1
    return 0


def flip_axis(env: EnvSpec, aims: Aims) -> Vector:
    """The world axis about which a body turns in a flip: up x forward, turned round for a flip backward."""
    (ux, uy, uz), (fx, fy, fz) = aims.up, env.directions.get("forward", (1.0, 0.0, 0.0))
    sign = -1.0 if aims.stems & {"back", "backward", "rearward"} else 1.0
    return (sign * (uy * fz - uz * fy), sign * (uz * fx - ux * fz), sign * (ux * fy - uy * fx))


def tilts(env: EnvSpec, aims: Aims) -> list[FieldSpec]:
    """Scalar angles that can mean a lean of the body or of the thing the text names, likeliest first."""
    angles = ranked(env, aims, "rad", ((), (1,)))
    return [field for field in angles if words_of(field) & _TILT or stems(field.name) & aims.stems]


def up_vectors(env: EnvSpec, aims: Aims) -> list[FieldSpec]:
    """Unit vectors that point out of the top of something, likeliest first."""
    return [field for field in ranked(env, aims, "1", ((3,),)) if "up" in stems(field.name)]


def contacts(env: EnvSpec) -> list[FieldSpec]:
    """Fields that are 1 where something touches, an entry each."""
    named = (one for one in env.fields if "contact" in stems(one.name) and one.unit == "1" and one.inferable)
    return [one for one in named if len(one.shape) < 2]


def heights(env: EnvSpec, aims: Aims) -> list[tuple[FieldSpec, str]]:
    """Positions that can be read along the vertical, and scalar heights, with that reading."""
    upward = []
    for field in ranked(env, aims, "m", ((3,), (2,), ())):
        reading = along(field, aims.up, env)
        if reading is None and not field.shape and words_of(field) & {stem("height"), stem("altitude")}:
            reading = f"next_state.{field.name}"
        if reading is not None and not words_of(field) & (_GOAL | _APART):
            upward.append((field, reading))
    return upward


def gaps(env: EnvSpec, aims: Aims, record: str = "next_state") -> list[tuple[str, str]]:
    """Distances to what is to be reached: (a name for it, its reading [m]), declared ones first."""
    fields = ranked(env, aims, "m", ((3,), (2,), (1,), ()))
    if not any(stems(field.name) & _GOAL or words_of(field) & _APART for field in fields):
        fields += ranked(env, aims, "unknown", ((3,), (2,)))  # of somebody else's environment: names are all there is
    apart = [field for field in fields if words_of(field) & _APART]
    pairs = [(field.name, _size(f"{record}.{field.name}", field.shape)) for field in apart]
    goals = [field for field in fields if field not in apart and stems(field.name) & _GOAL]
    goals = [field for field in goals if not stems(field.name) & _REACHED]  # `achieved_goal` is where it is
    for goal in goals:
        for other in fields:
            if other not in apart and other not in goals and other.shape == goal.shape:
                pairs.append((other.name, _size(f"{record}.{other.name} - {record}.{goal.name}", other.shape)))
    return pairs


def _size(value: str, shape: tuple[int, ...]) -> str:
    return f"jnp.sqrt(jnp.sum(jnp.square({value}), axis=-1))" if shape else f"jnp.abs({value})"


def reach_of(field: FieldSpec, otherwise: float) -> float:
    """The greatest size seen in random rollouts, as the scale on which a field moves; `otherwise` where undeclared."""
    if field.low is None or field.high is None:
        return otherwise
    size = max(abs(field.low), abs(field.high))
    return size if 1e-6 < size < 1e6 else otherwise


def rest_value(field: FieldSpec) -> float:
    """Where a scalar rests: where episodes start; 0 where that is not known, or nearly 0."""
    if field.rest is None or abs(field.rest) < NEARLY * reach_of(field, 1.0):
        return 0.0
    return field.rest


def errors(env: EnvSpec, aims: Aims) -> list[tuple[FieldSpec, str]]:
    """How far a robot is from what it is commanded: fields with that word in their names, and their size."""
    fields = [one for unit in ("m/s", "rad", "mixed") for one in ranked(env, aims, unit, ((), (1,), (2,), (3,)))]
    named = [field for field in fields if stem("error") in stems(field.name)]
    return [(field, _size(f"next_state.{field.name}", field.shape)) for field in named]
