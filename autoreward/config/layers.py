"""Where settings come from: layers, every key known.

A value comes from the first of these that has it:

    flag  >  --set KEY=VALUE  >  AUTOREWARD_SECTION__NAME  >  the task's own settings  >  ./autoreward.yaml
      >  [tool.autoreward] in ./pyproject.toml  >  user configuration (~/.config/autoreward/config.yaml)  >  default

A key is written in full (`design.candidates`) or by its last part (`candidates`): no two sections share a name.
"""

from __future__ import annotations

import difflib
import tomllib
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

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

from autoreward.config.settings import Settings
from autoreward.errors import ConfigError, UsageError
from autoreward.input_files import parse_yaml, read_text
from autoreward.process_environment import config_directory, process_variables, refuse_credentials
from autoreward.records import DEVICE_SIZES, Tier

PROJECT_FILE = "autoreward.yaml"
ENVIRONMENT_PREFIX = "AUTOREWARD_"
DEFAULT = "default"  # the origin of what nobody has set
FLAG, ARGUMENT, SET = "flag", "argument", "--set"  # origins: an option of its own, an argument in Python, --set


@dataclass(frozen=True)
class LoadedSettings:
    """Settings, and for each key (`design.candidates`) where its value came from."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    sets: Sequence[str] = (),
    task: Mapping[str, Any] | None = None,
    directory: Path | None = None,
    environ: Mapping[str, str] | None = None,
    origin: str = FLAG,
) -> LoadedSettings:
    """The settings of all layers together.

    Args:
        flags: by key; None means that the flag was not given.
        sets: `KEY=VALUE` texts of `--set`, later ones first in rank; a value is read as YAML.
        task: settings that the task declares.
        directory: where `autoreward.yaml` and `pyproject.toml` are looked for; the working directory.
        environ: the environment of the process, where not another one is given.
        origin: where the flags are from: `ARGUMENT` where a program gives them.

    Raises:
        ConfigError: an unknown key (the nearest known one is named), a wrong value, an unreadable file.
    """
    environ = process_variables(environ)
    directory = directory or Path()
    files = (directory / PROJECT_FILE, directory / "pyproject.toml", config_directory(environ) / "config.yaml")
    own = [
        Layer(origin, {key: value for key, value in (flags or {}).items() if value is not None}),
        assignments_layer(sets),
        variables_layer(environ),
    ]
    kept = [file_layer(path) for path in files]
    loaded = join_layers([*own, Layer("task", _not_weaker(task or {}, join_layers([*own, *kept]).settings)), *kept])
    refuse_credentials(loaded.settings.llm.base_url, loaded.origins["llm.base_url"])
    return hold_on_devices(loaded)


def hold_on_devices(loaded: LoadedSettings) -> LoadedSettings:
    """The same, where sizes of a training that a person has set hold on a GPU too, where they are chosen else."""
    chosen = {
        f"ppo.{device_name}": f"ppo.{name}"
        for name, device_name in DEVICE_SIZES.items()
        if loaded.origins[f"ppo.{name}"] != DEFAULT and loaded.origins[f"ppo.{device_name}"] == DEFAULT
    }
    ppo = loaded.settings.ppo
    update = {key.partition(".")[2]: getattr(ppo, name.partition(".")[2]) for key, name in chosen.items()}
    settings = loaded.settings.model_copy(update={"ppo": ppo.model_copy(update=update)})
    return LoadedSettings(settings, {**loaded.origins, **{key: loaded.origins[name] for key, name in chosen.items()}})


def _not_weaker(task: Mapping[str, Any], without: Settings) -> Mapping[str, Any]:
    """The settings of a task file, which may be somebody else's: it may require more isolation, never less."""
    name = "require_isolation"
    strongest_first: Sequence[Any] = get_args(Tier)
    wanted = task.get(name)
    own = strongest_first.index(without.require_isolation)
    weaker = wanted in strongest_first and strongest_first.index(wanted) > own
    return {key: value for key, value in task.items() if key != name} if weaker else task


def setting_key(written: str, origin: str = "setting") -> str:
    """The full key of a setting: `candidates`, `design.candidates` -> `design.candidates`.

    Raises:
        ConfigError: there is none of this name; the nearest one is named.
    """
    wanted = written.replace("-", "_")
    known = setting_defaults()
    matches = [key for key in known if key == wanted or key.rpartition(".")[2] == wanted]
    if len(matches) == 1:
        return matches[0]
    last = wanted.rpartition(".")[2]
    by_name = {key.rpartition(".")[2]: key for key in known}
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6) or [
        by_name[name] for name in difflib.get_close_matches(last, by_name, n=1, cutoff=0.6)
    ]
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ConfigError(f"{origin}: there is no setting {written!r}.", f"{hint}Known: {', '.join(known)}.")


def setting_values(settings: Settings) -> dict[str, Any]:
    """Every setting by its full key, in the order of the models."""
    return dict(flatten(settings.model_dump()))


def setting_defaults() -> dict[str, Any]:
    """Every key with its default, in the order of the models."""
    return setting_values(Settings())


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in nested settings, with its key: `design.candidates`."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


# --- Single layers ----------------------------------------------------------------------------------------


class _AnyKeys(BaseSettings):
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
        super().__init__(_AnyKeys, nested)


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

    origins = ChainMap(*(layer.origins for layer in layers), dict.fromkeys(setting_defaults(), DEFAULT))
    try:
        layered = LayeredSettings()
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
        expected = first["msg"].removeprefix("Value error, ")
        if isinstance(first["input"], Mapping):  # several that do not go together
            seen, _, cure = expected.partition(": ")
            raise ConfigError(f"{_sentence(seen)}", _sentence(cure)) from error
        who = _as_written(origins.get(key, "setting"), key, first["input"])
        raise ConfigError(f"{who}.", _sentence(expected)) from error
    return LoadedSettings(Settings(**dict(layered)), dict(origins))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


def _as_written(origin: str, key: str, value: Any) -> str:
    """A value in the words in which it was given: `--seeds 0`, `seeds=0`, `--set ppo.num_envs=0`."""
    name = key.rpartition(".")[2]
    if origin == FLAG:
        return f"--{name.replace('_', '-')} {value} cannot be used"
    if origin == ARGUMENT:
        return f"{name}={value!r} cannot be used"
    return f"--set {key}={value} cannot be used" if origin == SET else f"{origin}: {key} is {value!r}"


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
    return Layer(SET, values)


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
            text = read_text(path)  # refuses a pipe and what is too large, before pydantic-settings opens it
            if path.suffix != ".toml":
                parse_yaml(text)  # refuses what grows when it is read
        written = source(_AnyKeys, path)()
    except (UsageError, yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", cure) from error
    except (AttributeError, TypeError, ValueError) as error:  # as pydantic-settings takes what is no mapping
        raise ConfigError(f"{path} holds no settings by name.", cure) from error
    return Layer(str(path), written)


def _read_value(text: str) -> Any:
    """What YAML makes of the text; numbers like 3e5 too, which YAML reads as text."""
    try:
        value = parse_yaml(text)
    except yaml.YAMLError:
        return text
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
