"""Settings: frozen, layered, every key known. The only file that reads the environment of the process.

A value comes from the first of these that has it:

    flag  >  --set KEY=VALUE  >  AUTOREWARD_SECTION__NAME  >  the task's own settings  >  ./autoreward.yaml
      >  [tool.autoreward] in ./pyproject.toml  >  user configuration (~/.config/autoreward/config.yaml)  >  default

A key is written in full (`design.candidates`) or by its last part (`candidates`): no two sections share a name.
Keys of providers are no settings: they are read from the environment and never stored.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from autoreward.errors import ConfigError
from autoreward.records import Device, PPOSettings, Tier

PROJECT_FILE = "autoreward.yaml"
# What a child process keeps: where programs, libraries and devices are. No key of any provider is among them.
_WORKER_VARIABLES = frozenset(
    (
        "PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DISPLAY", "MUJOCO_GL",
        "PYOPENGL_PLATFORM",
    )
)  # fmt: skip
_SECRET_ENDINGS = ("_API_KEY", "_TOKEN", "_SECRET", "_SECRET_KEY", "_ACCESS_KEY", "_PASSWORD")
_GL_BACKENDS = ("egl", "osmesa")  # that draw without a screen, the faster one first
_WORKER_PREFIXES = (
    "LC_",
    "XDG_",
    "PYTHON",
    "JAX_",
    "XLA_",
    "CUDA_",
    "NVIDIA_",
    "TF_CPP_",
    "OMP_",
    "OPENBLAS_",
    "MKL_",
    "MESA_",
    "EGL_",
)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DesignSettings(_Section):
    """How much is searched."""

    candidates: int = Field(default=8, ge=1, le=64)  # a generation
    generations: int = Field(default=5, ge=1, le=100)
    seeds: int = Field(default=3, ge=1, le=32)  # a candidate
    n_timesteps: int = Field(default=300_000, ge=1)  # environment steps a member
    final_seeds: int = Field(default=5, ge=1, le=64)  # fresh seeds of the winner and the baselines
    evaluation_episodes: int = Field(default=10, ge=1)  # a seed
    seed: int = Field(default=0, ge=0)
    repairs: int = Field(default=2, ge=0, le=5)  # times a refused candidate goes back with its findings
    target: float | None = None  # success the winner must reach
    clips: bool = True  # draw the best of each generation, in the background
    halving: bool = False  # stop the worse half of a generation's candidates after a third of the training
    shaping_only: bool = False  # design only a potential on top of the task's sparse progress


class ModelSettings(_Section):
    """Which designer, and how it is asked."""

    model: str | None = None  # "compose", "openai/gpt-5", ...; None: a key, a local server, else compose
    base_url: str | None = None
    temperature: float = 1.0
    request_timeout: float = Field(default=600.0, gt=0)  # [s], one request in total
    outage_budget: float = Field(default=1800.0, ge=0)  # [s] of failing requests before the run stops
    max_output_tokens: int = Field(default=16_384, ge=64)  # of one reply, thoughts included
    ask: Literal["candidate", "generation"] = "candidate"  # what one request asks for
    parallel_requests: int = Field(default=8, ge=1)
    confirm_above: float = 1.0  # [USD]


class BudgetSettings(_Section):
    """When to stop early. None: no limit."""

    max_cost: float | None = None  # [USD]
    max_tokens: int | None = None
    max_time: float | None = None  # [s]
    max_steps: int | None = None  # environment steps of training


class Settings(_Section):
    """Everything that can be set."""

    design: DesignSettings = DesignSettings()
    llm: ModelSettings = ModelSettings()
    budget: BudgetSettings = BudgetSettings()
    ppo: PPOSettings = PPOSettings()
    runs: str = "runs"  # where run folders are made
    device: Device = "auto"
    require_isolation: Tier = "basic"  # reward programs run in this tier or better, or not at all

    @model_validator(mode="before")
    @classmethod
    def _forget_executor(cls, data: Any) -> Any:
        """Older runs stored a setting that did nothing."""
        return {key: value for key, value in data.items() if key != "executor"} if isinstance(data, Mapping) else data


# --- Layers ---------------------------------------------------------------------------------------------


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
) -> LoadedSettings:
    """The settings of all layers together.

    Args:
        flags: by key; None means that the flag was not given.
        sets: `KEY=VALUE` texts of `--set`, later ones first in rank; a value is read as YAML.
        task: settings that the task declares.
        directory: where `autoreward.yaml` and `pyproject.toml` are looked for; the working directory.
        environ: the environment of the process, where not another one is given.

    Raises:
        ConfigError: an unknown key (the nearest known one is named), a wrong value, an unreadable file.
    """
    # Only who loads settings pays for the import of pydantic-settings.
    from autoreward.setting_layers import Layer, assignments_layer, file_layer, join_layers, variables_layer

    environ = os.environ if environ is None else environ
    directory = directory or Path()
    files = (directory / PROJECT_FILE, directory / "pyproject.toml", config_directory(environ) / "config.yaml")
    loaded = join_layers(
        [
            Layer("flag", {key: value for key, value in (flags or {}).items() if value is not None}),
            assignments_layer(sets),
            variables_layer(environ),
            Layer("task", task or {}),
            *map(file_layer, files),
        ]
    )
    _refuse_credentials(loaded.settings.llm.base_url, loaded.origins["llm.base_url"])
    return loaded


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


def _refuse_credentials(url: str | None, origin: str) -> None:
    """An address is stored with the run and shown; a user name, password or key in it would be too."""
    try:
        parts = urlsplit(url or "")
    except ValueError as error:
        raise ConfigError(f"{origin}: the address {url!r} cannot be read ({error}).") from None
    if "@" in parts.netloc or parts.query:
        message = f"{origin}: the address of the server holds a user name, a password or a key (it is not shown here)."
        raise ConfigError(message, "Give the bare address, and the key in OPENAI_API_KEY: keys are never stored.")


# --- The environment of the process ---------------------------------------------------------------------


def config_directory(environ: Mapping[str, str] | None = None) -> Path:
    """Where the user's configuration lies: $XDG_CONFIG_HOME/autoreward, ~/.config/autoreward."""
    return _xdg("XDG_CONFIG_HOME", ".config", environ)


