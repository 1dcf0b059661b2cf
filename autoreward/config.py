"""Settings: frozen, layered, every key known.

A value comes from the first of these that has it:

    flag  >  --set KEY=VALUE  >  AUTOREWARD_SECTION__NAME  >  the task's own settings  >  ./autoreward.yaml
      >  [tool.autoreward] in ./pyproject.toml  >  user configuration (~/.config/autoreward/config.yaml)  >  default

A key is written in full (`design.candidates`) or by its last part (`candidates`): no two sections share a name.
Keys of providers are no settings: they are read from the environment and never stored.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from autoreward.errors import ConfigError, UsageError
from autoreward.input_files import parse_yaml, read_text
from autoreward.process_environment import config_directory, process_variables, refuse_credentials
from autoreward.records import DEVICE_SIZES, Algo, Device, OffPolicySettings, PPOSettings, Tier
from autoreward.written_numbers import read_count, read_seconds

PROJECT_FILE = "autoreward.yaml"
RANK_EXAMPLE = "forward 0.5 > effort 0.1"
FACTOR = re.compile(r"\s*(-?)\s*([A-Za-z]\w*)\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)?\s*")  # of a rank
ENVIRONMENT_PREFIX = "AUTOREWARD_"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _written(read: Callable[[str], float]) -> BeforeValidator:
    """Takes a number in the words that people use for it, in every layer; numbers pass as they are."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


Count = Annotated[int, _written(read_count)]
Seconds = Annotated[float, _written(read_seconds)]  # [s]


