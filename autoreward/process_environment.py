"""The environment of the process, which no other file reads: folders, keys of providers, cores, what a child gets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from autoreward.errors import ConfigError

# What a child process keeps: where programs, libraries and devices are. No key of any provider is among them.
_WORKER_VARIABLES = frozenset(
    (
        "PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DISPLAY", "MUJOCO_GL",
        "PYOPENGL_PLATFORM",
    )
)  # fmt: skip
# For somebody else's environment: no window opens, no sound plays.
WITHOUT_WINDOWS = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
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


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_variables(environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """The environment of this process, where not another one is given."""
    return os.environ if environ is None else environ


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
    environ = process_variables(environ)
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
    environ = process_variables(environ)
    for name in ("OPENAI_BASE_URL", "OLLAMA_HOST"):
        refuse_credentials(environ.get(name), name)
    return ModelEnvironment(
        openai_api_key=(environ.get("OPENAI_API_KEY") or "").strip() or None,
        openai_base_url=environ.get("OPENAI_BASE_URL") or None,
        ollama_host=environ.get("OLLAMA_HOST") or None,
        secrets=known_secrets(environ),
    )


def known_secrets(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The keys and tokens of the environment, by the names of their variables: they are cut out of every text."""
    environ = process_variables(environ)
    secrets = {value.strip() for name, value in environ.items() if name.upper().endswith(_SECRET_ENDINGS)}
    return tuple(sorted(secrets - {""}))


def gl_backends(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The GL backends to try for drawing off-screen: the one of MUJOCO_GL, else all that need no screen."""
    environ = process_variables(environ)
    chosen = environ.get("MUJOCO_GL")
    return (chosen.lower(),) if chosen else _GL_BACKENDS


def prepare_litellm() -> None:
    """Keep the import of litellm from fetching its table of prices over the network."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


def worker_environment(environ: Mapping[str, str] | None = None, **changes: str) -> dict[str, str]:
    """The environment of a child that needs the machine but no secret: an allow-list, then `changes`."""
    environ = process_variables(environ)
    kept = {
        name: value for name, value in environ.items() if name in _WORKER_VARIABLES or name.startswith(_WORKER_PREFIXES)
    }
    path = _import_path(kept.pop("PYTHONPATH", ""))
    # PYTHONSAFEPATH does for the children of the child what `child_command` does for it.
    return {**kept, **({"PYTHONPATH": path} if path else {}), "PYTHONSAFEPATH": "1", **changes}


def tracking_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child that writes for Weights & Biases: offline, and then without a key.

    Where a person has set `WANDB_MODE=online` its own variables go along, no other provider's.
    """
    environ = process_variables(environ)
    mode = environ.get("WANDB_MODE") or "offline"
    names = (
        ("WANDB_API_KEY", "WANDB_BASE_URL", "WANDB_ENTITY", "WANDB_PROJECT") if mode == "online" else ("WANDB_PROJECT",)
    )
    own = {"WANDB_PROJECT": "autoreward", **{name: environ[name] for name in names if environ.get(name)}}
    return worker_environment(environ, WANDB_MODE=mode, WANDB_SILENT="true", WANDB_ERROR_REPORTING="false", **own)


def child_command(*arguments: str) -> list[str]:
    """How every child with Python in it is started: a file of the working folder takes the place of no module in it."""
    return [sys.executable, "-P", *arguments]


def _import_path(text: str) -> str:
    """PYTHONPATH without the working folder, which an empty entry means, and which stands for no module of ours."""
    entries = [entry for entry in text.split(os.pathsep) if os.path.normpath(entry) != os.curdir]
    return os.pathsep.join(str(Path(entry).absolute()) for entry in entries)


def refuse_credentials(url: str | None, origin: str) -> None:
    """An address is stored with the run and shown; a user name, password or key in it would be too."""
    try:
        parts = urlsplit(url or "")
    except ValueError as error:
        raise ConfigError(f"{origin}: the address {url!r} cannot be read ({error}).") from None
    if "@" in parts.netloc or parts.query:
        message = f"{origin}: the address of the server holds a user name, a password or a key (it is not shown here)."
        raise ConfigError(message, "Give the bare address, and the key in OPENAI_API_KEY: keys are never stored.")