def cache_directory(environ: Mapping[str, str] | None = None) -> Path:
    """Where what can be made again is kept: $XDG_CACHE_HOME/autoreward, ~/.cache/autoreward."""
    return _xdg("XDG_CACHE_HOME", ".cache", environ)


def compilation_cache_directory() -> Path:
    """Where JAX keeps compiled programs: JAX's own variable, else a folder of the cache directory."""
    chosen = os.environ.get("JAX_COMPILATION_CACHE_DIR")
    return Path(chosen) if chosen else cache_directory() / "jax"


def _xdg(variable: str, below_home: str, environ: Mapping[str, str] | None) -> Path:
    environ = os.environ if environ is None else environ
    base = environ.get(variable)
    return (Path(base) if base else Path(environ.get("HOME") or Path.home()) / below_home) / "autoreward"


@dataclass(frozen=True)
class ModelEnvironment:
    """What the environment says about LLM providers. Never stored, never given to a child process."""

    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    ollama_host: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)  # of all providers: what no text may hold


def model_environment(environ: Mapping[str, str] | None = None) -> ModelEnvironment:
    """The standard variables of the providers, as they are now; an empty one counts as not set."""
    environ = os.environ if environ is None else environ
    for name in ("OPENAI_BASE_URL", "OLLAMA_HOST"):
        _refuse_credentials(environ.get(name), name)
    return ModelEnvironment(
        openai_api_key=(environ.get("OPENAI_API_KEY") or "").strip() or None,
        openai_base_url=environ.get("OPENAI_BASE_URL") or None,
        ollama_host=environ.get("OLLAMA_HOST") or None,
        secrets=known_secrets(environ),
    )


def known_secrets(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys and tokens of the environment, by the names of their variables: they are cut out of every text."""
    environ = os.environ if environ is None else environ
    found = {value.strip() for name, value in environ.items() if name.upper().endswith(_SECRET_ENDINGS)}
    return tuple(sorted(found - {""}))


def gl_backends(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The GL backends to try for drawing off-screen: the one of MUJOCO_GL, else all that need no screen."""
    environ = os.environ if environ is None else environ
    chosen = environ.get("MUJOCO_GL")
    return (chosen.lower(),) if chosen else _GL_BACKENDS


def prepare_litellm() -> None:
    """Keep the import of litellm from fetching its table of prices over the network."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


def worker_environment(environ: Mapping[str, str] | None = None, **changes: str) -> dict[str, str]:
    """The environment of a child that needs the machine but no secret: an allow-list, then `changes`."""
    environ = os.environ if environ is None else environ
    kept = {
        name: value for name, value in environ.items() if name in _WORKER_VARIABLES or name.startswith(_WORKER_PREFIXES)
    }
    path = _import_path(kept.pop("PYTHONPATH", ""))
    # PYTHONSAFEPATH does for the children of the child what `child_command` does for it.
    return {**kept, **({"PYTHONPATH": path} if path else {}), "PYTHONSAFEPATH": "1", **changes}


def child_command(*arguments: str) -> list[str]:
    """How every child with Python in it is started: a file of the working folder takes the place of no module in it."""
    return [sys.executable, "-P", *arguments]


def _import_path(text: str) -> str:
    """PYTHONPATH without the working folder, which an empty entry means, and which stands for no module of ours."""
    entries = [entry for entry in text.split(os.pathsep) if os.path.normpath(entry) != os.curdir]
    return os.pathsep.join(str(Path(entry).absolute()) for entry in entries)
