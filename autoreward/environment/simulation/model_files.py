"""The files that a model is made of, as MuJoCo finds them.

Where a name leads (`meshdir`, `strippath`, includes, attached models with their own folders) is for MuJoCo to decide.
It loads the model from a place where every path leads to links only; a file without one there is one that it asks for.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import mujoco

from autoreward.environment.simulation.model import BINARY, read_model
from autoreward.errors import EnvironmentFailedError

_TEXTS = (".xml", ".mjcf", ".urdf")
_MISSING = re.compile(r"Error opening file '([^']*)'")


def find_files(model: Path) -> list[Path]:
    """Every file that MuJoCo opens to load `model`, the model too, as sorted absolute paths.

    Raises:
        EnvironmentFailedError: MuJoCo cannot load the model, or it names a file by an absolute path.
    """
    model = normal_path(model)
    read_model(model)
    if model.suffix.lower() == BINARY:
        return [model]
    with tempfile.TemporaryDirectory(prefix="autoreward-model-") as folder:
        mirror = _Mirror(Path(folder).resolve(), model)
        while missing := mirror.missing():
            mirror.add(missing)
        mirror.check_relative()
        return sorted(mirror.files)


class _Mirror:
    """A folder with links to the files of a model, each at its own path below it."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder, self.model, self.files = folder, model, set[Path]()
        self.included = {normal_path(Path(file)) for file in _dependencies(model)}
        self.spec = mujoco.MjSpec.from_file(str(model))
        self.assets = _asset_names(self.spec)
        for file in {model, *self.included}:
            if file.is_file() and file.suffix.lower() in _TEXTS:
                self.add(file)
        for name in self.assets:
            if found := self._find(name):
                self.add(found)

    def add(self, file: Path) -> None:
        """Put a link to a file at its place."""
        place = self._place(file)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file)
        self.files.add(file)

    def missing(self) -> Path | None:
        """A file that MuJoCo asks for and that is not there yet; None when it has all."""
        try:
            read_model(self._place(self.model))
        except EnvironmentFailedError as error:
            asked = _MISSING.search(error.message)
            found = self._find(asked.group(1)) if asked else None
            if found is None:
                raise EnvironmentFailedError(
                    error.message.replace(str(self.folder), ""), "Name files relative to the model."
                ) from error
            return found
        return None

    def check_relative(self) -> None:
        """Refuse a file that is found although its link is gone: an absolute path leads to it.

        Raises:
            EnvironmentFailedError: there is one.
        """
        absolute = [] if self.spec.strippath else [name for name in self.assets if self._is_absolute(name)]
        absolute += [str(file) for file in sorted(self.files & self.included) if self._is_bypassed(file)]
        if absolute:
            raise EnvironmentFailedError(
                f"{self.model.name} names {absolute[0]} by an absolute path, so the model cannot be copied.",
                "Name files relative to the model.",
            )

    def _is_bypassed(self, file: Path) -> bool:
        """Whether an included file is read from its absolute path, not from its link."""
        if file == self.model or file.suffix.lower() not in _TEXTS:
            return False
        return self._is_read_elsewhere(file)

    def _is_absolute(self, name: str) -> bool:
        """Whether an asset is read from an absolute path; MuJoCo writes out relative ones of included files too."""
        file = normal_path(Path(name))
        return Path(name).is_absolute() and (file not in self.files or self._is_read_elsewhere(file))

    def _is_read_elsewhere(self, file: Path) -> bool:
        """Whether MuJoCo finds a file although its link is gone."""
        self._place(file).unlink()
        try:
            return self.missing() is None
        except EnvironmentFailedError:
            return False
        finally:
            self._place(file).symlink_to(file)

    def _find(self, name: str) -> Path | None:
        """The file that a name means: seen from the model, or from a file that it includes or attaches."""
        given = [name.removeprefix(str(self.folder)), *([Path(name).name] if self.spec.strippath else [])]
        bases = [self.model.parent, *sorted({file.parent for file in self.files})]
        folders = (self.spec.meshdir, self.spec.texturedir, "")
        for place in (base / folder / one for base in bases for folder in folders for one in given):
            file = normal_path(place)
            if file.is_file() and not self._place(file).exists():
                return file
        return None

    def _place(self, file: Path) -> Path:
        return self.folder / file.relative_to(file.anchor)


def normal_path(path: Path) -> Path:
    """An absolute path without `..`; links in it stay, as files beside them are meant."""
    return Path(os.path.normpath(path.absolute()))


def _asset_names(spec: mujoco.MjSpec) -> list[str]:
    """The files of meshes, height fields, skins and textures, as the model names them."""
    parts = [*spec.meshes, *spec.hfields, *spec.skins, *spec.textures]
    named = [part.file for part in parts] + [file for one in spec.textures for file in one.cubefiles]
    return sorted({name for name in named if name})


def _dependencies(model: Path) -> list[str]:
    """MuJoCo's own listing; of assets it does not always know the folder, so only what is included is taken from it."""
    try:
        return list(mujoco.mju_getXMLDependencies(str(model)))
    except (ValueError, RuntimeError, UnicodeDecodeError):  # the model loads all the same: the mirror finds them
        return []
