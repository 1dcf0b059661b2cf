"""Files of pairs, written and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from autoreward.critic.property_files import properties_text, read_properties
from autoreward.errors import UsageError
from autoreward.records import Property, PropertyFile, Side

PAIR = Property(better=Side(words="hüpft: hoch", pose={"rootz": (0, 0.4)}), worse=Side(words="steht"), why="hüpfen")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "properties.yaml"
    file.write_text(properties_text(PropertyFile(env="hopper", text="Hüpfe.", pairs=(PAIR,))))
    assert read_properties(file, "hopper") == (PAIR,)
    assert "seconds" not in file.read_text()  # what is usual is left out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pairs: [", "is no YAML file"),
        ("pairs: []", "it has no pairs"),
        ("pears: []", "pears is a name that is not known|pairs is missing"),
        ("pairs: [{better: {words: a}, worse: {words: b, seconds: 2}}]", "do not last equally long"),
        ("env: ant\npairs: [{better: {words: a}, worse: {words: b}}]", "its pairs are for ant, not for hopper"),
        ("pairs: [{better: {words: a, pose: {x: 1, x: 2}}, worse: {words: b}}]", "stands twice"),
        ("- 1", "the whole is .1., expected names with values"),
    ],
)
def test_a_file_that_holds_something_else_says_what(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "pairs.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_properties(file, "hopper")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_properties(tmp_path / "none.yaml", "hopper")
