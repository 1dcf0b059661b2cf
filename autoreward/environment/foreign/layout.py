"""How an environment of somebody else is read: its observation as a row, its fields, its actions, its clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoreward.environment.declarations import WIDEST
from autoreward.environment.foreign.documented import documented_end, documented_numbers
from autoreward.environment.foreign.facts import FieldPlace, ForeignFacts
from autoreward.environment.foreign.info_keys import numeric
from autoreward.environment.foreign.making import function_of, import_module, said
from autoreward.environment.foreign.meanings import with_meanings
from autoreward.environment.foreign.mujoco_arrays import MujocoArrays, reach
from autoreward.environment.foreign.reference import PinnedInfo, Reference
from autoreward.environment.foreign.spaces import Leaf, ObservationSpace, action_space, identifier
from autoreward.environment.pack import FRAMEWORK_FIELDS
from autoreward.errors import UsageError
from autoreward.plain_text import plain_line
from autoreward.records import FieldSpec

Arrays = Mapping[str, NDArray[Any]]
Raw = dict[str, NDArray[Any]]
Info = Mapping[str, Any]

HORIZON = 1000  # steps, where nothing limits an episode
REWARD = "env_reward"  # the field of the environment's own reward, as --metric env:return reads it
RESERVED = frozenset(
    {"observation", "last_action", *(field.name for field in FRAMEWORK_FIELDS), REWARD, "action", "valid"}
)
UNKNOWN = "unknown"
LONGEST_ACTION = 40  # characters of the name of a choice
OWN_SHAPE = "a dict of names with numbers, in the same shapes at every call"


@dataclass(frozen=True)
class PlacedField:
    """A field, and where its numbers are."""

    spec: FieldSpec
    place: FieldPlace

    def of(self, raw: Arrays, rows: NDArray[Any]) -> NDArray[Any]:
        """The field `[..., *shape]` of raw arrays `[..., n]` and of rows `[..., O]`."""
        place = self.place
        if place.source in ("info", "own"):
            return raw[f"{place.source}/{place.key}"]
        whole = raw[f"mujoco/{place.key}"] if place.source == "mujoco" else rows
        part = whole[..., place.start : place.start + place.size]
        if place.source == "choice":
            return np.asarray(part.argmax(axis=-1), np.float32)
        return part.reshape(*part.shape[:-1], *self.spec.shape)


class Layout:
    """How one environment is read.

    Args:
        reference: pinned, or as a person gave it: then nothing of `info` is read.
        env: one that was made from it.

    Raises:
        EnvironmentFailedError: its observation or its action is of a kind that cannot be used.
        UsageError: the person's function of fields gives something else than fields.
    """

    def __init__(self, reference: Reference, env: Any) -> None:
        self.reference = reference
        self.observation = ObservationSpace(reference.id, env.observation_space)
        self.actions = action_space(reference.id, env.action_space)
        self.info = reference.info or PinnedInfo(shown={}, hidden={})
        self.own = OwnFields(reference, env, self.observation) if reference.fields is not None else None
        reached = None if self.own else reach(env)
        self.mujoco = MujocoArrays(reached[0]) if reached is not None else None
        placed = tuple(self._placed(env))
        specs = with_meanings(reference.id, {one.spec.name: one.spec for one in placed}, reference.meanings)
        self.placed = tuple(PlacedField(specs[one.spec.name], one.place) for one in placed)
        self.horizon = horizon_of(reference, env)
        self.control_period, self.period_origin = period_of(env)
        self.specs = tuple(field.spec for field in self.placed)
        self._measured = tuple(self._info_field(key, shape) for key, shape in self.info.hidden.items())
        own = FieldSpec(
            name=REWARD, unit=UNKNOWN, meaning="the environment's own reward of the step", next_state_only=True
        )
        self.hidden = (own, *(field.spec for field in self._measured))
        self._env_facts = env.action_space, env.observation_space, documented_end(env.unwrapped)
        self._kind, self._action_names = type(env.unwrapped), action_names(env.unwrapped)

    def describe(self, notes: Iterable[str] = ()) -> ForeignFacts:
        """What is known, as plain data."""
        acts, observes, end = self._env_facts
        limits, free = self.actions.range, self.actions.range.free
        return ForeignFacts(
            reference=self.reference.text,
            description=f"{self._kind.__name__} of {self._kind.__module__}, an environment that its author wrote.",
            horizon=self.horizon,
            control_period=self.control_period,
            period_known=bool(self.period_origin),
            termination=end or "where the environment's own code says so; nothing here tells where that is",
            action=self._action_in_words(),
            fields=self.specs,
            hidden=self.hidden,
            observation_size=self.observation.size,
            action_low=tuple(np.where(free, np.maximum(limits.low, -1.0), limits.low).tolist()),
            action_high=tuple(np.where(free, np.minimum(limits.high, 1.0), limits.high).tolist()),
            choices=limits.choices,
            action_space=str(acts),
            observation_space=str(observes),
            places={field.spec.name: field.place for field in self.placed},
            parts=self.observation.parts,
            first_choices=self.actions.first,
            free_actions={
                int(place): (_limit(limits.low[place]), _limit(limits.high[place])) for place in np.flatnonzero(free)
            },
            action_kind=self.actions.kind,
            action_shape=tuple(acts.shape),
            action_dtype=str(acts.dtype),
            notes=tuple(notes),
        )

    def raw(self, envs: Sequence[Any], observations: Sequence[Any], infos: Sequence[Info], rewards: Any) -> Raw:
        """All that fields of n environments are made of at this moment, besides the rows of observations `[n, ...]`."""
        raw: Raw = {"reward": np.asarray(rewards, np.float64)}
        if self.mujoco is not None:
            for name, arrays in self.mujoco.read([_data_of(env) for env in envs]).items():
                raw[f"mujoco/{name}"] = arrays
        for key, shape in (*self.info.shown.items(), *self.info.hidden.items()):
            raw[f"info/{key}"] = _numbers_of(infos, key, tuple(shape))
        if self.own is not None:
            made = [self.own.read(*one) for one in zip(envs, observations, infos, strict=True)]
            raw |= {f"own/{spec.name}": np.stack([one[spec.name] for one in made]) for spec in self.own.specs}
        return raw

    def raw_batch(self, info: Info, rewards: NDArray[Any]) -> Raw:
        """The same of n environments whose `info` is one batch."""
        raw: Raw = {"reward": rewards}
        for key, shape in (*self.info.shown.items(), *self.info.hidden.items()):
            raw[f"info/{key}"] = np.asarray(info[key], np.float64).reshape(len(rewards), *shape)
        return raw

    def fields(self, raw: Arrays, rows: NDArray[Any], after: bool) -> dict[str, NDArray[Any]]:
        """The fields `[..., *shape]` in float32, hidden ones too, of raw arrays `[..., n]` and rows `[..., O]`."""
        fields = {
            field.spec.name: field.of(raw, rows)
            for field in (*self.placed, *self._measured)
            if after or not field.spec.next_state_only
        }
        if after:
            fields[REWARD] = raw["reward"]
        return {name: np.asarray(value, np.float32) for name, value in fields.items()}

    def _placed(self, env: Any) -> Iterator[PlacedField]:
        """The fields that a designer sees, each name once."""
        if self.own is not None:
            yield from (PlacedField(spec, FieldPlace(source="own", key=spec.name)) for spec in self.own.specs)
        else:
            names = set(RESERVED)
            for field in (*self._observation_fields(env), *self._mujoco_fields()):
                named = field
                if field.spec.name in RESERVED:
                    spec = field.spec.model_copy(update={"name": f"observed_{field.spec.name}"})
                    named = PlacedField(spec, field.place)
                if named.spec.name not in names:
                    names.add(named.spec.name)
                    yield named
        yield from (self._info_field(key, shape) for key, shape in self.info.shown.items())

    def _mujoco_fields(self) -> Iterator[PlacedField]:
        if self.mujoco is not None:
            yield from (PlacedField(spec, self.mujoco.places[spec.name]) for spec in self.mujoco.specs)

    def _info_field(self, key: str, shape: tuple[int, ...]) -> PlacedField:
        spec = FieldSpec(
            name=info_field(key), shape=tuple(shape), unit=UNKNOWN, meaning=f"info[{key!r}] of the environment",
            observable=False, next_state_only=key not in self.info.at_reset,
        )  # fmt: skip
        return PlacedField(spec, FieldPlace(source="info", key=key))

    def _observation_fields(self, env: Any) -> Iterator[PlacedField]:
        leaves = self.observation.leaves
        if len(leaves) == 1 and not leaves[0].path and not _is_choice(leaves[0]):
            for index, number in enumerate(documented_numbers(env.unwrapped, self.observation.size)):
                spec = FieldSpec(name=number.name, unit=number.unit, meaning=f"{number.meaning}; observation {index}")
                yield PlacedField(spec, FieldPlace(source="observation", start=index))
            return
        for leaf in leaves:
            name = leaf.name or "choice"
            if _is_choice(leaf):
                meaning = f"which of {leaf.size} states, counted from 0; one-hot in the observation"
                place = FieldPlace(source="choice", start=leaf.start, size=leaf.size)
                yield PlacedField(FieldSpec(name=name, unit="1", meaning=meaning), place)
            else:
                meaning = f"{'.'.join(map(str, leaf.path))} of the observation" + _folded(leaf)
                spec = FieldSpec(name=name, shape=(leaf.size,), unit=UNKNOWN, meaning=meaning)
                yield PlacedField(spec, FieldPlace(source="observation", start=leaf.start, size=leaf.size))

    def _action_in_words(self) -> str:
        choices, free = self.actions.range.choices, self.actions.range.free
        if choices:
            several = (
                f"{len(choices)} choices among {', '.join(map(str, choices))}"
                if len(choices) > 1
                else f"a choice among {choices[0]}"
            )
            names = ""
            if self._action_names and choices == (len(self._action_names),):
                names = f"; 0 to {choices[0] - 1} are {', '.join(self._action_names)}"
            return f"{several} actions, one-hot: action[..., k] is 1 where entry k was chosen, else 0{names}"
        words = "as the environment's action space says; what each entry does is not told"
        if free.any():
            words += f"; entries {np.flatnonzero(free).tolist()} have no limits: a policy begins between about -1 and 1"
        return words


class OwnFields:
    """The fields that a person's function makes.

    Args:
        reference: with `fields`, module:function; `FIELDS` beside the function may declare units and meanings.
    """

    def __init__(self, reference: Reference, env: Any, observes: ObservationSpace) -> None:
        self._name = str(reference.fields)
        self._function = function_of(self._name, "--fields")
        module = import_module(self._name.partition(":")[0], "--fields")
        with said(f"{reference.id} cannot be reset"):
            observation, info = env.reset(seed=0)
        first = self._call(env, observation, info)
        self._shapes = {name: array.shape for name, array in first.items()}
        self.specs = tuple(self._spec(name, getattr(module, "FIELDS", {})) for name in first)

    def read(self, env: Any, observation: Any, info: Any) -> dict[str, NDArray[Any]]:
        """The fields of this moment.

        Raises:
            UsageError: they have other names or shapes than at first.
        """
        made = self._call(env, observation, info)
        shapes = {name: array.shape for name, array in made.items()}
        if shapes != self._shapes:
            raise UsageError(
                f"--fields {self._name} returned {shapes} and at first {self._shapes}.", f"Return {OWN_SHAPE}."
            )
        return made

    def _call(self, env: Any, observation: Any, info: Any) -> dict[str, NDArray[Any]]:
        with said(f"--fields {self._name} raised"):
            made = self._function(env, observation, info)
        try:
            if not made:
                raise TypeError(f"{made!r:.80}")
            arrays = {str(name): np.asarray(value, np.float64) for name, value in dict(made).items()}
        except (TypeError, ValueError) as error:
            message = f"--fields {self._name} returned {type(made).__name__} ({error}), expected {OWN_SHAPE}."
            raise UsageError(
                message, 'For instance {"height": 0.4, "hand": env.hand}; see docs/your-environment.md.'
            ) from error
        wrong = [name for name in arrays if not name.isidentifier() or name in RESERVED]
        if wrong:
            raise UsageError(
                f"--fields {self._name}: {', '.join(map(repr, wrong))} cannot be names of fields.",
                f"Identifiers other than {', '.join(sorted(RESERVED))}.",
            )
        return arrays

    def _spec(self, name: str, declared: Any) -> FieldSpec:
        facts = {"unit": UNKNOWN, "meaning": f"{name}, as {self._name} makes it", **dict(declared.get(name, {}))}
        try:
            return FieldSpec(name=name, shape=self._shapes[name], **facts)
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UsageError(
                f"FIELDS[{name!r}] beside {self._name} is wrong: {reason}.",
                "It may say unit, meaning, frame, components.",
            ) from error


def action_names(bare: Any) -> tuple[str, ...]:
    """What an environment calls its choices: `action_names` of its class, `get_action_meanings()` of Atari's."""
    stated = getattr(bare, "action_names", None)
    tells = getattr(bare, "get_action_meanings", None)
    if stated is None and callable(tells):
        stated = tells()
    if not isinstance(stated, list | tuple) or not all(isinstance(name, str) for name in stated):
        return ()
    return tuple(plain_line(name)[:LONGEST_ACTION] for name in stated)