class DesignSettings(_Section):
    """How much is searched."""

    candidates: int = Field(default=8, ge=1, le=64)  # a generation
    generations: int = Field(default=5, ge=1, le=100)
    seeds: int = Field(default=3, ge=1, le=32)  # a candidate
    n_timesteps: Count = Field(default=300_000, ge=1)  # environment steps a member
    final_seeds: int = Field(default=5, ge=1, le=64)  # fresh seeds of the winner and the baselines
    evaluation_episodes: int = Field(default=10, ge=1)  # a seed
    seed: int = Field(default=0, ge=0)
    metric_drafts: int = Field(default=8, ge=1, le=32)  # of a success metric, where a text alone is given
    metric_questions: int = Field(default=3, ge=0, le=3)  # about a text that can be read in several ways
    properties: int = Field(default=10, ge=0, le=12)  # tests of meaning that a language model writes; 0: none
    critic: Literal["off", "llm"] = "off"  # llm: reads programs against the text, warns only
    analyst: Literal["off", "llm"] = "off"  # llm: reads the tables of trajectories, says causes and proposals
    # STARC distance (survival included) of a candidate to each before it, below which another is asked for; 0: any
    distinct: float = Field(default=0.0, ge=0, lt=1)
    repairs: int = Field(default=2, ge=0, le=5)  # times a refused candidate goes back with its findings
    target: float | None = None  # success the winner must reach
    # who chooses parent and result; both: people, among those that the metric does not put far behind the best
    select: Literal["metric", "people", "both"] = "metric"
    synthetic_preferences: bool = False  # the metric answers in the place of people, to measure what choosing does
    # candidates beyond these generations, the best programs with numbers of an optimiser's, in whole generations
    tune_weights: int = Field(default=0, ge=0, le=1024)
    # by which rules it is chosen what prompts show, from which candidates the next start, and which is the result
    method: Literal["ours", "eureka", "text2reward", "revolve", "random", "archive"] = "ours"
    track: Literal["none", "tensorboard", "wandb"] = "none"  # where a run is shown too, once a sitting has ended
    clips: bool = True  # draw the best of each generation, in the background
    race: int = Field(default=0, ge=0, le=128)  # further trainings of one seed a generation, to those that can still be
    # best, and the size of all its populations; 0: every candidate has the same seeds
    halving: bool = False  # stop the worse half of a generation's candidates after a third of the training
    shaping_only: bool = False  # design only a potential on top of the task's progress
    algo: Algo = "ppo"  # what policies learn by; the others are stable-baselines3's, a process a member
    share_experience: bool = False  # of the others: members of one seed learn from the steps of all of them
    # where weights come from: the program, the progress of episodes, a ranking, the task's own progress
    combine: Literal["fixed", "episodic", "ranked", "aligned"] = "fixed"
    combine_model: Literal["linear", "network"] = "linear"  # what is learned of episodes or a ranking
    rank: str | None = None  # "forward > upright 0.2 > effort": terms, and margins in standard deviations
    # drafts of the first program that a language model writes for combine = episodic, of which it makes one; 0: none
    factor_drafts: int = Field(default=5, ge=0, le=16)
    adapt: bool = False  # weights move within a factor of 4 of the program's while its members train
    require: tuple[str, ...] = ()  # what policies have to keep to: "torso_pitch <= 0.3 in 95 %"

    @model_validator(mode="after")
    def _ranks_what_is_ranked(self) -> DesignSettings:
        if self.rank and self.combine != "ranked":
            raise ValueError("rank is read by combine = ranked alone: set that too, or leave rank out")
        if self.combine_model == "network" and self.combine in ("fixed", "aligned"):
            raise ValueError("combine_model = network goes with combine = episodic or ranked: set one of these")
        wrong = [part.strip() for part in (self.rank or "").split(">") if self.rank and not FACTOR.fullmatch(part)]
        if wrong:
            raise ValueError(f"rank has {wrong[0]!r:.60}: write terms, each with a margin if you like ({RANK_EXAMPLE})")
        return self

    @model_validator(mode="after")
    def _learns_alone(self) -> DesignSettings:
        if not self.learns_weights:
            return self
        if self.shaping_only:
            raise ValueError("with shaping_only no term is paid, so combine and adapt have nothing to weight")
        if self.halving:
            raise ValueError("halving stops members before what combine or adapt learns can show: set one of them")
        if self.adapt and self.combine != "fixed":
            raise ValueError("adapt moves the weights of the program, combine replaces them: set one of them")
        if self.combine == "ranked" and not self.rank:
            raise ValueError("combine = ranked needs a rank, as in rank = 'forward > upright > effort'")
        if self.algo != "ppo":
            raise ValueError("combine and adapt learn between the rollouts of ppo: leave algo out")
        return self

    @model_validator(mode="after")
    def _charges_terms(self) -> DesignSettings:
        if not self.require:
            return self
        if self.shaping_only:
            raise ValueError("with shaping_only no term is paid that require could be charged beside: set one of them")
        if self.halving:
            raise ValueError("halving stops members by their success alone, require asks for more: set one of them")
        if self.algo != "ppo":
            raise ValueError("require is charged between the rollouts of ppo: leave algo out")
        return self

    @property
    def learns_weights(self) -> bool:
        """Whether weights change while policies train."""
        return self.combine != "fixed" or self.adapt

    @property
    def ranked_terms(self) -> tuple[str, ...]:
        """The names in the rank, in its order."""
        found = (FACTOR.fullmatch(part) for part in (self.rank or "").split(">"))
        return tuple(one[2] for one in found if one is not None)

    @property
    def tuning_generations(self) -> int:
        """Generations of the optimiser, which follow those of the designer."""
        return -(-self.tune_weights // self.candidates)

    @model_validator(mode="after")
    def _weights_to_tune(self) -> DesignSettings:
        if self.tune_weights and self.shaping_only:
            raise ValueError("shaping_only has no weights to tune: leave tune_weights out")
        return self

    @model_validator(mode="after")
    def _race_or_halving(self) -> DesignSettings:
        if self.race and self.halving:
            raise ValueError("race and halving are two ways to spend the same steps: set one of them")
        return self

    @model_validator(mode="after")
    def _ppo_or_not(self) -> DesignSettings:
        if self.algo == "ppo" and self.share_experience:
            raise ValueError("share_experience needs a buffer, which PPO has not: set algo to sac, td3 or dqn")
        if self.algo != "ppo" and self.halving:
            raise ValueError(f"halving stops members of PPO's population: leave it out with algo {self.algo}")
        return self

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> DesignSettings:
        if self.method != "ours" and (self.race or self.select != "metric"):
            other = "race" if self.race else f"select={self.select}"
            raise ValueError(f"method={self.method} and {other} are two ways to choose: set one of them")
        return self


class ModelSettings(_Section):
    """Which designer, and how it is asked."""

    model: str | None = None  # "compose", "openai/gpt-5", ...; None: a key, a local server, else compose
    base_url: str | None = None
    temperature: float = Field(default=1.0, ge=0)
    request_timeout: Seconds = Field(default=600.0, gt=0)  # [s], one request in total
    outage_budget: Seconds = Field(default=1800.0, ge=0)  # [s] of failing requests before the run stops
    reader_patience: Seconds = Field(default=60.0, gt=0)  # [s] for judge, critic and analyst, then the run goes on
    max_output_tokens: Count = Field(default=16_384, ge=64)  # of one reply, thoughts included
    judge: str | None = None  # a model that looks at clips of the best, "openai/gpt-5"; it never enters fitness
    ask: Literal["candidate", "generation"] = "candidate"  # what one request asks for
    parallel_requests: int = Field(default=8, ge=1)
    confirm_above: float = Field(default=1.0, ge=0)  # [USD]


class BudgetSettings(_Section):
    """When to stop early. None: no limit."""

    max_cost: float | None = Field(default=None, ge=0)  # [USD]
    max_tokens: Count | None = Field(default=None, ge=0)
    max_time: Seconds | None = Field(default=None, ge=0)  # [s]
    max_steps: Count | None = Field(default=None, ge=0)  # environment steps of training


class Settings(_Section):
    """Everything that can be set."""

    design: DesignSettings = DesignSettings()
    llm: ModelSettings = ModelSettings()
    budget: BudgetSettings = BudgetSettings()
    ppo: PPOSettings = PPOSettings()
    off_policy: OffPolicySettings = OffPolicySettings()
    runs: str = "runs"  # where run folders are made
    device: Device = "auto"
    require_isolation: Tier = "basic"  # reward programs run in this tier or better, or not at all

    @model_validator(mode="before")
    @classmethod
    def _forget_executor(cls, data: Any) -> Any:
        """Older runs stored a setting that did nothing."""
        return {key: value for key, value in data.items() if key != "executor"} if isinstance(data, Mapping) else data


# --- Layers ---------------------------------------------------------------------------------------------

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


# --- The layers -----------------------------------------------------------------------------------------


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
