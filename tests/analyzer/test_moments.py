"""The key moments of trajectories made for them, and of near misses. One step is 0.1 s, an episode 40 steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from autoreward.records import EnvSpec, FieldSpec, MemberResult, Moment, TrajectoryTable
from tests.analyzer.conftest import analyze_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tables = Callable[..., TrajectoryTable]
STEPS = 40


def _still_from(row: int) -> NDArray[Any]:
    """0.05 m a step until a row, then nothing."""
    return 0.05 * np.minimum(np.arange(STEPS), row)


def _from(row: int, height: float = 1.0, until: int = STEPS) -> NDArray[Any]:
    rows = np.arange(STEPS)
    return height * ((rows >= row) & (rows < until))


@pytest.fixture
def table(env: EnvSpec, member: Callable[..., MemberResult]) -> Tables:
    """The table of one trajectory with one moving field, other fields, and what two terms paid."""

    def make(
        tilt: NDArray[Any], others: Mapping[str, tuple[FieldSpec, NDArray[Any]]] | None = None,
        go: NDArray[Any] | None = None, cost: NDArray[Any] | None = None, terminated: bool = False,
    ) -> TrajectoryTable:  # fmt: skip
        extra = others or {}
        extended = env.model_copy(update={"fields": (*env.fields, *(field for field, _ in extra.values()))})
        fields = {"tilt": tilt, **{name: array for name, (_, array) in extra.items()}}
        fields["time"] = 0.1 * np.arange(1, len(tilt) + 1)
        fields["terminated"] = np.float32(terminated) * (np.arange(len(tilt)) == len(tilt) - 1)
        zero = np.zeros(len(tilt))
        fields["terms"] = np.stack([zero if go is None else go, zero if cost is None else cost], axis=1)
        arrays = {f"c/0/trajectory/best/{name}": np.asarray(array, np.float32) for name, array in fields.items()}
        arrays |= {f"c/0/{name}": np.float32([[1.0, 1.0]]) for name in ("term_mean", "term_low", "term_high")}
        (found,) = analyze_arrays("c", {"go": 1.0, "cost": -2.0}, [member()], arrays, extended, 4).trajectories
        return found

    return make


def _one(table: TrajectoryTable, name: str) -> Moment | None:
    return next((moment for moment in table.moments if moment.name == name), None)


TOUCH = FieldSpec(name="touch", shape=(2,), unit="N", meaning="force", components=("left", "right"))


def test_first_contact_is_the_first_force_of_any_sensor(table: Tables) -> None:
    forces = np.stack([_from(9, 3.0), _from(7, 5.0)], axis=1)
    found = _one(table(_still_from(STEPS), {"touch": (TOUCH, forces)}), "first_contact")
    assert found is not None
    assert (found.start, found.end, found.what) == (pytest.approx(0.8), pytest.approx(0.8), "touch.right")


@pytest.mark.parametrize(
    ("name", "unit", "height"),
    [
        ("touch", "N", 0.0),  # a sensor that never feels anything
        ("contact_distance", "m", 1.0),  # how far it is
        ("contact_time", "s", 1.0),  # how long it lasts
        ("foot_position", "m", 1.0),
        ("contactless_charge", "1", 1.0),
    ],
)
def test_a_contact_is_not_made_up(table: Tables, name: str, unit: str, height: float) -> None:
    field = FieldSpec(name=name, unit=unit, meaning="m")
    assert _one(table(_still_from(STEPS), {name: (field, _from(7, height))}), "first_contact") is None


def test_best_and_worst_second(table: Tables) -> None:
    # go pays 1 in steps 10 ... 19; cost is 1 in steps 25 ... 29 and pays -2 each
    found = table(_still_from(STEPS), go=_from(10, 1.0, 20), cost=_from(25, 1.0, 30))
    best, worst = _one(found, "best_second"), _one(found, "worst_second")
    assert best is not None and worst is not None
    assert (best.start, best.end, best.time) == (pytest.approx(1.0), pytest.approx(2.0), pytest.approx(1.6))
    assert (best.income, best.what) == (pytest.approx(10.0), "go")
    # The first second with all five: steps 20 ... 29.
    assert (worst.start, worst.end, worst.time) == (pytest.approx(2.0), pytest.approx(3.0), pytest.approx(2.6))
    assert (worst.income, worst.what) == (pytest.approx(-10.0), "cost")


def test_no_best_second_where_all_are_equal_or_there_are_no_two(table: Tables) -> None:
    assert _one(table(_still_from(STEPS), go=_from(0)), "best_second") is None
    assert _one(table(_still_from(STEPS)[:19], go=_from(10)[:19]), "best_second") is None
    assert _one(table(_still_from(STEPS)[:20], go=_from(10)[:20]), "best_second") is not None


def test_plateau(table: Tables) -> None:
    found = _one(table(_still_from(27)), "plateau")  # row 27 is 2.8 s; 1.2 of 4 s remain
    assert found is not None
    assert (found.start, found.end) == (pytest.approx(2.8), pytest.approx(4.0))


def test_a_pause_is_no_plateau(table: Tables) -> None:
    assert _one(table(_still_from(30)), "plateau") is None  # 0.9 s at the end
    pause = _still_from(20) + 0.05 * np.maximum(np.arange(STEPS) - 35, 0)  # rows 20 ... 35, then it goes on
    assert _one(table(pause), "plateau") is None


def test_small_motion_and_clocks_do_not_end_a_plateau(table: Tables) -> None:
    # 1 % of the 1 rad of random motion is 0.01
    trembling = _still_from(20) + 0.004 * (-1.0) ** np.arange(STEPS)
    clock = FieldSpec(name="upright_time", unit="s", meaning="how long it has been upright")
    assert _one(table(trembling, {"upright_time": (clock, np.arange(STEPS) / 10)}), "plateau") is not None
    assert _one(table(3.0 * trembling), "plateau") is None  # now 0.024


def test_terminated(table: Tables) -> None:
    found = _one(table(_still_from(STEPS), terminated=True), "terminated")
    assert found is not None and found.start == pytest.approx(4.0)
    assert _one(table(_still_from(STEPS)), "terminated") is None


def test_key_moments_stand_in_the_table_in_order_of_time(table: Tables) -> None:
    found = table(_still_from(27), go=_from(10, 1.0, 20), cost=_from(22, 1.0, 27), terminated=True)
    names = [moment.name for moment in found.moments]
    assert names == ["best_second", "worst_second", "plateau", "terminated"]
    times = [row[0] for row in found.rows]
    assert all(any(moment.time == pytest.approx(time) for time in times) for moment in found.moments)
    assert times == sorted(times) and len(times) <= 8
    assert (times[0], times[-1]) == (pytest.approx(0.1), pytest.approx(4.0))


def test_income_in_the_parts_of_an_episode(table: Tables) -> None:
    found = table(_still_from(STEPS), go=np.arange(STEPS), cost=_from(39))
    go, cost = found.income
    # 40 steps in ten parts of four: 0 + 1 + 2 + 3 = 6, then 16 more a part
    assert go.parts == pytest.approx([6 + 16 * part for part in range(10)])
    assert cost.parts == pytest.approx([0.0] * 9 + [-2.0])
    assert found.part_ends == pytest.approx([0.4 * part for part in range(1, 11)])


def test_a_short_episode_has_as_many_parts_as_steps(table: Tables) -> None:
    found = table(_still_from(STEPS)[:3], go=np.array([1.0, 2.0, 4.0]))
    assert found.income[0].parts == (1.0, 2.0, 4.0)
