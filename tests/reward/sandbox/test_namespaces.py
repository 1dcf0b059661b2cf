"""What a program sees: allowed members, fields that remember who read them, and loops that end."""

from __future__ import annotations

import pytest

from autoreward.reward.arrays import Engine, NumpyEngine, plain
from autoreward.reward.language import grammar
from autoreward.reward.sandbox.jax_engine import JaxEngine
from autoreward.reward.sandbox.namespaces import (
    ContractViolation,
    FieldRecord,
    Namespace,
    fields_read,
    forget_loops,
    nearest_fields,
    program_globals,
)


@pytest.mark.parametrize("engine", [NumpyEngine(5), JaxEngine()])
def test_jnp_is_what_it_stands_for_and_no_more(engine: Engine) -> None:
    names = program_globals(engine)
    assert names["jnp"] is names["np"] and float(plain(names["jnp"].exp(0.0))) == 1.0
    assert set(names) == {"__builtins__", "jnp", "np", "math"}
    assert "open" not in names["__builtins__"] and "abs" in names["__builtins__"]
    with pytest.raises(ContractViolation, match=r"jnp\.save is not part of the reward language"):
        _ = names["jnp"].save


def test_a_namespace_is_read_only() -> None:
    namespace = Namespace("math", {"pi": 3.14})
    with pytest.raises(ContractViolation, match=r"math\.pi is assigned"):
        namespace.pi = 3
    assert namespace.pi == 3.14


def test_a_record_remembers_what_was_read() -> None:
    record = FieldRecord("state", {"height": 1, "speed": 2})
    assert record.speed == 2 and fields_read(record) == {"speed"}
    with pytest.raises(ContractViolation) as violation:
        _ = record.heigth
    assert violation.value.rule == "contract.unknown_field"
    assert violation.value.remedy == "Fields: height, speed."
    with pytest.raises(ContractViolation, match="records are read only"):
        record.speed = 3
    assert fields_read(record) == {"speed"}


def test_the_nearest_fields_come_first() -> None:
    assert nearest_fields("torso_hight", ["speed", "torso_height"]) == "Fields: torso_height, speed."
    assert nearest_fields("x", []) == "Fields: ."


def test_one_loop_and_all_loops_end() -> None:
    names = program_globals(NumpyEngine(5))
    turns = names["__builtins__"]["range"]
    assert list(turns(1, 7, 2)) == [1, 3, 5]
    for bounds in ((grammar.LOOP_LIMIT + 1,), (10**30,)):
        with pytest.raises(ContractViolation, match="loops of more than"):
            turns(*bounds)
    forget_loops(names)
    for _ in range(grammar.LOOP_TOTAL_LIMIT // grammar.LOOP_LIMIT):
        turns(grammar.LOOP_LIMIT)
    with pytest.raises(ContractViolation, match="in all"):
        turns(grammar.LOOP_LIMIT)
    forget_loops(names)
    turns(grammar.LOOP_LIMIT)
