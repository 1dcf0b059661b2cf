"""The files an MJCF model is made of, copied so that it loads somewhere else exactly as here."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from autoreward.errors import EnvironmentFailedError
from autoreward.ledger.files import write_atomic

FOLDER = "model"
_FILES = ("file", "fileright", "fileleft", "fileup", "filedown", "filefront", "fileback")
_TEXTURES = "texture"


def export_model(directory: Path, model: Path) -> tuple[str, list[Path]]:
    """Copy a model with its includes, meshes, textures and height fields into `directory/model/`.

    Returns:
        The path of the model from `directory`, and the files written.

    Raises:
        EnvironmentFailedError: a file is missing, or is named by an absolute path.
        StorageError: the directory cannot be written.
    """
    files = sorted(set(_files(model.resolve(), model.resolve().parent)))
    root = Path(os.path.commonpath([file.parent for file in files]))
    written = []
    for file in files:
        target = directory / FOLDER / file.relative_to(root)
        write_atomic(target, file.read_bytes())
        written.append(target)
    return f"{FOLDER}/{model.resolve().relative_to(root).as_posix()}", written


def _files(model: Path, base: Path) -> Iterator[Path]:
    """The model, its includes, and the assets of all of them; paths as MuJoCo resolves them, from the main file."""
    trees = {file: _tree(file) for file in _with_includes(model, base)}
    yield from trees
    folders = {"meshdir": "", "texturedir": ""}
    for tree in trees.values():  # the compiler element of a later file replaces an earlier one
        for compiler in tree.iter("compiler"):
            shared = compiler.get("assetdir")
            folders |= {name: shared for name in folders if shared is not None}
            folders |= {name: value for name in folders if (value := compiler.get(name)) is not None}
    for file, tree in trees.items():
        for element in tree.iter():
            if element.tag == "include":
                continue
            folder = folders["texturedir" if element.tag == _TEXTURES else "meshdir"]
            for named in (element.get(attribute) for attribute in _FILES):
                if named:
                    yield _existing(base, Path(folder) / named, file)


def _with_includes(file: Path, base: Path) -> Iterator[Path]:
    yield file
    for include in _tree(file).iter("include"):
        yield from _with_includes(_existing(base, Path(include.get("file", "")), file), base)


def _tree(file: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(file).getroot()
    except ElementTree.ParseError as error:
        raise EnvironmentFailedError(f"{file} is not XML: {error}.") from error


def _existing(base: Path, named: Path, user: Path) -> Path:
    if named.is_absolute():
        raise EnvironmentFailedError(
            f"{user.name} names {named}, an absolute path, so the model cannot be copied.",
            "Name files relative to the model.",
        )
    path = Path(os.path.normpath(base / named))
    if not path.is_file():
        raise EnvironmentFailedError(f"{user.name} names {named}, which is not in {base}.", "Restore the file.")
    return path
