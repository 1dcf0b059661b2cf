"""The append-only table of a run: order, numbers, what is told of text that is no event."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autoreward.errors import StorageError
from autoreward.ledger.events import DATABASE_NAME, EventLog, create_database
from autoreward.records import Record


class Point(Record):
    x: int


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    create_database(tmp_path)
    opened = EventLog(tmp_path)
    yield opened
    opened.close()


def test_events_come_back_in_their_order(log: EventLog) -> None:
    for number, key in enumerate("aba"):
        log.append("point", key, f'{{"x": {number}}}')
    assert [(event.id, event.key) for event in log.events(None, 0)] == [(1, "a"), (2, "b"), (3, "a")]
    assert [event.id for event in log.events("point", 2)] == [3]
    assert log.events("other", 0) == []


def test_the_first_and_the_last_of_a_key(log: EventLog) -> None:
    for number in range(3):
        log.append("point", "a", f'{{"x": {number}}}')
    first, last = log.first("point", "a"), log.last("point", "a")
    assert first is not None and last is not None
    assert (first.record(Point).x, last.record(Point).x) == (0, 2)
    assert log.first("point", "b") is None and log.last("other", "a") is None


def test_the_newest_of_all_or_of_those_that_count(log: EventLog) -> None:
    assert log.newest() is None
    for kind in ("reply", "note", "preference"):
        log.append(kind, "", "{}")
    found = [log.newest(without) for without in ((), ("note", "preference"), ("reply", "note", "preference"))]
    assert [one and one.kind for one in found] == ["preference", "reply", None]


def test_once_keeps_what_is_there(log: EventLog) -> None:
    assert log.append_once("point", "a", '{"x": 1}').data == {"x": 1}
    assert log.append_once("point", "a", '{"x": 2}').data == {"x": 1}
    assert len(log.events(None, 0)) == 1


def test_numbers_count_one_kind_from_one(log: EventLog) -> None:
    log.append("other", "", "{}")
    numbers = [log.append_numbered("point", "a", lambda number: f'{{"x": {number}}}').record(Point).x for _ in range(3)]
    assert numbers == [1, 2, 3]


def test_what_fails_while_it_is_written_leaves_nothing(log: EventLog) -> None:
    def fail(number: int) -> str:
        raise KeyError("nothing")

    with pytest.raises(KeyError):
        log.append_numbered("point", "a", fail)
    assert log.append("point", "a", "{}").id == 1  # the transaction is over


def test_data_is_json_and_of_the_record(log: EventLog) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        log.append("point", "a", "{x")
    event = log.append("point", "a", '{"x": "much"}')
    with pytest.raises(
        StorageError, match=r"Event \d \(point a\)|Event \d of the run \(point a\) is not as it was written: x"
    ):
        event.record(Point)
    with pytest.raises(StorageError, match="is no JSON"):
        event._replace(text="{").data  # noqa: B018


@pytest.mark.parametrize("statement", ["UPDATE events SET key = 'b'", "DELETE FROM events"])
def test_nothing_is_changed_or_removed(log: EventLog, tmp_path: Path, statement: str) -> None:
    log.append("point", "a", "{}")
    other = sqlite3.connect(tmp_path / DATABASE_NAME)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    other.close()


def test_an_event_of_any_size_is_not_read(log: EventLog, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as connection:
        connection.execute(
            "INSERT INTO events (kind, key, created, data) VALUES ('a', '', '', ?)", ('"' + "x" * (65 << 20) + '"',)
        )
        connection.commit()
    with pytest.raises(StorageError, match="too big"):
        log.events("a", 0)


def test_a_database_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    create_database(tmp_path)
    other = sqlite3.connect(tmp_path / DATABASE_NAME)
    other.execute("CREATE VIEW extra AS SELECT * FROM events")
    other.commit()
    other.close()
    with pytest.raises(StorageError, match="defines 'extra' as no run does"):
        EventLog(tmp_path)


@pytest.mark.parametrize("damage", ["no database at all", "a table of somebody else"])
def test_a_database_that_is_refused_is_left_closed(tmp_path: Path, damage: str) -> None:
    path = tmp_path / DATABASE_NAME
    if damage == "no database at all":
        path.write_bytes(damage.encode() * 100)
    else:
        create_database(tmp_path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (x)")
    with pytest.raises(StorageError) as caught:
        EventLog(tmp_path)
    # The error is still held, and with it all that its frames hold.
    held = {str(one.resolve()) for one in Path("/proc/self/fd").iterdir()}
    assert str(path) not in held, caught.value


def test_a_folder_without_a_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Cannot use"):
        EventLog(tmp_path)