def info_field(key: str) -> str:
    """The name of the field of a key of `info`."""
    return f"info_{identifier(key)}"


def horizon_of(reference: Reference, env: Any) -> int:
    """Steps until truncation: of the time limit of Gymnasium, of a person, as it was seen to cut them, else 1000."""
    bare, seen = env.unwrapped, reference.info.horizon if reference.info is not None else None
    stated = (
        getattr(getattr(env, "spec", None), "max_episode_steps", None),
        reference.kwargs.get("max_episode_steps"),
        getattr(bare, "max_episode_steps", None),
        getattr(bare, "max_path_length", None),
        seen,
    )
    limit = next((limit for limit in stated if isinstance(limit, int) and limit >= 1), HORIZON)
    return int(limit)


def period_of(env: Any) -> tuple[float, str]:
    """Time between two actions [s] and what tells it; (1.0, "") where nothing does."""
    bare = env.unwrapped
    stated = [(name, getattr(bare, name, None)) for name in ("dt", "tau", "control_timestep")]
    metadata = getattr(bare, "metadata", None) or {}
    rate = metadata.get("render_fps")
    stated.append(("render_fps", 1.0 / rate if isinstance(rate, int | float) and rate > 0 else None))
    for name, period in stated:
        if isinstance(period, int | float) and 0.0 < period < 100.0:
            return float(period), name
    return 1.0, ""


def _limit(bound: float) -> float | None:
    return float(bound) if abs(bound) < WIDEST else None


def _data_of(env: Any) -> Any:
    reached = reach(env)
    assert reached is not None  # it was there when the layout was made
    return reached[1]


def _numbers_of(infos: Sequence[Info], key: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The numbers of a key in each `info` [n, *shape]."""
    try:
        numbers = np.array([info[key] for info in infos], np.float64)
    except (KeyError, TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.shape == (len(infos), *shape) and not np.isnan(numbers).any():
        return numbers
    return np.array([_number_of(info, key, shape) for info in infos])


def _number_of(info: Info, key: str, shape: tuple[int, ...]) -> Any:
    """The numbers of a key; zeros where it is not there, as after a reset."""
    value = info.get(key)
    if shape == () and isinstance(value, bool | int | float):
        return float(value)
    array = numeric(value)
    return array if array is not None and array.shape == shape else np.zeros(shape)


def _is_choice(leaf: Leaf) -> bool:
    return hasattr(leaf.space, "n") and leaf.space.shape == ()


def _folded(leaf: Leaf) -> str:
    shape = leaf.space.shape
    return f", {' x '.join(map(str, shape))} in one row" if len(shape) > 1 else ""
