"""Reads the layers of the settings and lays them over one another, with the origin of every value."""

from __future__ import annotations

import tomllib
from collections import ChainMap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from autoreward.config import LoadedSettings, Settings, flatten, setting_defaults, setting_key
from autoreward.errors import ConfigError, UsageError
from autoreward.input_files import read_text

ENVIRONMENT_PREFIX = "AUTOREWARD_"


class _Written(BaseSettings):
    """Settings as they stand in one place, any keys; in a `pyproject.toml` they have a table of their own."""

    model_config = SettingsConfigDict(pyproject_toml_table_header=("tool", "autoreward"))


class Layer(InitSettingsSource):
    """Values from one place, with keys in full, and the origin of each.

    Args:
        origin: the place, for a person.
        written: values by key as it was written there, nested or not.
        origins: by key as it was written, where one name for the place is not exact enough.
    """

    def __init__(self, origin: str, written: Mapping[str, Any], origins: Mapping[str, str] | None = None) -> None:
        nested: dict[str, Any] = {}
        self.origins: dict[str, str] = {}
        for name, value in flatten(written):
            place = (origins or {}).get(name, origin)
            key = setting_key(name, place)
            section, dot, last = key.rpartition(".")
            (nested.setdefault(section, {}) if dot else nested)[last] = value
            self.origins[key] = place
        super().__init__(_Written, nested)


def join_layers(layers: Sequence[Layer]) -> LoadedSettings:
    """The settings of all layers, the one of highest rank first.

    Raises:
        ConfigError: a wrong value, with its origin.
    """

    class LayeredSettings(BaseSettings, Settings):
        model_config = SettingsConfigDict(frozen=True, extra="forbid")

        @classmethod
        def settings_customise_sources(cls, *_: Any, **__: Any) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(layers)  # and nothing of what pydantic-settings would read by itself

    origins = ChainMap(*(layer.origins for layer in layers), dict.fromkeys(setting_defaults(), "default"))
    try:
        layered = LayeredSettings()
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
        message = f"{origins.get(key, 'setting')}: {key} is {first['input']!r}."
        raise ConfigError(message, f"{first['msg']}.") from error
    return LoadedSettings(Settings(**dict(layered)), dict(origins))


def assignments_layer(texts: Sequence[str]) -> Layer:
    """What `KEY=VALUE` texts of `--set` say; of two for one key, the later one counts.

    Raises:
        ConfigError: an unknown key, or a text without a value.
    """
    values = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {text!r} has no value.", "Write --set KEY=VALUE, as in --set ppo.num_envs=8.")
        values[key.strip()] = _read_value(value)
    return Layer("--set", values)


def variables_layer(environ: Mapping[str, str]) -> Layer:
    """What the variables AUTOREWARD_SECTION__NAME and AUTOREWARD_NAME say.

    The source of pydantic-settings for variables would pass over the ones that name no setting.

    Raises:
        ConfigError: a variable names no setting.
    """
    names = {
        name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", "."): name
        for name in environ
        if name.startswith(ENVIRONMENT_PREFIX)
    }
    return Layer("environment", {key: _read_value(environ[name]) for key, name in names.items()}, names)


def file_layer(path: Path) -> Layer:
    """What a file of settings says, a `pyproject.toml` in its table [tool.autoreward]; nothing where there is none.

    Raises:
        ConfigError: an unknown key, or the file cannot be read.
    """
    source = PyprojectTomlConfigSettingsSource if path.suffix == ".toml" else YamlConfigSettingsSource
    cure = "It has to hold settings by name, as in `design: {candidates: 4}`, in a pyproject.toml in [tool.autoreward]."
    try:
        if path.exists():
            read_text(path)  # refuses a pipe and what is too large, before pydantic-settings opens it
        written = source(_Written, path)()
    except (UsageError, yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", cure) from error
    except (AttributeError, TypeError, ValueError) as error:  # as pydantic-settings takes what is no mapping
        raise ConfigError(f"{path} holds no settings by name.", cure) from error
    return Layer(str(path), written)


def _read_value(text: str) -> Any:
    """What YAML makes of the text; numbers like 3e5 too, which YAML reads as text."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
