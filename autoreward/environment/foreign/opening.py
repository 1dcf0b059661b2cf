"""Opens an environment of somebody else, in a process without keys: this one imports nothing of it."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from autoreward import errors, wire
from autoreward.asked_child import ask, start_child
from autoreward.environment.environment import Environment
from autoreward.environment.foreign.facts import ForeignFacts, pack_of
from autoreward.environment.foreign.reference import parse
from autoreward.errors import AutorewardError, EnvironmentFailedError
from autoreward.plain_text import plain
from autoreward.records import EnvSpec, Transitions

DEADLINE = 600.0  # [s] to make it and to run it at random
ANSWER_LIMIT = 1 << 30  # [bytes]
FIELD = "field/"  # begins the names of the fields of episodes
LAST_WORDS = 300  # characters of what a process that died has said


def open_foreign(reference: str) -> Environment:
    """The environment of a reference, with the ranges of its fields in random rollouts.

    Raises:
        UsageError: the reference leads to no environment.
        EnvironmentFailedError: its own code failed, or it is of a kind that cannot be used.
    """
    packet = _asked(reference)
    facts, spec = ForeignFacts.model_validate(packet.data["facts"]), EnvSpec.model_validate(packet.data["spec"])
    arrays = wire.unpack_arrays(packet.parts)
    hidden = {field.name for field in facts.hidden}
    visible = tuple(field for field in spec.fields if field.name not in hidden)

    def of(record: str) -> dict[str, object]:
        return {name.partition("/")[2]: array for name, array in arrays.items() if name.startswith(f"{record}/")}

    return Environment(
        pack=pack_of(facts),
        spec=spec.model_copy(update={"fields": visible}),
        transitions=Transitions(state=of("state"), action=arrays["action"], next_state=of("next_state")),  # type: ignore[arg-type]
        hidden=tuple(field for field in spec.fields if field.name in hidden),
        ends=arrays["ends"],
        steps_a_second=float(packet.data["steps_a_second"]),
    )


def play_foreign(reference: str) -> tuple[tuple[str, ...], dict[str, NDArray[Any]]]:
    """Whole episodes that nobody designed, in a process without keys; see undirected.py.

    Returns:
        The way of each; `valid`, `movement`, and the fields of next_state under names that begin with FIELD.

    Raises:
        EnvironmentFailedError: its own code failed.
    """
    packet = _asked(reference, "play")
    return tuple(packet.data["ways"]), wire.unpack_arrays(packet.parts)


def documentation_of(reference: str) -> str:
    """What the author of an environment wrote of it, without what tells how it pays; "" where nothing was written.

    Raises:
        UsageError: the reference leads to no environment.
        EnvironmentFailedError: its own code failed.
    """
    return plain(str(_asked(reference, "document").data["documentation"]))


def _asked(reference: str, kind: str = "open") -> wire.Packet:
    """The answer of the process that opens it.

    Raises:
        UsageError, EnvironmentFailedError: what the process says, or that it ended.
    """
    name = parse(reference).id
    child = start_child("autoreward.environment.foreign.opening_worker")
    try:
        reply = ask(child, wire.encode({"kind": kind, "reference": reference}), DEADLINE, ANSWER_LIMIT)
    except TimeoutError:
        raise EnvironmentFailedError(
            f"{name} was not open within {DEADLINE:.0f} s.", "Make it faster to make, reset and step."
        ) from None
    packet = reply.packet
    if packet is None:
        tail = " ".join(" ".join(reply.lines).split())[-LAST_WORDS:]
        raise EnvironmentFailedError(
            f"{name}: the process that opened it ended with status {reply.code}: {tail}",
            "Its own code ended it: make and step it in a Python of your own first.",
        )
    if "error" in packet.data:
        raise _same(packet.data["error"])
    return packet


def _same(told: dict[str, str]) -> AutorewardError:
    """The error of the process, as the same kind."""
    kind = getattr(errors, told["type"], EnvironmentFailedError)
    error: AutorewardError = kind.__new__(kind)
    AutorewardError.__init__(error, told["message"], told["remedy"])
    return error
