"""Only regular files of a sensible size are read; everything else ends in a sentence, and nothing is waited for."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import pytest
import yaml

from autoreward.cli.main import main
from autoreward.errors import UsageError
from autoreward.input_files import TEXT_LIMIT, parse_yaml, read_input, read_text


def make_special(kind: str, path: Path) -> Path:
    """Something that is no regular file, or too large to read."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)  # which has to be short
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(3 << 30)  # sparse: takes no room on the disk
    return path


SPECIAL = ("pipe", "socket", "device", "folder", "large", "missing")


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_refused_before_it_is_read(kind: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the_file"):
        read_input(make_special(kind, tmp_path / "the_file"))


def test_a_file_up_to_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 10)
    assert read_input(path, 10) == b"x" * 10
    with pytest.raises(UsageError, match="has 10 bytes; at most 9"):
        read_input(path, 9)
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="UTF-8"):
        read_text(path)
    with pytest.raises(UsageError, match="null"):
        read_input(Path("a\0b"))


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "FILE", "--env", "inverted_pendulum"),
        ("train", "FILE", "--env", "inverted_pendulum/balance"),
        ("design", "--env", "inverted_pendulum", "stand", "--model", "compose", "--metric", "FILE"),
        ("design", "--env", "inverted_pendulum/balance", "--model", "compose", "--seed-reward", "FILE"),
        ("design", "FILE"),
        ("reply", "last", "FILE"),
    ],
    ids=["check", "train", "metric", "seed reward", "task file", "reply"],
)
def test_every_command_says_so_with_exit_2(
    arguments: tuple[str, ...], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    name = "the_file.yaml" if arguments == ("design", "FILE") else "the_file.py"
    make_special(kind, tmp_path / name)
    assert main([name if one == "FILE" else one for one in arguments]) == 2
    said = capsys.readouterr().err
    assert name in said, said
    assert TEXT_LIMIT < 3 << 30


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_a_yaml_text_is_nested_only_so_deep(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="nested more than"):
        parse_yaml(text)
    assert parse_yaml("[" * 50 + "]" * 50) is not None


def test_a_part_of_a_yaml_text_stands_for_itself_only() -> None:
    """With parts that stand for others a small file makes a value larger than any memory."""
    assert parse_yaml("a: [1, {b: two}]") == {"a": [1, {"b": "two"}]}
    with pytest.raises(yaml.YAMLError, match="stands for another"):
        parse_yaml("a: &one [1]\nb: *one\n")
    bomb = "".join(f"k{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 30))
    with pytest.raises(yaml.YAMLError, match="stands for another"):
        parse_yaml("k0: &a0 [1]\n" + bomb)


def test_a_name_stands_once() -> None:
    assert parse_yaml("a: {b: 1}\nc: [{b: 2}, {b: 3}]") == {"a": {"b": 1}, "c": [{"b": 2}, {"b": 3}]}
    for text in ("a: 1\nb: 2\na: 3", "c: [{b: 2, b: 3}]"):
        with pytest.raises(yaml.YAMLError, match="stands twice in one place"):
            parse_yaml(text)
